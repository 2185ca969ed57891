"""What the revisions of a text did: who changed which language, which one came before and which comes after."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import F, Func, IntegerField, Max, Min, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Lag

from proposals.models import Proposal, Revision, RevisionContent
from proposals.queries import LARGEST
from taskforce.core import languages

# Beside a revision, on its own page and in the history of the text.
SLOT = "proposal.revision"


@dataclass(frozen=True)
class Told:
    """A revision on a page. `numbers` are all that stand there: a filler of the slot asks once for all of them, and
    keeps what it found in `known`, which they share."""

    proposal: Proposal
    number: int
    numbers: Collection[int]
    known: dict[str, Any] = field(default_factory=dict)


def told(proposal: Proposal, numbers: Collection[int]) -> list[Told]:
    """The revisions of these numbers, as the slot's fillers get them."""
    known: dict[str, Any] = {}
    return [Told(proposal, number, numbers, known) for number in numbers]


def history(proposal: Proposal, *, language: str = "", editor: str = "") -> QuerySet[Revision]:
    """The revisions, newest first: all, or those that changed a language, or an editor's."""
    found = proposal.revisions.order_by("-number")
    if language:
        found = found.filter(contents__language=language)
    return found.filter(editor_name=editor) if editor else found


def edited_languages(proposal: Proposal, *, after: int = 0, until: int = LARGEST) -> list[str]:
    """The languages that revisions changed, in the portal's order; only those later than `after`, up to `until`."""
    found = RevisionContent.objects.filter(
        revision__proposal=proposal, revision__number__gt=after, revision__number__lte=until
    )
    codes = set(found.values_list("language", flat=True).distinct())
    return [code for code in languages.CODES if code in codes]


def editors(proposal: Proposal, most: int) -> list[str]:
    """The names of those who have edited the text, by name; where they are too many, of the last `most`."""
    names = proposal.revisions.order_by().values("editor_name").annotate(last=Max("number")).order_by("-last")
    return sorted(names.values_list("editor_name", flat=True)[:most], key=str.casefold)


class Step(NamedTuple):
    """That a revision changed a language; `before` is the number of the one that did so before it, 0 for none."""

    language: str
    before: int


def steps(proposal: Proposal, revisions: Iterable[Revision]) -> dict[int, list[Step]]:
    """{id of a revision: what it changed, by language}; one query."""
    before = Window(Lag("revision__number", default=0), partition_by="language", order_by="revision__number")
    # Without the texts themselves: they are the bulk of the table.
    rows = (
        RevisionContent.objects.filter(revision__proposal=proposal)
        .annotate(before=before)
        .filter(revision__in=[act.pk for act in revisions])
        .order_by("language")
        .values_list("revision_id", "language", "before")
    )
    found: dict[int, list[Step]] = {}
    for pk, language, number in rows:
        found.setdefault(pk, []).append(Step(language, number))
    return found


class _SourceVersions(Func):
    """Of a content and its language: the sum of the versions of the units whose source text that language is."""

    template = "(SELECT coalesce(sum((unit->>'version')::int), 0) FROM jsonb_array_elements(%(expressions)s))"
    arg_joiner = ") AS unit WHERE (unit->>'source_language') = ("
    output_field = IntegerField()


def translations(revisions: Iterable[Revision]) -> set[int]:
    """The ids of those revisions that people saved here and that changed no source text; one query at most.

    A language may be the source of some units and a translation of others: what the revision did to the source is
    read from the versions before and after it.
    """
    saved_here = [act.pk for act in revisions if act.editor_id is not None]
    if not saved_here:
        return set()
    source = _SourceVersions("units", "language")
    earlier = RevisionContent.objects.filter(
        revision__proposal=OuterRef("revision__proposal"),
        revision__number__lt=OuterRef("revision__number"),
        language=OuterRef("language"),
    ).order_by("-revision__number")
    before = Coalesce(Subquery(earlier.annotate(source=source).values("source")[:1]), 0)
    changed = RevisionContent.objects.filter(revision__in=saved_here).annotate(source=source, before=before)
    return set(changed.filter(source=F("before")).values_list("revision_id", flat=True))


def neighbour(proposal: Proposal, language: str, number: int, *, is_later: bool) -> int:
    """The number of the next revision after `number`, or the last before it, that changed the language; 0 for none."""
    found = RevisionContent.objects.filter(revision__proposal=proposal, language=language)
    if is_later:
        near = found.filter(revision__number__gt=number).aggregate(number=Min("revision__number"))
    else:
        near = found.filter(revision__number__lt=number).aggregate(number=Max("revision__number"))
    return near["number"] or 0


def revisions_between(proposal: Proposal, after: int, until: int, most: int) -> list[Revision]:
    """The last `most` revisions later than `after`, up to `until`, newest first."""
    return list(proposal.revisions.filter(number__gt=after, number__lte=until).order_by("-number")[:most])
