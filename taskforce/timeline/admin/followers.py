"""Followers on the staff side: counted by topic and language, read, and brought in as a list."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.accounts.queries import task_force_ids
from taskforce.audit.watching import WatchedAdmin
from taskforce.core import languages, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError, Refused
from taskforce.core.templatetags.portal import translated
from taskforce.timeline import queries, rules, services
from taskforce.timeline.admin.scoped import ScopedAdmin
from taskforce.timeline.enums import ENDED, Frequency, Topic
from taskforce.timeline.follow_forms import PasteForm
from taskforce.timeline.models import Subscription, TaskForce
from taskforce.timeline.services import Report

# No number of a row has so many.
_DIGITS = 19
# By which door a follower came in.
DOORS = {
    "form": gettext_lazy("the form, confirmed by mail"),
    "account": gettext_lazy("an account"),
    "choice": gettext_lazy("their own page of choices"),
    "list": gettext_lazy("a list of staff"),
    "import": gettext_lazy("taken over"),
}


def _topic(code: str) -> str:
    return capfirst(str(Topic(code).label))


def _frequency(code: str) -> str:
    return capfirst(str(Frequency(code).label))


def _door(code: str) -> str:
    return str(DOORS.get(code, code))


staff_columns.describe(
    Subscription,
    name=lambda row: _topic(row.topic),
    topic=staff_columns.Column(gettext_lazy("Topic"), _topic),
    frequency=staff_columns.Column(gettext_lazy("How soon"), _frequency),
    language=staff_columns.Column(gettext_lazy("Language")),
    zone=staff_columns.Column(gettext_lazy("Time zone"), staff_columns.machine_text),
    source=staff_columns.Column(gettext_lazy("Came by"), _door),
    asked_at=staff_columns.Column(gettext_lazy("Asked")),
    confirmed_at=staff_columns.Column(gettext_lazy("Follows since")),
)


@admin.register(Subscription)
class FollowerAdmin(WatchedAdmin, ScopedAdmin):
    """Who has confirmed to follow; the address only for those who may bring followers in."""

    watched = "follower"
    list_display = ("address_shown", "task_force_shown", "topic", "frequency", "language", "confirmed_at")
    list_filter = ("topic", "frequency", "language")
    fields = (
        "address_shown", "task_force_shown", "topic", "frequency", "language", "zone", "source", "asked_at",
        "confirmed_at",
    )  # fmt: skip
    readonly_fields = fields
    # Nothing is sorted by an address that the reader may not see.
    ordering = ("-id",)
    change_list_template = "admin/timeline/followers.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        """The followers of the user's task forces; `is_open` where the user may see their addresses."""
        everywhere, ids = task_force_ids(request.user, rules.WHO["follower.add"])
        is_open = Value(everywhere) if everywhere else Case(When(task_force_id__in=ids, then=True), default=False)
        is_open.output_field = BooleanField()
        found = queries.visible_subscriptions(request.user).select_related("task_force")
        return found.annotate(is_open=is_open).order_by(*self.ordering)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may bring followers in for some task force."""
        everywhere, ids = task_force_ids(request.user, rules.WHO["follower.add"])
        return everywhere or bool(ids)

    @admin.display(description=gettext_lazy("E-mail address"))
    def address_shown(self, obj: Any) -> str:
        """The mailbox, or a dash."""
        return staff_columns.machine_text(obj.mailbox) if obj.is_open else "–"

    @admin.display(description=gettext_lazy("Task force"))
    def task_force_shown(self, obj: Subscription) -> SafeString:
        """In the reader's language, or the next of the chain."""
        return translated(obj.task_force, "name")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Above the list how many there are, by topic and language."""
        context = {
            "tallies": _tallies(queries.visible_task_forces(request.user)),
            "topics": [_topic(code) for code in Topic.values],
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Paste a list; its good lines are taken in together, and a report says what became of each other one."""
        if not self.has_add_permission(request):
            raise Refused(_("Only coordinators, their deputies and administrators may add followers."))
        # One that has ended since the form was opened stays in it, with the reason why nobody is added.
        task_forces = _kept(request.user, request.POST.get("task_force", ""))
        if not task_forces.exists():
            raise Refused(_("This task force has ended, so it cannot be followed any more."))
        form = PasteForm(task_forces, request.POST or None, initial=_initial(task_forces))
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                report = _add(request, form)
            except PortalError as error:
                refusal = error
            else:
                return self._report(request, form, report)
        return self._page(request, "admin/timeline/followers_add.html", refusal, form=form)

    def _report(self, request: HttpRequest, form: PasteForm, report: Report) -> HttpResponse:
        """What became of the list, and its bad lines once more to be mended."""
        to_mend = (
            PasteForm(_kept(request.user, str(form.cleaned_data["task_force"].pk)), initial=_to_mend(form, report))
            if report.bad
            else None
        )
        data = form.cleaned_data
        return self._page(
            request,
            "admin/timeline/followers_report.html",
            None,
            report=report,
            form=to_mend,
            task_force=data["task_force"],
            chosen=[_topic(code) for code in data["topics"]],
        )

    def _page(
        self, request: HttpRequest, template: str, refusal: PortalError | None, **context: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add followers"),
            "opts": self.opts,
            "refusal": refusal,
            **self.hold(request),
            **context,
        }
        return TemplateResponse(request, template, context, status=refusal.status if refusal else 200)


def _kept(user: Any, sent: str) -> QuerySet[TaskForce]:
    """The task forces for which this user may bring followers in: those that go on, and the one that was sent."""
    everywhere, ids = task_force_ids(user, rules.WHO["follower.add"])
    is_number = sent.isascii() and sent.isdigit() and len(sent) < _DIGITS
    offered = TaskForce.objects.exclude(state__in=ENDED) | TaskForce.objects.filter(pk=sent if is_number else 0)
    return offered if everywhere else offered.filter(pk__in=ids)


def _initial(task_forces: QuerySet[TaskForce]) -> dict[str, Any]:
    """What is chosen at first: the only task force if there is one, and the reader's language."""
    only = list(task_forces[:2])
    topics = [Topic.DEADLINES, Topic.ANNOUNCEMENTS]
    return {"task_force": only[0] if len(only) == 1 else None, "topics": topics, "language": get_language()}


def _add(request: HttpRequest, form: PasteForm) -> Report:
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    data = form.cleaned_data
    return services.add_followers(
        data["task_force"].pk,
        data["addresses"],
        topics=data["topics"],
        language=data["language"],
        agreed_where=form.agreed_where,
        actor=request.user,
        at=app_now(),
    )


def _to_mend(form: PasteForm, report: Report) -> dict[str, Any]:
    return {**form.cleaned_data, "addresses": "\n".join(line.text for line in report.bad)}


def _by_topic(numbers: list[int]) -> list[tuple[str, int]]:
    return list(zip(map(_topic, Topic.values), numbers, strict=True))


def _tallies(task_forces: QuerySet[TaskForce]) -> list[dict[str, Any]]:
    """For each task force with followers a table: languages down, topics across, sums at its end."""
    named = {one.pk: one for one in task_forces}
    found = queries.counts(named)
    tables = []
    for task_force_id in sorted({key[0] for key in found}, reverse=True):
        spoken = sorted({language for pk, _topic, language in found if pk == task_force_id})
        numbers = {code: [found.get((task_force_id, topic, code), 0) for topic in Topic.values] for code in spoken}
        lines = [(code, languages.OWN_NAMES[code], _by_topic(row)) for code, row in numbers.items()]
        sums = _by_topic([sum(column) for column in zip(*numbers.values(), strict=True)])
        tables.append({"task_force": named[task_force_id], "lines": lines, "sums": sums})
    return tables
