"""What becomes of what was said: themes, the dispositions of items and themes, and what still waits for one.

Only what is published counts as to be answered. An item's own disposition goes before that of its theme.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404

from feedback import queries
from feedback.earlier import confirmable_until
from feedback.enums import FOR_EVERYBODY, ItemState, Outcome, ReadState
from feedback.models import (
    Disposition,
    FeedbackItem,
    FeedbackUnconfirmed,
    FeedbackWindow,
    FinalCall,
    SheetLine,
    Theme,
    ThemedItem,
)
from feedback.rules import WHO
from proposals.models import Proposal, Revision
from taskforce.accounts.queries import task_force_ids
from taskforce.core.text import digest
from taskforce.core.together import This
from taskforce.timeline.enums import ENDED

# In place of a theme: what is in none. In place of an outcome: what has none yet.
NO_THEME = 0
UNDECIDED = "none"


class Answer(NamedTuple):
    """How an item stands: its theme, the disposition that holds for it (its own, or its theme's), and what is drafted
    of its own."""

    item: FeedbackItem
    theme: Theme | None = None
    own: Disposition | None = None
    shared: Disposition | None = None
    draft: Disposition | None = None

    @property
    def holding(self) -> Disposition | None:
        """What everybody reads of what became of it."""
        return self.own or self.shared

    @property
    def stamp(self) -> str:
        """Another one as soon as somebody has changed anything of it: what was confirmed is what was seen."""
        ids = (row.pk if row else 0 for row in (self.theme, self.own, self.draft))
        return "-".join(map(str, (self.item.state, self.item.edits, *ids)))


class ThemeAt(NamedTuple):
    """A theme with what holds for it, what is drafted, and how many published items it has: all, and those that
    everybody may read."""

    theme: Theme
    standing: Disposition | None
    draft: Disposition | None
    items: int
    readable: int

    @property
    def stamp(self) -> str:
        """As that of an item."""
        return "-".join(str(row.pk if row else 0) for row in (self.standing, self.draft))


class Left(NamedTuple):
    """How many published items there are, how many of them are undecided, how many are held, of which nobody knows yet
    whether they are to be answered, how many of the undecided ones everybody may read, and how many more may come: what
    waits for the mail of its author, and lines of tables that wait for their turn."""

    items: int
    undecided: int
    held: int
    readable: int
    coming: int = 0

    @property
    def to_say(self) -> int:
        """All of which nobody has said yet what becomes of it: what is to be known before a text is called final."""
        return self.undecided + self.held + self.coming


def decided() -> Q:
    """Of items: that a disposition holds for them."""
    return ~Q(became="")


def with_outcome(outcome: str) -> Q:
    """Of items: that this became of them (`UNDECIDED`: nothing yet)."""
    return Q(became="" if outcome == UNDECIDED else outcome)


def in_theme(theme_id: int) -> Q:
    """Of items: that they are in this theme (`NO_THEME`: in none)."""
    themed = ThemedItem.objects.filter(item=OuterRef("pk"))
    return Q(Exists(themed.filter(theme=theme_id))) if theme_id != NO_THEME else ~Q(Exists(themed))


def to_answer(windows: Iterable[FeedbackWindow | int]) -> QuerySet[FeedbackItem]:
    """The items of windows that are to be answered, the oldest first."""
    found = FeedbackItem.objects.filter(window__in=list(windows), state=ItemState.PUBLISHED)
    return found.order_by("received_at", "pk")


def left(windows: Iterable[FeedbackWindow | int]) -> Left:
    """What is left to be decided in windows; one query."""
    found = FeedbackItem.objects.filter(window__in=list(windows)).order_by()
    stands = Q(state=ItemState.PUBLISHED)
    is_left = stands & ~decided()
    counted = found.aggregate(
        items=Count("pk", filter=stands),
        undecided=Count("pk", filter=is_left),
        held=Count("pk", filter=Q(state=ItemState.HELD)),
        readable=Count("pk", filter=is_left & Q(visibility__in=sorted(FOR_EVERYBODY))),
    )
    return Left(**counted)


def left_with_coming(windows: Collection[FeedbackWindow], at: datetime) -> Left:
    """The same of windows with their phases, with what may still come after a moment; three queries."""
    confirmable = [one.pk for one in windows if at < confirmable_until(one)]
    waits = FeedbackUnconfirmed.objects.filter(window__in=confirmable).count() if confirmable else 0
    lines = SheetLine.objects.filter(sheet__window__in=list(windows), item=None, fault="").count()
    return left(windows)._replace(coming=waits + lines)


def waiting_for(user: Any) -> list[FeedbackWindow]:
    """The windows of which the user answers what was said, with the number `many` of what is undecided, the newest
    first: while they are open, too, since much can be answered before the close. One query, or none."""
    everywhere, ids = task_force_ids(user, WHO["answer.give"])
    if not (everywhere or ids):
        return []
    rows = FeedbackItem.objects.filter(~decided(), window=OuterRef("pk"), state=ItemState.PUBLISHED).order_by()
    many = Subquery(rows.values("window").annotate(many=Count("pk")).values("many"))
    found = FeedbackWindow.objects.filter(published_at__isnull=False).exclude(phase__task_force__state__in=ENDED)
    found = found if everywhere else found.filter(phase__task_force_id__in=ids)
    return list(found.annotate(many=many).filter(many__gt=0).order_by("-phase__opens_at", "-id"))


def answers_of(items: Collection[FeedbackItem]) -> dict[int, Answer]:
    """{id of an item: how it stands}; two queries, none without items."""
    if not items:
        return {}
    ids = [item.pk for item in items]
    found = list(ThemedItem.objects.filter(item__in=ids).select_related("theme"))
    themed = {row.item_id: row.theme for row in found}
    waiting = {row.item_id for row in found if row.waits}
    about = Q(item__in=ids) | Q(theme__in={theme.pk for theme in themed.values()}, stands=True)
    rows = list(_whole().filter(about, Q(stands=True) | Q(release=None)))
    shared = {row.theme_id: row for row in rows if row.theme_id}
    own = {(row.item_id, row.stands): row for row in rows if row.item_id}
    return {
        item.pk: Answer(
            item,
            theme := themed.get(item.pk),
            own.get((item.pk, True)),
            shared.get(theme.pk) if theme and item.pk not in waiting else None,
            own.get((item.pk, False)),
        )
        for item in items
    }


def answer_of(item: FeedbackItem) -> Answer:
    """How one item stands; two queries."""
    return answers_of([item])[item.pk]


def earlier(disposition: Disposition) -> list[Disposition]:
    """What held before for the same item or theme, the newest first; one query."""
    about = {"item": disposition.item_id} if disposition.item_id else {"theme": disposition.theme_id}
    return list(_whole().filter(**about, release__isnull=False, stands=False).order_by("-pk"))


def earlier_of(themes: Collection[Theme]) -> dict[int, list[Disposition]]:
    """{id of a theme: what held for it before, the newest first}; one query."""
    found: dict[int, list[Disposition]] = {}
    for row in _whole().filter(theme__in=themes, release__isnull=False, stands=False).order_by("-pk"):
        found.setdefault(row.theme_id or 0, []).append(row)
    return found


def _whole() -> QuerySet[Disposition]:
    return Disposition.objects.select_related("revision", "release")


def themes(window: FeedbackWindow | int) -> list[ThemeAt]:
    """The themes of a window in their order; three queries."""
    found = list(Theme.objects.filter(window=window).order_by("position"))
    in_them = FeedbackItem.objects.filter(themed__theme__in=found, state=ItemState.PUBLISHED).order_by()
    counted = in_them.values_list("themed__theme").annotate(
        items=Count("pk"), readable=Count("pk", filter=Q(visibility__in=sorted(FOR_EVERYBODY)))
    )
    counts = {theme: (many, readable) for theme, many, readable in counted}
    rows = {(row.theme_id, row.stands): row for row in _whole().filter(theme__in=found).exclude(_is_history())}
    return [
        ThemeAt(one, rows.get((one.pk, True)), rows.get((one.pk, False)), *counts.get(one.pk, (0, 0))) for one in found
    ]


def _is_history() -> Q:
    return Q(release__isnull=False, stands=False)


class Offered(NamedTuple):
    """By what a list of a window can be narrowed: its themes, and outcomes once something was answered."""

    themes: list[Theme]
    is_answered: bool


def is_public() -> Q:
    """Of themes: that everybody reads them, which is once something in one is answered."""
    answered = Disposition.objects.filter(stands=True)
    own, of_items = answered.filter(theme=OuterRef("pk")), answered.filter(item__themed__theme=OuterRef("pk"))
    return Q(Exists(own)) | Q(Exists(of_items))


def public_themes(window: FeedbackWindow) -> list[ThemeAt]:
    """The themes of a window that everybody reads; three queries."""
    shown = set(Theme.objects.filter(is_public(), window=window).values_list("pk", flat=True))
    return [one for one in themes(window) if one.theme.pk in shown] if shown else []


def outcomes(window: FeedbackWindow) -> dict[str, int]:
    """{outcome, or `UNDECIDED`: how many items that everybody may read it is of}; one query."""
    found = queries.for_everybody().order_by().filter(window=window).values_list("became")
    return {code or UNDECIDED: many for code, many in found.annotate(Count("pk"))}


def own_answers(window: FeedbackWindow, most: int) -> list[FeedbackItem]:
    """What was answered by itself and everybody may read, the last answer first, each with it in
    `standing`; one query."""
    found = queries.for_everybody().filter(window=window, standing__item=F("pk"), standing__joins=None)
    answered = found.select_related("standing__release", "standing__revision", "revision")
    return list(answered.order_by("-standing__release__at", "reference")[:most])


def theme_in(window: FeedbackWindow, given: str) -> Theme | None:
    """The theme of a window that an address names by its id; no query for other words."""
    if not (given.isascii() and given.isdecimal() and len(given) <= _LONGEST_ID):
        return None
    return Theme.objects.filter(window=window, pk=int(given)).first()


# More digits no id has.
_LONGEST_ID = 18


def window_to_answer_or_404(user: Any, pk: int) -> FeedbackWindow:
    """A window whose items the user sorts and answers."""
    everywhere, ids = task_force_ids(user, WHO["answer.give"])
    found = FeedbackWindow.objects.select_related("phase__task_force", "proposal__task_force")
    found = found if everywhere else found.filter(phase__task_force_id__in=ids)
    window = found.filter(pk=pk, published_at__isnull=False).first() if pk < 2**63 else None
    if window is None:
        raise Http404
    return window


def drafts(window: FeedbackWindow | int) -> QuerySet[Disposition]:
    """What would be made public now: drafts about themes, and about items that are published still."""
    of_items = Q(item__window=window, item__state=ItemState.PUBLISHED)
    return _whole().filter(Q(theme__window=window) | of_items, release=None).order_by("pk")


class Ready(NamedTuple):
    """What a release would make public: how many answers, how many of them correct an earlier one, how many items they
    are about and of these how many had none; `seen` is another one as soon as any of that changes."""

    answers: int
    corrections: int
    items: int
    outcomes: dict[str, int]
    seen: str


def ready(window: FeedbackWindow | int) -> Ready:
    """What a release would do now; four queries."""
    rows = list(drafts(window).values_list("pk", "item", "theme", "outcome"))
    items = list(to_release(window, rows=rows).values_list("pk", "edits"))
    own, about = _drafted_about(rows)
    corrected = Disposition.objects.filter(Q(item__in=own) | Q(theme__in=about), stands=True)
    outcomes = Counter(row[3] for row in rows)
    return Ready(
        len(rows),
        corrected.count(),
        len(items),
        {code: outcomes[code] for code in Outcome.values if outcomes[code]},
        digest([[row[0] for row in rows], [list(row) for row in items], _newest(window)]),
    )


def _newest(window: FeedbackWindow | int) -> list[int]:
    """The id of the newest revision that an answer may be about."""
    pk = window.pk if isinstance(window, FeedbackWindow) else window
    found = Revision.objects.filter(proposal__feedback_windows=pk).order_by("-number")
    return list(found.values_list("pk", flat=True)[:1])


def to_release(window: FeedbackWindow | int, rows: Collection[Any] | None = None) -> QuerySet[FeedbackItem]:
    """The items that would be answered now, by their ids; `rows` are the drafts, where they are at hand."""
    own, about = _drafted_about(drafts(window).values_list("pk", "item", "theme") if rows is None else rows)
    own_answer = Disposition.objects.filter(item=OuterRef("pk"), stands=True)
    own_answer = own_answer.filter(Q(joins=None) | ~Q(joins=OuterRef("themed__theme")))
    is_shared = Q(themed__theme__in=about) & ~Q(Exists(own_answer))
    found = FeedbackItem.objects.filter(Q(pk__in=own) | is_shared, window=window, state=ItemState.PUBLISHED)
    return found.order_by("pk")


def _drafted_about(rows: Collection[Any]) -> tuple[list[int], list[int]]:
    """The items and the themes that these drafts are about."""
    return [row[1] for row in rows if row[1]], [row[2] for row in rows if row[2]]


# --- revisions -------------------------------------------------------------------------------------------------------


def revisions(proposal: Proposal, most: int = 100) -> list[Revision]:
    """The revisions of a text, the newest first."""
    return list(proposal.revisions.order_by("-number")[:most])


class Answered(NamedTuple):
    """What a revision answers of what was said in a window: how many items that everybody may read, and the themes that
    it answers as a whole."""

    window: FeedbackWindow
    items: int
    themes: list[Theme]


def answered_in(proposal: Proposal, numbers: Collection[int]) -> dict[int, list[Answered]]:
    """{number of a revision: what it answers, window by window}; those that answer nothing are left out. One query
    where none does, else five."""
    answers = Disposition.objects.filter(revision=OuterRef("pk"), stands=True)
    numbers = list(proposal.revisions.filter(Exists(answers), number__in=numbers).values_list("number", flat=True))
    if not numbers:
        return {}
    themes: dict[tuple[int, int], list[Theme]] = {}
    of_themes = Disposition.objects.filter(_taken_up(proposal, numbers), theme__isnull=False, stands=True)
    for row in of_themes.select_related("theme", "revision").order_by("theme__position"):
        assert row.theme is not None and row.revision is not None  # noqa: S101, PT018 - as asked for
        themes.setdefault((row.revision.number, row.theme.window_id), []).append(row.theme)
    counts = _counted(proposal, numbers)
    pairs = counts.keys() | themes.keys()
    found: dict[int, list[Answered]] = {}
    for window in queries.windows_on(proposal):
        for number in sorted(number for number, pk in pairs if pk == window.pk):
            at = (number, window.pk)
            found.setdefault(number, []).append(Answered(window, counts[at], themes.get(at, [])))
    return found


def _taken_up(proposal: Proposal, numbers: Collection[int], way: str = "") -> Q:
    return Q(**{f"{way}revision__proposal": proposal, f"{way}revision__number__in": list(numbers)})


def _counted(proposal: Proposal, numbers: Collection[int]) -> Counter[tuple[int, int]]:
    """{(number of a revision, id of a window): how many items that everybody may read it answers}; two queries."""
    own = Disposition.objects.filter(item=OuterRef("pk"), stands=True)
    readable = queries.for_everybody().order_by()
    # The conditions on one theme's disposition in one filter: of several, each could be met by another one.
    own_way, way = "dispositions__", "themed__theme__dispositions__"
    of_theme = _taken_up(proposal, numbers, way) & Q(**{f"{way}stands": True, "themed__waits": False})
    counts: Counter[tuple[int, int]] = Counter()
    for found, at in (
        (readable.filter(_taken_up(proposal, numbers, own_way), dispositions__stands=True), own_way),
        (readable.filter(of_theme).exclude(Exists(own)), way),
    ):
        rows = found.values_list(f"{at}revision__number", "window").annotate(many=Count("pk"))
        counts.update({(number, window): many for number, window, many in rows})
    return counts


def in_revision(number: int) -> Q:
    """Of items: that this revision of their text has taken them up, by their own disposition or by their theme's."""
    return Q(became_in=number)


# --- the work --------------------------------------------------------------------------------------------------------

_NOT_CURRENT = (ReadState.OUTDATED, ReadState.MISSING)


def narrowed(found: QuerySet[FeedbackItem], chosen: dict[str, str]) -> QuerySet[FeedbackItem]:
    """Items as staff ask for them (`answer_forms.WorkForm`): undecided ones of which nothing is drafted, unless they
    ask for others."""
    own = Exists(Disposition.objects.filter(item=OuterRef("pk"), release=None))
    of_theme = Exists(Disposition.objects.filter(theme__themed__item=OuterRef("pk"), release=None))
    is_drafted = Q(own) | Q(of_theme)
    shown = {
        "": ~decided() & ~is_drafted,
        "undecided": ~decided(),
        "drafted": is_drafted,
        "decided": decided(),
        "all": Q(),
    }
    found = found.filter(shown[chosen.get("show", "")])
    if code := chosen.get("language"):
        found = found.filter(queries.in_language(code))
    if question := chosen.get("question"):
        found = found.filter(answers__question=int(question))
    if unit := chosen.get("unit"):
        found = found.filter(unit=int(unit) or None)
    if theme := chosen.get("theme"):
        found = found.filter(in_theme(int(theme)))
    if state := chosen.get("read"):
        found = found.filter(read_state__in=_NOT_CURRENT if state == "not-current" else (state,))
    return found


def units_in(window: FeedbackWindow) -> list[int]:
    """The paragraphs that published items of a window are about."""
    found = to_answer([window]).filter(unit__isnull=False).order_by()
    return list(found.values_list("unit", flat=True).distinct())


# --- final -----------------------------------------------------------------------------------------------------------


def final_on_text() -> QuerySet[FinalCall]:
    """That the text of a page (`proposals/current.py`) was called final, the last time, with the number of the
    revision and how much of what everybody may read is not answered `now`; an empty list where it was not."""
    readable = queries.for_everybody().order_by().filter(~decided(), window__proposal=OuterRef("proposal"))
    now = readable.values("window__proposal").annotate(many=Count("pk")).values("many")
    found = FinalCall.objects.filter(proposal=This("proposal_id"))
    found = found.annotate(revision_number=F("revision__number"), now=Coalesce(Subquery(now), Value(0)))
    return found.order_by("-number")[:1]


def windows_on(proposal: Proposal) -> list[FeedbackWindow]:
    """The published windows on a text, with their phases."""
    return list(queries.windows_on(proposal))


def last_final_call(proposal: Proposal) -> FinalCall | None:
    """The one that holds; None where the text was never called final."""
    return FinalCall.objects.filter(proposal=proposal).select_related("revision").order_by("-number").first()
