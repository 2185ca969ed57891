"""Mails to one person each: looked through, and those that did not simply go put right, one or many at a time."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from taskforce.accounts.models import User
from taskforce.audit.watching import WatchedAdmin
from taskforce.core import staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence, title_text
from taskforce.notifications import rules as states
from taskforce.notifications import services
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.services import Report
from taskforce.portal import mailing_names, outbox, rules, sealed

staff_columns.called(OutboxMessage, sealed.name)

# More than this nobody reads: the rest is told by number and reason.
_SHOWN = 100
NAMES = {
    states.RELEASE: gettext_lazy("Release from the hold"),
    states.REQUEUE: gettext_lazy("Send again (failed ones)"),
    states.AS_SENT: gettext_lazy("Settle as sent (unknown ones)"),
    states.AS_FAILED: gettext_lazy("Settle as failed (unknown ones)"),
}
# The same on the page of one mail, whose state is known.
ONE = {
    states.RELEASE: gettext_lazy("Release from the hold"),
    states.REQUEUE: gettext_lazy("Send again"),
    states.AS_SENT: gettext_lazy("Settle as sent"),
    states.AS_FAILED: gettext_lazy("Settle as failed"),
}
WHAT_HAPPENS = {
    states.RELEASE: gettext_lazy("goes with the next pass, in spite of the hold"),
    states.REQUEUE: gettext_lazy("is queued once more, under the same Message-ID"),
    states.AS_SENT: gettext_lazy("counts as sent, and does not go again"),
    states.AS_FAILED: gettext_lazy("counts as failed; after that it can be sent again"),
}


class _OfMailing(admin.SimpleListFilter):
    """The mails of one mailing: the newest ones to choose from."""

    title = gettext_lazy("Mailing")
    parameter_name = "mailing"
    _NEWEST = 10

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The newest, and the one that is chosen."""
        mine = outbox.scoped(Mailing.objects.order_by("-pk"), request.user)
        found = {row.pk: row for row in mine[: self._NEWEST]}
        chosen = self.used_parameters.get(self.parameter_name) or request.GET.get(self.parameter_name, "")
        if str(chosen).isdecimal() and len(str(chosen)) < 19:
            found |= {row.pk: row for row in mine.filter(pk=int(chosen))}
        return [(str(row.pk), staff_columns.name_of(row)) for row in mailing_names.with_abouts(found.values())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the chosen one."""
        chosen = self.value() or ""
        known = chosen.isdecimal() and len(chosen) < 19
        return queryset.filter(mailing_id=int(chosen)) if known else queryset


class OutboxAdmin(ReadOnlyAdmin):
    """Rows of one's own task forces, for those who may decide about mail."""

    change_list_template = "admin/notifications/list.html"
    # The newest first: whoever looks here has just sent something.
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The gate: what is not in here answers 404."""
        return outbox.scoped(super().get_queryset(request), request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Coordinators, deputies, administrators."""
        return rules.may_anywhere(request.user)[0]


def _action(name: str) -> Callable[..., HttpResponse | None]:
    """The list's action: a page that says what will happen, then the act."""

    def run(model_admin: "OutboxMessageAdmin", request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return model_admin.act(request, name, chosen)

    run.__name__ = name
    run.short_description = NAMES[name]  # type: ignore[attr-defined]  # where Django's actions keep their name
    return run


def _toggle() -> SafeString:
    return format_html('<input type="checkbox" id="action-toggle" aria-label="{}">', _("Choose all on this page"))


@admin.register(OutboxMessage)
class OutboxMessageAdmin(WatchedAdmin, OutboxAdmin):
    """Mails to one person each."""

    watched = "mail"
    list_display = ("mailbox_shown", "state", "kind", "language", "error_shown", "created_at")
    list_filter = ("state", "language", "kind", "mail_class", _OfMailing)
    list_per_page = 50
    search_fields = ("mailbox", "message_id")
    fields = (
        "kind", "mail_class", "mailbox_shown", "language", "state", "attempts", "error_shown", "message_id",
        "created_at", "valid_until", "sent_at", "released_at", "mailing",
    )  # fmt: skip
    change_form_template = "admin/notifications/mail.html"
    actions = [_action(name) for name in NAMES]

    @admin.display(description=gettext_lazy("Mailbox"), ordering=sealed.ordered_by("mailbox"))
    def mailbox_shown(self, obj: OutboxMessage) -> str:
        """To whom it went, but for what is sealed."""
        return sealed.mailbox(obj)

    @admin.display(description=gettext_lazy("Error"), ordering=sealed.ordered_by("error"))
    def error_shown(self, obj: OutboxMessage) -> str:
        """What went wrong, but for what is sealed."""
        return sealed.error(obj)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """With the reader's zone, where that says nothing of somebody who stays unnamed."""
        is_open = isinstance(obj, OutboxMessage) and obj.kind not in sealed.KINDS
        lines = list(super().get_fields(request, obj))
        zone = staff_columns.shown(OutboxMessage, "zone")
        return [*lines[:4], zone, *lines[4:]] if is_open else lines

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By mailbox and Message-ID; what is sealed by its Message-ID alone."""
        found, is_doubled = super().get_search_results(request, queryset, search_term)
        return sealed.found(found, search_term), is_doubled

    @admin.display(description=lazy(_toggle, SafeString)())
    def action_checkbox(self, obj: OutboxMessage) -> SafeString:
        """The box that chooses a mail, named as people call it: Django would read out its key."""
        words = _("Choose: %(mail)s") % {"mail": title_text(staff_columns.name_of(obj))}
        return format_html(
            '<input type="checkbox" class="action-select" name="{}" value="{}" aria-label="{}">',
            ACTION_CHECKBOX_NAME, obj.pk, words,
        )  # fmt: skip

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One mail, with what can be done to it."""
        found = self.get_object(request, object_id) if object_id else None
        open_acts = []
        if found is not None:
            at = app_now()
            judged = [(name, services.judge(name, [found], at=at)[0][1]) for name in NAMES]
            open_acts = [(name, ONE[name], WHAT_HAPPENS[name]) for name, why in judged if not why]
        context = {"open_acts": open_acts, "mail": found, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def act(self, request: HttpRequest, name: str, chosen: QuerySet[Any]) -> HttpResponse | None:
        """The page that lists what will happen to each mail and why not; with its form sent, the act and its report."""
        rules.require(rules.may_anywhere(request.user))
        is_sent = request.POST.get("confirmed") == "yes"
        refusal: Invalid | None = None
        if is_sent:
            shown = request.POST.get("up_to", "")
            upper = int(shown) if shown.isdecimal() and len(shown) < 19 else 0
            try:
                self._report(request, self._done(request, name, chosen.filter(pk__lte=upper)))
            except Invalid as error:
                refusal = error
            else:
                return None
        return self._confirm(request, name, chosen, refusal)

    def _done(self, request: HttpRequest, name: str, chosen: QuerySet[Any]) -> Report:
        assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
        ids = list(chosen.order_by().values_list("pk", flat=True))
        reason = request.POST.get("reason", "")
        by = request.user.pk
        return services.act(name, ids, reason=reason, at=app_now(), actor_id=by, allow=rules.still_may(by))

    def _confirm(self, request: HttpRequest, name: str, chosen: QuerySet[Any], refusal: Invalid | None) -> HttpResponse:
        mails = list(chosen.select_related("mailing").order_by("-pk"))
        # What will happen stands first: whoever is in a hurry reads no further.
        judged = sorted(services.judge(name, mails, at=app_now()), key=lambda one: bool(one[1]))
        possible = sum(not why for _mail, why in judged)
        context = {
            **self.admin_site.each_context(request),
            "title": NAMES[name],
            "opts": self.opts,
            "action": name,
            "what_happens": WHAT_HAPPENS[name],
            "judged": judged[:_SHOWN],
            "more": max(0, len(judged) - _SHOWN),
            "possible": possible,
            "impossible": len(judged) - possible,
            "why_not": _counted(judged),
            "checkbox": ACTION_CHECKBOX_NAME,
            # All that were chosen; where everything that matches was, one stands for it, as in Django's own pages.
            "ids": [mail.pk for mail in (mails[:1] if request.POST.get("select_across") == "1" else mails)],
            "looks_up": states.FROM[name] == MessageState.UNKNOWN,
            "select_across": request.POST.get("select_across", "0"),
            "up_to": mails[0].pk if mails else 0,
            "reason": request.POST.get("reason", ""),
            "refusal": refusal,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/notifications/confirm.html", context, status=status)

    def _report(self, request: HttpRequest, report: Report) -> None:
        """What was done, and what not and why, each reason once with its number."""
        if report.done:
            words = ngettext("Done with %(total)s mail.", "Done with %(total)s mails.", report.done)
            messages.success(request, sentence(words, total=number(report.done)))
        for why, count in _counted(report.refused):
            words = ngettext("Not done with %(total)s mail: %(why)s", "Not done with %(total)s mails: %(why)s", count)
            messages.warning(request, sentence(words, total=number(count), why=why))
        if not report.done and not report.refused:
            messages.warning(request, _("None of these mails is there any more."))


def _counted(judged: list[tuple[OutboxMessage, str]]) -> list[tuple[str, int]]:
    """Each reason against it, with how many mails it holds for."""
    found: dict[str, int] = {}
    for _mail, why in judged:
        if why:
            found[why] = found.get(why, 0) + 1
    return list(found.items())
