"""Themes, and what becomes of what was said: sorted, drafted, and made public in one act.

Whoever does any of it holds the window's row first, so that nothing of it changes between what was seen and what is
done; who sends something does not wait for that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import answering, drafted
from feedback.answering import Answer
from feedback.enums import IN_A_REVISION, ItemState, Outcome
from feedback.models import Disposition, FeedbackItem, FeedbackWindow, Release, Theme, ThemedItem
from feedback.notices import answers as answer_notices
from feedback.rules import ANSWER_LENGTH, DESCRIPTION_LENGTH, THEME_LENGTH, may_answer
from feedback.services import standing
from proposals.models import Revision
from proposals.rules import as_of_now
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import labels, languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text

# So much is sorted or answered in one act: as much as somebody can look at before it is done.
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Wanted:
    """What is to become of something: an outcome, the number of the revision that has taken it up (None: none), and
    the public answer as {language: text}."""

    outcome: str
    revision: int | None
    answers: Mapping[str, str]


# --- themes ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_theme(
    window_id: int, *, titles: Mapping[str, str], descriptions: Mapping[str, str], actor: User, at: datetime
) -> Theme:
    """A new theme behind the others of a window; texts are {language: text}, one title at least."""
    window = _held(window_id, actor)
    last = Theme.objects.filter(window=window).aggregate(last=Max("position"))["last"]
    columns = _columns(titles, descriptions)
    made = Theme.objects.create(window=window, position=1 if last is None else last + 1, **columns)
    _record("feedback.theme-added", window, made, at=at, actor=actor)
    return made


@transaction.atomic
def change_theme(
    theme_id: int,
    *,
    expected: int,
    titles: Mapping[str, str],
    descriptions: Mapping[str, str],
    actor: User,
    at: datetime,
) -> Theme:
    """Say something else of a theme; `Conflict` where it is not the version that was shown."""
    window, theme = _held_theme(theme_id, actor)
    if theme.version != expected:
        raise Conflict(_("Somebody else has changed this theme since you opened the page. Nothing was saved."))
    for column, text in _columns(titles, descriptions).items():
        setattr(theme, column, text)
    theme.version += 1
    theme.save()
    _record("feedback.theme-changed", window, theme, at=at, actor=actor)
    return theme


@transaction.atomic
def move_theme(theme_id: int, *, expected: int, actor: User, at: datetime) -> Theme:
    """Move a theme one place up, before the one that stands there; `Conflict` where it does not stand at `expected`."""
    window, theme = _held_theme(theme_id, actor)
    before = Theme.objects.filter(window=window, position__lt=theme.position).order_by("-position").first()
    if theme.position != expected or before is None:
        raise Conflict(_("Somebody else has moved the themes since you opened the page. Look where they stand now."))
    # In one statement, at whose end no two stand at one place, whenever the database looks.
    swapped = Case(When(pk=theme.pk, then=before.position), When(pk=before.pk, then=theme.position))
    Theme.objects.filter(pk__in=[theme.pk, before.pk]).update(position=swapped)
    theme.position = before.position
    _record("feedback.theme-moved", window, theme, at=at, actor=actor)
    return theme


def _columns(titles: Mapping[str, str], descriptions: Mapping[str, str]) -> dict[str, str]:
    named = {code: clean_name(text, most=THEME_LENGTH) for code, text in titles.items()}
    if not any(named.values()):
        raise Invalid(_("A theme needs a title in one language at least."))
    told = {code: clean_text(text, most=DESCRIPTION_LENGTH) for code, text in descriptions.items()}
    _check(named, THEME_LENGTH)
    _check(told, DESCRIPTION_LENGTH)
    return {**labels.columns("title", named), **labels.columns("description", told)}


def _check(texts: Mapping[str, str], most: int) -> None:
    """`Invalid` for a foreign language and for a text that is too long."""
    for code, text in texts.items():
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
        if len(text) > most:
            raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": most})


# --- items in themes -------------------------------------------------------------------------------------------------


@transaction.atomic
def sort(window_id: int, seen: Mapping[int, str], *, theme_id: int | None, actor: User, at: datetime) -> int:
    """Put items in a theme of their window (None: take them out of theirs); returns how many have moved.

    `seen` are {id of an item: the stamp that it had}; `Conflict` where something of one has changed, then nothing is
    done. `Invalid` for a theme of another window, for one that was taken up by a revision which some of the items had
    read past, and where the public answer of an item would be gone with its theme. Into a theme that is answered an
    item comes with a draft: the theme's answer is its own from the next release on.
    """
    window = _held(window_id, actor)
    theme = Theme.objects.filter(window=window, pk=theme_id).first() if theme_id is not None else None
    if theme_id is not None and theme is None:
        raise Invalid(_("This theme is not one of the window."))
    found = _as_seen(window, seen)
    moved = [one.item for one in found if (one.theme.pk if one.theme else None) != theme_id]
    if theme is not None:
        for row in theme.dispositions.filter(Q(stands=True) | Q(release=None)).select_related("revision"):
            _check_read(row.revision, [one.item for one in found if one.own is None])
    _check_kept([one for one in found if one.item in moved])
    ThemedItem.objects.filter(item__in=moved).delete()
    joining = Disposition.objects.filter(item__in=moved, joins__isnull=False)
    joining.filter(release=None).delete()
    # What it has got of its last theme stays its own.
    joining.update(joins=None)
    if theme is not None:
        shared = theme.dispositions.filter(stands=True).first()
        ThemedItem.objects.bulk_create(ThemedItem(item=item, theme=theme, waits=shared is not None) for item in moved)
        if shared is not None and not theme.dispositions.filter(release=None).exists():
            _draft_as_theme(window, shared, moved)
    standing.keep([item.pk for item in moved])
    if moved:
        _record("feedback.sorted", window, theme or window, at=at, actor=actor, count=len(moved))
    return len(moved)


def _check_kept(found: list[Answer]) -> None:
    """`Invalid` where one of these has no public answer but that of the theme which it is to leave."""
    answered = [one.item.reference for one in found if one.own is None and one.shared is not None]
    if answered:
        text = ngettext(
            "%(reference)s has no answer but that of its theme, which everybody reads: answer it by itself and publish "
            "that, then it can leave the theme. Nothing was done.",
            "%(count)d of the texts, such as %(reference)s, have no answer but that of their theme, which everybody "
            "reads: answer them by themselves and publish that, then they can leave the theme. Nothing was done.",
            len(answered),
        )
        raise Invalid(text % {"reference": answered[0], "count": len(answered)})


def _draft_as_theme(window: FeedbackWindow, shared: Disposition, items: list[FeedbackItem]) -> None:
    """Draft the public answer of a theme for items that have just come into it, and have neither answer nor draft."""
    newest = drafted.newest(window)
    about = Q(stands=True) | Q(release=None)
    has_one = set(Disposition.objects.filter(about, item__in=items).values_list("item", flat=True))
    Disposition.objects.bulk_create(
        Disposition(
            item=item, outcome=shared.outcome, revision=shared.revision, answers=shared.answers,
            joins=shared.theme, seen=drafted.seen([item], newest),
        )
        for item in items
        if item.pk not in has_one
    )  # fmt: skip


def _as_seen(window: FeedbackWindow, seen: Mapping[int, str]) -> list[Answer]:
    """The items, held, as they stand; `Conflict` unless each is as it was seen."""
    if not seen:
        raise Invalid(_("Choose at least one text."))
    if len(seen) > MOST_AT_ONCE:
        raise Invalid(_("That is too much at once: at most %(count)d texts.") % {"count": MOST_AT_ONCE})
    rows = FeedbackItem.objects.filter(window=window, pk__in=seen, state=ItemState.PUBLISHED)
    items = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).select_related("revision"))
    found = list(answering.answers_of(items).values())
    changed = len(seen) - len(found) + sum(one.stamp != seen[one.item.pk] for one in found)
    if changed:
        text = ngettext(
            "%(count)d of these texts has changed meanwhile: look at them once more. Nothing was done.",
            "%(count)d of these texts have changed meanwhile: look at them once more. Nothing was done.",
            changed,
        )
        raise Conflict(text % {"count": changed})
    return found


# --- drafts ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(window_id: int, seen: Mapping[int, str], wanted: Wanted, *, actor: User, at: datetime) -> int:
    """Write down what becomes of items; nobody but staff reads it before its release. Returns how many.

    What was drafted of them before is replaced. `seen` as for `sort`; `Invalid` for a revision that the text does not
    have, or that is not later than what one of them had read.
    """
    window = _held(window_id, actor)
    found = _as_seen(window, seen)
    columns, newest = _disposition(window, wanted, [one.item for one in found]), drafted.newest(window)
    Disposition.objects.filter(item__in=[one.item for one in found], release=None).delete()
    Disposition.objects.bulk_create(
        Disposition(item=one.item, seen=drafted.seen([one.item], newest), **columns) for one in found
    )
    _record("feedback.answer-drafted", window, window, at=at, actor=actor, count=len(found), became=wanted.outcome)
    return len(found)


@transaction.atomic
def draft_for_theme(theme_id: int, wanted: Wanted, *, expected: str, actor: User, at: datetime) -> Disposition:
    """The same of a theme, for all its items that have no disposition of their own; `expected` is the theme's stamp."""
    window, theme = _held_theme(theme_id, actor)
    _as_expected(window, theme, expected)
    about = _read_in(theme)
    columns = _disposition(window, wanted, about)
    # Those who came later are answered by this one, with all others.
    Disposition.objects.filter(Q(theme=theme) | Q(joins=theme), release=None).delete()
    made = Disposition.objects.create(theme=theme, seen=drafted.seen(about, drafted.newest(window)), **columns)
    _record("feedback.answer-drafted", window, theme, at=at, actor=actor, became=wanted.outcome)
    return made


@transaction.atomic
def discard(window_id: int, seen: Mapping[int, str], *, actor: User, at: datetime) -> int:
    """Throw away what is drafted of items; returns how many drafts there were. What is public stays."""
    window = _held(window_id, actor)
    found = [one for one in _as_seen(window, seen) if one.draft]
    Disposition.objects.filter(item__in=[one.item for one in found], release=None).delete()
    if found:
        _record("feedback.answer-discarded", window, window, at=at, actor=actor, count=len(found))
    return len(found)


@transaction.atomic
def discard_of_theme(theme_id: int, *, expected: str, actor: User, at: datetime) -> None:
    """Throw away what is drafted of a theme; `expected` is the theme's stamp."""
    window, theme = _held_theme(theme_id, actor)
    _as_expected(window, theme, expected)
    gone, _by_model = Disposition.objects.filter(theme=theme, release=None).delete()
    if gone:
        _record("feedback.answer-discarded", window, theme, at=at, actor=actor, count=gone)


def _as_expected(window: FeedbackWindow, theme: Theme, expected: str) -> None:
    now = next(one for one in answering.themes(window) if one.theme.pk == theme.pk)
    if now.stamp != expected:
        raise Conflict(_("Somebody else has answered this theme since you opened the page. Nothing was saved."))


def _read_in(theme: Theme) -> list[FeedbackItem]:
    """The published items of a theme that have no disposition of their own, with the revisions that they had read."""
    own = Disposition.objects.filter(Q(joins=None) | ~Q(joins=theme), item__isnull=False, stands=True).values("item")
    found = FeedbackItem.objects.filter(themed__theme=theme, state=ItemState.PUBLISHED).exclude(pk__in=own)
    return list(found.select_related("revision"))


def _disposition(window: FeedbackWindow, wanted: Wanted, items: list[FeedbackItem]) -> dict[str, object]:
    """The columns of a disposition about items, checked."""
    if wanted.outcome not in Outcome.values:
        raise Invalid(_("Please choose one of the list."))
    answers = {code: clean_text(text, most=ANSWER_LENGTH) for code, text in wanted.answers.items()}
    _check(answers, ANSWER_LENGTH)
    answers = {code: text for code, text in answers.items() if text}
    if not answers:
        raise Invalid(_("Say why, in one language at least: everybody will read it."))
    revision = None
    if wanted.outcome in IN_A_REVISION and wanted.revision is not None:
        revision = Revision.objects.filter(proposal=window.proposal_id, number=wanted.revision).first()
        if revision is None:
            raise Invalid(_("The text has no revision %(number)d.") % {"number": wanted.revision})
        _check_read(revision, items)
    elif wanted.outcome == Outcome.ADOPTED:
        raise Invalid(_("Say in which revision the text has taken it up."))
    return {"outcome": wanted.outcome, "revision": revision, "answers": answers}


def _check_read(revision: Revision | None, items: list[FeedbackItem]) -> None:
    """`Invalid` where an item was said about the very revision that is to have taken it up, or about a later one."""
    if revision is None:
        return
    later = [one for one in items if one.revision and one.revision.number >= revision.number]
    if later:
        text = ngettext(
            "%(reference)s was said about revision %(read)d: only a later revision can have taken it up, "
            "and revision %(number)d is none.",
            "%(count)d of the texts were said about revision %(number)d or a later one (%(reference)s about revision "
            "%(read)d): only a revision after that can have taken them up.",
            len(later),
        )
        read = max(one.revision.number for one in later if one.revision)
        first = next(one for one in later if one.revision and one.revision.number == read)
        named = {"reference": first.reference, "count": len(later), "number": revision.number, "read": read}
        raise Invalid(text % named)


# --- release ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def release(window_id: int, *, seen: str, actor: User, at: datetime) -> Release:
    """Make public all that is drafted in a window, in one act; what stood for the same item or theme stays to be read.

    `seen` is the digest of what was shown (`answering.ready`); `Conflict` where that has changed, and where something
    has changed under a draft since it was written that nobody has looked at (`look_again`), `Invalid` where nothing is
    drafted.
    """
    window = _held(window_id, actor)
    ready = _as_shown(window, seen)
    if not ready.answers:
        raise Invalid(_("No answer is ready to be published."))
    if changed := len(drafted.since(window)):
        text = ngettext(
            "%(count)d answer was written before what it is about changed: look at it once more. "
            "Nothing was published.",
            "%(count)d answers were written before what they are about changed: look at them once more. "
            "Nothing was published.",
            changed,
        )
        raise Conflict(text % {"count": changed})
    number = Release.objects.filter(window=window).count() + 1
    made = Release.objects.create(window=window, number=number, at=at)
    rows = answering.drafts(window)
    items, themes = (list(rows.filter(**{f"{name}__isnull": False}).values_list(name)) for name in ("item", "theme"))
    ids = [pk for (pk,) in rows.values_list("pk")]
    # Those of items that came into a theme later are corrected with the theme's.
    joined = Q(joins__in=_ids(themes), item__themed__theme=F("joins"))
    replaced = Q(item__in=_ids(items)) | Q(theme__in=_ids(themes)) | joined
    Disposition.objects.filter(replaced, stands=True).update(stands=False)
    Disposition.objects.filter(pk__in=ids).update(release=made, stands=True)
    ThemedItem.objects.filter(theme__in=_ids(themes), waits=True).update(waits=False)
    # Those of the themes that are not published now, too: they may be again.
    standing.keep([*_ids(items), *ThemedItem.objects.filter(theme__in=_ids(themes)).values_list("item", flat=True)])
    answer_notices.released(made)
    _record(
        "feedback.answers-released", window, window, at=at, actor=actor,
        number=number, answers=ready.answers, corrections=ready.corrections,
    )  # fmt: skip
    return made


@transaction.atomic
def look_again(window_id: int, looked_at: Collection[int], *, seen: str, actor: User, at: datetime) -> int:
    """Say of drafts, by their ids, that they still fit what they are about, which has changed since they were written;
    returns of how many. `seen` as for `release`; `Invalid` where none of them waits for that."""
    window = _held(window_id, actor)
    _as_shown(window, seen)
    found = [one.draft for one in drafted.since(window) if one.draft.pk in looked_at]
    if not found:
        raise Invalid(_("Tick the answers that still fit, or change them."))
    about, newest = drafted.now(found), drafted.newest(window)
    for draft in found:
        draft.seen = drafted.seen(about[draft.pk], newest)
    Disposition.objects.bulk_update(found, ["seen"])
    _record("feedback.answer-looked-at", window, window, at=at, actor=actor, count=len(found))
    return len(found)


def _as_shown(window: FeedbackWindow, seen: str) -> answering.Ready:
    """What a release would do, its items held; `Conflict` unless it is what was shown."""
    # Whoever changes one of them now does so before, and is seen, or after, and everybody reads that.
    held = answering.to_release(window).select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))
    ready = answering.ready(window)
    if ready.seen != seen:
        raise Conflict(_("What is to be published has changed since you opened the page: look at it once more."))
    return ready


def _ids(rows: list[tuple[int]]) -> list[int]:
    return [pk for (pk,) in rows]


# --- what all of them share ------------------------------------------------------------------------------------------


def _held(window_id: int, actor: User) -> FeedbackWindow:
    """The window, held alone but for who sends something to it; `Refused` for who may not answer in it."""
    found = FeedbackWindow.objects.select_related("phase").select_for_update(of=("self",), no_key=True)
    window = found.get(pk=window_id)
    allowed, why = may_answer(as_of_now(actor), window.phase.task_force_id)
    if not allowed:
        raise Refused(why)
    return window


def _held_theme(theme_id: int, actor: User) -> tuple[FeedbackWindow, Theme]:
    window = _held(Theme.objects.values_list("window", flat=True).get(pk=theme_id), actor)
    return window, Theme.objects.get(pk=theme_id)


def _record(
    action: str, window: FeedbackWindow, about: FeedbackWindow | Theme, *, at: datetime, actor: User, **details: Any
) -> None:
    if not isinstance(about, FeedbackWindow):
        details["window"] = window.pk
    log.record(action, about, at=at, actor_id=actor.pk, task_force_id=window.phase.task_force_id, **details)
