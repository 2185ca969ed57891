"""How much of many texts is translated, in so many queries whatever their number."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from proposals import queries
from proposals.models import Proposal, TranslationGoal, Unit, UnitText
from proposals.reading import Mark, UnitRow, percents
from taskforce.core.labels import Label


def of(proposals: Collection[int]) -> dict[int, dict[str, int]]:
    """{text: {language: share of it that is in the language and up to date}}; two queries."""
    rows: dict[int, list[UnitRow]] = {pk: [] for pk in proposals}
    units = Unit.objects.filter(proposal__in=rows, removed_in=None).order_by()
    for pk, proposal_id, source_language in units.values_list("pk", "proposal_id", "source_language"):
        rows[proposal_id].append(UnitRow(pk, None, "", 0, ordered=False, number=None, source_language=source_language))
    marks: dict[int, dict[str, Mark]] = {}
    texts = UnitText.objects.filter(unit__proposal__in=rows, unit__removed_in=None).exclude(text="")
    for unit_id, language, version, source_version in texts.values_list(
        "unit_id", "language", "version", "source_version"
    ):
        marks.setdefault(unit_id, {})[language] = Mark(version, source_version)
    return {pk: percents(own, marks) for pk, own in rows.items()}


class Reached(NamedTuple):
    """A goal, the title of its text for a reader, and how far the language is."""

    goal: TranslationGoal
    title: Label
    percent: int


def reached(goals: Sequence[TranslationGoal], language: str) -> list[Reached]:
    """The goals with what people know their texts by, for a reader of the language, and how far they are; three
    queries."""
    texts: dict[int, Proposal] = {goal.proposal_id: goal.proposal for goal in goals}
    titles = {listed.proposal.pk: listed.title for listed in queries.titled(list(texts.values()), language)}
    shares = of(texts)
    return [Reached(goal, titles[goal.proposal_id], shares[goal.proposal_id][goal.language]) for goal in goals]
