"""What a window would say in each language if it were published as it stands, what its text and its questions lack of
what is wanted, and what else speaks against it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.rules import MODERATORS_OF_THEIR_OWN
from proposals import queries as texts
from proposals.models import Proposal, TranslationGoal
from taskforce.accounts.models import RoleGrant
from taskforce.core import labels, languages
from taskforce.core.templatetags.portal import number, percent
from taskforce.core.text import digest
from taskforce.questions.models import Question
from taskforce.questions.readiness import Broken, broken, missing


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
    def is_text_short(self) -> bool:
        """Whether less of the text is translated into it than is wanted."""
        return self.goal is not None and self.percent < self.goal.percent

    @property
    def is_short(self) -> bool:
        """Whether less is translated into a wanted language than is wanted: of the text, or any of the questions."""
        return self.goal is not None and (self.is_text_short or self.questions_missing > 0)

    @property
    def refuses(self) -> bool:
        """Whether that needs a reason."""
        return self.is_short and self.goal is not None and self.goal.refuses

    def lacks(self) -> list[str]:
        """In words, what is wanted in it and missing."""
        found = []
        if self.goal is not None and self.is_text_short:
            reached = {"reached": percent(self.percent), "wanted": percent(self.goal.percent)}
            found.append(_("%(reached)s of %(wanted)s") % reached)
        if self.questions_missing:
            found.append(questions_missing(self.questions_missing))
        return found


def questions_missing(count: int) -> str:
    """How many texts of the questions are missing, in words."""
    words = ngettext(
        "%(count)s text of the questions is missing", "%(count)s texts of the questions are missing", count
    )
    return words % {"count": number(count)}


class Readiness(NamedTuple):
    """All languages of the portal, in their order; broken questions; whether somebody of the task force moderates."""

    languages: Sequence[InLanguage]
    broken: Sequence[Broken]
    is_moderated: bool

    @property
    def wanted(self) -> list[InLanguage]:
        """Those in which the text is wanted."""
        return [each for each in self.languages if each.goal]

    @property
    def short(self) -> list[InLanguage]:
        """Those in which less is translated than is wanted."""
        return [each for each in self.languages if each.is_short]

    @property
    def refusing(self) -> list[InLanguage]:
        """Those of them without which nothing is published, unless somebody says why."""
        return [each for each in self.short if each.refuses]

    @property
    def needs_reason(self) -> bool:
        """Whether whoever publishes it has to say why they do."""
        return bool(self.refusing) or not self.is_moderated

    def gate(self) -> str:
        """What speaks against it, as a digest: the same as long as the same languages are short, and refuse."""
        against = [[each.code, each.refuses, each.questions_missing] for each in self.short]
        return digest([against, [broken.number for broken in self.broken], self.is_moderated])


def of(
    proposal: Proposal, questions: Sequence[Question], titles: Mapping[str, str], introductions: Mapping[str, str]
) -> Readiness:
    """How a window on the text with these questions and texts ({language: text}) stands; four queries."""
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
        ],
        broken(questions),
        is_moderated(proposal.task_force_id),
    )


def is_moderated(task_force_id: int) -> bool:
    """Whether somebody but administrators can look at what is held."""
    held = RoleGrant.objects.filter(role__in=MODERATORS_OF_THEIR_OWN, user__is_active=True)
    return held.filter(Q(task_force_id=task_force_id) | Q(task_force_id=None)).exists()
