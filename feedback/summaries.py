"""The summary of a window: what was published, what is expected when, and the numbers that its text names.

A text names numbers by places that are filled in when it is shown, in the digits of its language: `{total}`,
`{language:ar}`, `{channel:chat}`, `{region:ssa}`. They are those of the tally that was kept with it, so a group that is
too small to be told has no number there either.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from babel import numbers
from django.db.models import DateTimeField, Exists, ExpressionWrapper, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString

from feedback import counting, queries
from feedback.counting import KINDS, Tally
from feedback.models import FeedbackWindow, Summary, SummaryDraft, SummaryReminder
from feedback.rules import SUMMARY_DAYS, WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.core import labels, languages, markdown
from taskforce.core.text import digest
from taskforce.timeline import windows
from taskforce.timeline.enums import ENDED
from taskforce.timeline.models import TaskForce

_HEADING = re.compile(r"^#{1,6}(?=[ \t])", re.MULTILINE)
_UNDERLINED = re.compile(r"(?<=\S\n)=+[ \t]*$", re.MULTILINE)
# Whatever stands between braces was meant as a place, else a mistyped one would be read by everybody.
_PLACE = re.compile(r"\{([^{}\n]{0,60})\}")


class Shown(NamedTuple):
    """A text as safe HTML, the portal language in which it is written, whether its source has changed since, and
    whether a second person has compared it with that."""

    html: SafeString
    language: str
    is_outdated: bool
    is_reviewed: bool = False


def published(window: FeedbackWindow) -> list[Summary]:
    """All versions, the newest first; one query."""
    return list(Summary.objects.filter(window=window).order_by("-number"))


def published_in(task_force: TaskForce) -> list[Summary]:
    """All versions of all windows of a task force, window by window, the first version first; one query."""
    found = Summary.objects.filter(
        window__phase__task_force=task_force,
        window__published_at__isnull=False,
        window__phase__published_at__isnull=False,
    )
    return list(found.select_related("window__proposal").order_by("window", "number"))


def draft_of(window: FeedbackWindow) -> SummaryDraft | None:
    """What is being written; one query."""
    return SummaryDraft.objects.filter(window=window).first()


def expected_at(window: FeedbackWindow, draft: SummaryDraft | None) -> datetime:
    """When the summary is expected; moves with the window's end."""
    return window.phase.closes_at + timedelta(days=draft.days if draft else SUMMARY_DAYS)


def shown(
    texts: Mapping[str, str],
    outdated: Collection[str],
    tally: Tally,
    language: str,
    reviewed: Collection[str] = (),
    *,
    is_preview: bool = False,
) -> Shown:
    """What a reader of a language gets, by the chain; a preview marks the places that have no number."""
    found = labels.chosen(texts, language)
    text = filled(found.text, tally, found.language, unknown="**⚠ {}**" if is_preview else "{}")
    html = markdown.render(_below_a_heading(text), with_headings=True)
    return Shown(html, found.language, found.language in outdated, found.language in reviewed)


def filled(text: str, tally: Tally, language: str, *, unknown: str = "{}") -> str:
    """A text with its numbers; a place that has none stays as it was typed, in the form of `unknown`."""
    known = _numbers(tally)
    locale = languages.locale_of(language)

    def one(match: re.Match[str]) -> str:
        found = known.get(_key(match[1]))
        return unknown.format(match[0]) if found is None else str(numbers.format_decimal(found, locale=locale))

    return _PLACE.sub(one, text)


def _below_a_heading(text: str) -> str:
    """The same text with headings of the two levels that there are below that of its page."""
    return _UNDERLINED.sub("---", _HEADING.sub(lambda found: "##" if len(found[0]) < len("###") else "###", text))


def unfilled(texts: Mapping[str, str], tally: Tally) -> list[str]:
    """The places that have no number, in order: what they name is not there, too small to be told, or mistyped."""
    known = _numbers(tally)
    named = (match for text in texts.values() for match in _PLACE.finditer(text))
    return list(dict.fromkeys(match[0] for match in named if _key(match[1]) not in known))


def places(tally: Tally) -> list[tuple[str, int]]:
    """What a text may name, with its number."""
    return [("{" + key + "}", count) for key, count in _numbers(tally).items()]


def _numbers(tally: Tally) -> dict[str, int]:
    groups = {
        f"{kind}:{code.lower()}": count
        for kind in KINDS
        if kind in tally.groups
        for code, count in tally.groups[kind].groups
        if code
    }
    return {"total": tally.total, **groups}


def _key(named: str) -> str:
    return named.strip().lower()


def tally_of(summary: Summary) -> Tally:
    """What was counted for it."""
    return counting.from_json(summary.tally)


def outdated(draft: SummaryDraft) -> list[str]:
    """The languages in which the text was made from another source than there is now."""
    now = source_digest(draft.texts.get(draft.source, ""))
    return [code for code in draft.texts if code != draft.source and draft.made_from.get(code) != now]


def stamp(draft: SummaryDraft, language: str) -> str:
    """Another one as soon as the source or the text in the language is another one."""
    return digest([draft.source, draft.texts.get(draft.source, ""), draft.texts.get(language, "")])


def writers(draft: SummaryDraft, language: str) -> list[int]:
    """Who wrote a part of a translation, or said that it fits its source; ids of accounts."""
    return list(draft.hands.get(language, {}).get("writers", []))


def is_reviewed(draft: SummaryDraft, language: str) -> bool:
    """Whether a second person has compared a translation, as it now is, with its source, as that now is."""
    hand = draft.hands.get(language, {})
    return hand.get("reviewed_by") is not None and hand.get("stamp") == stamp(draft, language)


def reviewed(draft: SummaryDraft) -> list[str]:
    """The languages of which this is so."""
    return [code for code in draft.texts if is_reviewed(draft, code)]


def waiting(draft: SummaryDraft | None, newest: Summary | None) -> list[str]:
    """The languages whose translation is another one, or reviewed, since the newest version was published."""
    if draft is None or newest is None:
        return []
    now = set(reviewed(draft))
    return [
        code
        for code in draft.texts
        if code != draft.source
        and (draft.texts[code] != newest.texts.get(code) or (code in now and code not in newest.reviewed))
    ]


def differs(draft: SummaryDraft | None, newest: Summary) -> bool:
    """Whether what is being written is not what was published last."""
    return draft is not None and (
        (draft.source, draft.texts) != (newest.source, newest.texts) or bool(waiting(draft, newest))
    )


def only_translations(draft: SummaryDraft, newest: Summary | None) -> bool:
    """Whether what waits is translations of what was published, and nothing else."""
    is_same = newest is not None and (draft.source, draft.texts[draft.source]) == (
        newest.source,
        newest.texts.get(newest.source),
    )
    return is_same and bool(waiting(draft, newest))


class Waiting(NamedTuple):
    """A window with a published summary of which translations wait to be published, by their languages."""

    window: FeedbackWindow
    languages: list[str]


def waiting_for(user: Any) -> list[Waiting]:
    """Those whose summary the user publishes, the one that waits longest first; two queries, or none."""
    everywhere, ids = task_force_ids(user, WHO["summary.write"])
    if not everywhere and not ids:
        return []
    newest_at = Summary.objects.filter(window=OuterRef("window")).order_by("-number").values("at")[:1]
    found = SummaryDraft.objects.filter(kept_at__gt=Subquery(newest_at)).select_related("window__phase__task_force")
    found = found if everywhere else found.filter(window__phase__task_force_id__in=ids)
    drafts = list(found.order_by("kept_at", "pk"))
    if not drafts:
        return []
    versions = Summary.objects.filter(window__in=[one.window_id for one in drafts]).order_by("number")
    newest = {one.window_id: one for one in versions}
    return [
        Waiting(one.window, waiting(one, newest[one.window_id]))
        for one in drafts
        if only_translations(one, newest[one.window_id])
    ]


def source_digest(text: str) -> str:
    """By what a translation remembers what it was made from."""
    return digest([text])


def due(at: datetime) -> QuerySet[FeedbackWindow]:
    """The windows whose summary was expected before the moment, and is not there, of task forces that go on."""
    # Not by a join, which a filter would turn into one that leaves windows without a draft out.
    own = Subquery(SummaryDraft.objects.filter(window=OuterRef("pk")).values("days"))
    days = Coalesce(own, Value(SUMMARY_DAYS), output_field=IntegerField())
    found = FeedbackWindow.objects.filter(
        windows.over_at(at, "phase__"),
        published_at__isnull=False,
        phase__published_at__isnull=False,
        phase__cancelled_at=None,
    ).exclude(phase__task_force__state__in=ENDED)
    found = found.filter(~Exists(Summary.objects.filter(window=OuterRef("pk"))))
    latest = ExpressionWrapper(Value(at) - days * Value(timedelta(days=1)), output_field=DateTimeField())
    found = found.filter(phase__closes_at__lte=latest)
    return found.select_related("phase__task_force").order_by("phase__closes_at", "id")


def due_for(user: Any, at: datetime) -> Sequence[FeedbackWindow]:
    """Those of them that the user may write."""
    everywhere, ids = task_force_ids(user, WHO["summary.write"])
    if not everywhere and not ids:
        return []
    found = due(at)
    return list(found if everywhere else found.filter(phase__task_force_id__in=ids))


def to_remind_of(at: datetime) -> list[int]:
    """Of those that are due, the ids of the ones of whose end nobody was reminded yet."""
    told = SummaryReminder.objects.filter(window=OuterRef("pk"), ends_version=OuterRef("phase__ends_version"))
    return list(due(at).filter(~Exists(told)).values_list("pk", flat=True))


def window_for(user: Any, window_id: int) -> FeedbackWindow | None:
    """A window whose feedback the user reads on the staff side."""
    return queries.visible_windows(user).filter(pk=window_id, published_at__isnull=False).first()
