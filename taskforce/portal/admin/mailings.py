"""Mails to many: how far each is in each language, what it says, and the brake."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.announcements import notices as announcements
from taskforce.announcements.models import Announcement
from taskforce.core import languages, side_by_side, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, PortalError
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import NOTHING, isolated, sentence
from taskforce.notifications import previews, services
from taskforce.notifications import rules as states
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.portal import mailing_names, outbox, rules
from taskforce.portal.admin.mails import OutboxAdmin
from taskforce.timeline.admin import kept
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Bulletin
from taskforce.timeline.queries import reach
from taskforce.timeline.queries.brake import can_be_stopped
from taskforce.timeline.services import bulletins

_ON_THE_WAY = (MessageState.QUEUED, MessageState.SENDING)
# What staff call the state of a mailing; once all its mails are written, it is theirs.
_STATES = {
    MailingState.QUEUED: MailingState.QUEUED.label,
    MessageState.SENDING: MessageState.SENDING.label,
    MessageState.SENT: MessageState.SENT.label,
    MailingState.FAILED: MailingState.FAILED.label,
    MailingState.SUPERSEDED: MailingState.SUPERSEDED.label,
    MailingState.EXPIRED: MailingState.EXPIRED.label,
    MailingState.STOPPED: MailingState.STOPPED.label,
}

staff_columns.called(Mailing, mailing_names.full_name)


class _State(admin.SimpleListFilter):
    """By the state as the column calls it."""

    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The words of the column."""
        return [(str(code), words) for code, words in _STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the chosen state."""
        chosen = self.value()
        if chosen in (MessageState.SENDING, MessageState.SENT):
            return queryset.filter(state=MailingState.EXPANDED, is_on_the_way=chosen == MessageState.SENDING)
        return queryset.filter(state=chosen) if chosen in _STATES else queryset


class _Named(ChangeList):
    """A page of the list, its rows' subjects read together."""

    def get_results(self, request: HttpRequest) -> None:
        """As Django's."""
        super().get_results(request)
        self.result_list = mailing_names.with_abouts(self.result_list)


@admin.register(Mailing)
class MailingAdmin(OutboxAdmin):
    """Mails to many."""

    list_display = ("named", "task_force_shown", "state_shown", "created_at", "stopped_at", "error")
    list_filter = (_State, "kind")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mailing]:
        """The gate, with whether mails of each are still on their way."""
        way = OutboxMessage.objects.filter(mailing=OuterRef("pk"), state__in=_ON_THE_WAY)
        found: QuerySet[Mailing] = super().get_queryset(request)
        return found.annotate(is_on_the_way=Exists(way))

    @admin.display(description=gettext_lazy("Mailing"), ordering="pk")
    def named(self, obj: Mailing) -> SafeString:
        """Its kind, what it is about, and its number, since many are of one kind."""
        return isolated(mailing_names.short_name(obj))

    @admin.display(description=gettext_lazy("Task force"), ordering="task_force_id")
    def task_force_shown(self, obj: Mailing) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return isolated(mailing_names.about_of(obj).task_force or NOTHING)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list, which knows at once what all its rows are about."""
        return _Named

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_shown(self, obj: Any) -> str:
        """Where it stands for its readers."""
        return _state_name(obj, is_on_the_way=obj.is_on_the_way)

    def get_urls(self) -> list[URLPattern]:
        """The pages of the acts beside the stock ones."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/stop/", wrap(self.stop_view), name="notifications_mailing_stop"),
            path("<int:pk>/release/", wrap(self.release_view), name="notifications_mailing_release"),
            path("<int:pk>/requeue/", wrap(self.requeue_view), name="notifications_mailing_requeue"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A page of our own: there is nothing to change, and more to see than fields."""
        mailing = self.get_object(request, object_id or "")
        progress = _progress(mailing)
        # The reader's own language if somebody got it in that, else one in which somebody did.
        written = [code for code, _name, _numbers, _total in progress["by_language"]]
        own = get_language() or side_by_side.SOURCE
        language = side_by_side.chosen_language(request, own if own in written or not written else written[0])
        shown = previews.of_mailing(mailing, language)
        context = {
            **progress,
            "state": _state_name(mailing, is_on_the_way=progress["ended"] < progress["written"]),
            "mail": shown.mail,
            "kept_note": kept.note(mailing, shown, app_now()),
            "language": language,
            "languages": languages.OWN_NAMES.items(),
            "topic": dict(Topic.choices).get(mailing.topic, mailing.topic),
            "corrections": mailing_names.with_abouts(mailing.corrections.all()),
            **self._brake(request, mailing),
            "may_requeue": states.may_requeue(mailing, app_now())[0],
            "is_held": outbox.is_held(),
        }
        return self._page(request, "mailing", mailing, **context)

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What stopping will do, and the act."""
        mailing = self._found(request, pk)
        refusal = None
        if request.method == "POST":
            in_daily = reach.of(mailing, app_now()).in_daily
            try:
                taken_back = _stop(request, mailing)
            except PortalError as error:
                refusal = error
            else:
                _say_what_stopped(request, taken_back, in_daily)
                return self._back(mailing)
        title = _("Stop this mailing")
        context = {**_progress(mailing), **self._brake(request, mailing)}
        return self._page(request, "stop", mailing, title=title, refusal=refusal, **context)

    def release_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Release what a hold keeps of this mailing: how many, and the act."""
        mailing = self._found(request, pk)
        waiting = mailing.messages.filter(state=MessageState.QUEUED, released_at=None)
        refusal = None
        if request.method == "POST":
            try:
                done = self._release(request, list(waiting.values_list("pk", flat=True)))
            except PortalError as error:
                refusal = error
            else:
                words = ngettext("%(total)s mail is released.", "%(total)s mails are released.", done)
                messages.success(request, sentence(words, total=number(done)))
                return self._back(mailing)
        context: dict[str, Any] = {
            "refusal": refusal,
            "waiting": waiting.count(),
            "is_held": outbox.is_held(),
            "reason": request.POST.get("reason", ""),
        }
        return self._page(request, "release", mailing, title=_("Release this mailing from the hold"), **context)

    def requeue_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try once more what could not be written: what went wrong, a reason, and the act."""
        mailing = self._found(request, pk)
        refusal = None
        if request.method == "POST":
            try:
                _requeue(request, mailing)
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("It is tried again with the next pass."))
                return self._back(mailing)
        context: dict[str, Any] = {
            "refusal": refusal,
            "at_field": isinstance(refusal, Invalid),
            "why_not": states.may_requeue(mailing, app_now())[1],
            "reason": request.POST.get("reason", ""),
        }
        return self._page(request, "requeue", mailing, title=_("Try again"), **context, **_progress(mailing))

    def _release(self, request: HttpRequest, ids: list[int]) -> int:
        assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
        reason = request.POST.get("reason", "")
        by = request.user.pk
        return services.act(
            states.RELEASE, ids, reason=reason, at=app_now(), actor_id=by, allow=rules.still_may(by)
        ).done

    def _brake(self, request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
        """Whether anything of it can still be kept back; where everything has gone, where a correction is written."""
        at = app_now()
        found = reach.of(mailing, at)
        may_stop, text = can_be_stopped(mailing, at, found), _text_of(mailing)
        return {
            "reach": found,
            "may_stop": may_stop,
            "only_daily": may_stop and bool(found.in_daily) and not found.at_once,
            "is_gone": mailing.state == MailingState.EXPANDED and not may_stop,
            "text_url": self._address(request, text) if text else "",
        }

    def _found(self, request: HttpRequest, pk: int) -> Mailing:
        """What one may not see is not there; what one may see and not act on is refused with the reason."""
        mailing: Mailing | None = self.get_queryset(request).filter(pk=pk).first()
        if mailing is None:
            raise Http404
        rules.require(rules.may(request.user, mailing.task_force_id))
        return mailing

    def _back(self, mailing: Mailing) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:notifications_mailing_change", args=[mailing.pk]))

    def _page(
        self, request: HttpRequest, name: str, mailing: Mailing, *, refusal: PortalError | None = None, **shown: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": staff_columns.name_of(mailing),
            "mailing_name": staff_columns.name_of(mailing),
            "opts": self.opts,
            "mailing": mailing,
            "refusal": refusal,
            **shown,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/notifications/{name}.html", context, status=status)


def _stop(request: HttpRequest, mailing: Mailing) -> int:
    """Stop it by its own door: a mail that staff wrote has a state of its own, which must not fall behind."""
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    bulletin = Bulletin.objects.filter(mailing_id=mailing.pk).first()
    if bulletin is None:
        by = request.user.pk
        return services.stop_mailing(mailing.pk, at=app_now(), actor_id=by, allow=rules.still_may(by))
    bulletins.stop(bulletin.pk, actor=request.user)
    return mailing.messages.filter(state=MessageState.SUPERSEDED).count()


def _say_what_stopped(request: HttpRequest, taken_back: int, in_daily: int) -> None:
    words = ngettext("Stopped: %(total)s mail was taken back.", "Stopped: %(total)s mails were taken back.", taken_back)
    messages.success(request, sentence(words, total=number(taken_back)))
    if in_daily:
        words = ngettext(
            "The daily mail of %(total)s reader goes without it.",
            "The daily mails of %(total)s readers go without it.",
            in_daily,
        )
        messages.success(request, sentence(words, total=number(in_daily)))


def _requeue(request: HttpRequest, mailing: Mailing) -> None:
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    reason = request.POST.get("reason", "")
    by = request.user.pk
    services.requeue_mailing(mailing.pk, reason=reason, at=app_now(), actor_id=by, allow=rules.still_may(by))


def _state_name(mailing: Mailing, *, is_on_the_way: bool) -> str:
    """Its state in words: once all its mails are written, theirs."""
    of_mails = MessageState.SENDING if is_on_the_way else MessageState.SENT
    return str(_STATES[of_mails if mailing.state == MailingState.EXPANDED else MailingState(mailing.state)])


def _text_of(mailing: Mailing) -> Bulletin | Announcement | None:
    """The text that staff wrote and that this mailing carries; none for mail that the portal writes by itself."""
    if mailing.kind == announcements.ANNOUNCEMENT:
        return Announcement.objects.filter(pk=mailing.params.get("announcement")).first()
    return Bulletin.objects.filter(mailing_id=mailing.pk).first()


def _progress(mailing: Mailing) -> dict[str, Any]:
    """The mails by language and state, and how many have come to an end."""
    by_language = outbox.counts(mailing.pk)
    totals = {state: sum(counted[state] for counted in by_language.values()) for state in MessageState}
    shown = [state for state in MessageState if totals[state]]
    written = sum(totals.values())
    open_ones = sum(totals[state] for state in _ON_THE_WAY)
    return {
        "states": [(state, state.label, totals[state]) for state in shown],
        "by_language": [
            (code, side_by_side.own_name(code), [(state.label, counted[state]) for state in shown], counted.total())
            for code, counted in by_language.items()
        ],
        "written": written,
        "ended": written - open_ones,
        "queued": totals[MessageState.QUEUED],
        "sent": totals[MessageState.SENT],
        "is_writing": mailing.state == MailingState.QUEUED,
    }
