"""What a window would say in each language if it were published as it stands, and what its text lacks of what is
wanted."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from proposals import queries as texts
from proposals.models import Proposal, TranslationGoal
from taskforce.core import labels, languages
from taskforce.core.text import digest
from taskforce.questions.enums import QuestionKind
from taskforce.questions.models import Question


class InLanguage(NamedTuple):
    """One language: whether title and introduction are written in it (the introduction None where there is none in any
    language), in which one its readers get the title otherwise, how many labels of the questions are missing in it, and
    how far the text is."""

    code: str
    has_title: bool
    has_introduction: bool | None
    instead: str
    questions_missing: int
    percent: int
    goal: TranslationGoal | None

    @property
    def is_short(self) -> bool:
        """Whether less of the text is translated into it than is wanted."""
        return self.goal is not None and self.percent < self.goal.percent

    @property
    def refuses(self) -> bool:
        """Whether that needs a reason."""
        return self.is_short and self.goal is not None and self.goal.refuses


class Readiness(NamedTuple):
    """All languages of the portal, in their order."""

    languages: Sequence[InLanguage]

    @property
    def wanted(self) -> list[InLanguage]:
        """Those in which the text is wanted."""
        return [each for each in self.languages if each.goal]

    @property
    def short(self) -> list[InLanguage]:
        """Those in which less is translated than is wanted."""
        return [each for each in self.languages if each.is_short]

    def gate(self) -> str:
        """What speaks against it, as a digest: the same as long as the same languages are short, and refuse."""
        return digest([[each.code, each.refuses] for each in self.short])


def of(
    proposal: Proposal, questions: Sequence[Question], titles: Mapping[str, str], introductions: Mapping[str, str]
) -> Readiness:
    """How a window on the text with these questions and texts ({language: text}) stands; three queries."""
    goals, reached = texts.goals(proposal), texts.percent(proposal)
    is_introduced = any(introductions.values())
    return Readiness(
        [
            InLanguage(
                code,
                bool(titles.get(code)),
                bool(introductions.get(code)) if is_introduced else None,
                labels.chosen(titles, code).language,
                missing(questions, code),
                reached[code],
                goals.get(code),
            )
            for code in languages.CODES
        ]
    )


def missing(questions: Sequence[Question], code: str) -> int:
    """How many of the labels, hints and choices of the questions there are in other languages and not in this one."""
    of_questions = [labels.stored(one, field) for one in questions for field in ("label", "help_text")]
    choosing = [one for one in questions if one.kind == QuestionKind.ONE_CHOICE]
    of_choices = [labels.stored(choice, "label") for one in choosing for choice in one.choices.all()]
    return sum(bool(found) and code not in found for found in (*of_questions, *of_choices))
