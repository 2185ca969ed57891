"""What staff write into a call, as values: cleaned and checked before anything is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment.models.calls import HIGHEST, LOWEST, WHOLE
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.core.text import clean_name, clean_text

# By language.
Texts = Mapping[str, str]

# The words of a call with how long each may be: lines, and texts of blocks (Markdown).
LINES = {"title": 300, "term": 300, "hours": 300}
BLOCKS = {
    "purpose": 10_000,
    "eligibility": 2_000,
    "allowance": 2_000,
    "publication": 5_000,
    "criteria_introduction": 2_000,
}
# In the order in which they are read.
FIELDS = ("title", "purpose", "eligibility", "term", "hours", "allowance", "publication", "criteria_introduction")
# What the texts of a call are called on its page.
WORDS = {
    "title": gettext_lazy("Title"),
    "purpose": gettext_lazy("What the members will do"),
    "eligibility": gettext_lazy("Who may apply"),
    "term": gettext_lazy("Term of office"),
    "hours": gettext_lazy("Hours per week"),
    "allowance": gettext_lazy("Allowance"),
    "publication": gettext_lazy("What becomes public, and about whom"),
    "criteria_introduction": gettext_lazy("How people are chosen"),
    "question": gettext_lazy("Question"),
    "answer": gettext_lazy("Answer"),
}
LABEL_LENGTH, HELP_LENGTH, MEANING_LENGTH = 300, 600, 600
QUESTION_LENGTH, ANSWER_LENGTH = 300, 5_000
REASON_LENGTH = 2_000
MOST_SEATS, MOST_PANEL = 1_000, 100
MOST_CRITERIA, MOST_CLARIFICATIONS = 20, 100
SCORES = range(LOWEST, HIGHEST + 1)


@dataclass(frozen=True)
class Details:
    """What a call says besides its rubric: {field: {language: text}} of `FIELDS`, and its numbers.

    `languages`: in which one may apply; none: in all. `panel_size` 0: not yet said.
    """

    texts: Mapping[str, Texts]
    seats: int
    panel_size: int = 0
    languages: Sequence[str] = ()


@dataclass(frozen=True)
class Line:
    """A criterion as it is to be: what it is called, what helps to score it, its weight in percent, and what the scores
    mean ({1 to 5: {language: text}}). `criterion_id`: the one that it is; None: a new one."""

    labels: Texts
    weight: int
    help_texts: Texts = field(default_factory=dict)
    meanings: Mapping[int, Texts] = field(default_factory=dict)
    criterion_id: int | None = None


def details(given: Details) -> Details:
    """The same, cleaned; `Invalid` for what is too long, or no number that could be meant."""
    if unknown := set(given.texts) - set(FIELDS):
        raise Invalid(_("There is no such text in a call: %(name)s.") % {"name": sorted(unknown)[0]})
    texts = {
        name: line(found, LINES[name]) if name in LINES else block(found, BLOCKS[name])
        for name, found in given.texts.items()
    }
    if not 0 <= given.panel_size <= MOST_PANEL:
        raise Invalid(_("A panel has at most %(most)d people.") % {"most": MOST_PANEL})
    foreign = next((code for code in given.languages if not languages.is_offered(code)), None)
    if foreign is not None:
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": foreign})
    chosen = [code for code in languages.CODES if code in given.languages]
    return Details(texts, seats(given.seats), given.panel_size, chosen)


def seats(given: int) -> int:
    """The number; `Invalid` where nobody, or a small town, could be taken."""
    if given < 1:
        raise Invalid(_("A call needs at least one seat."))
    if given > MOST_SEATS:
        raise Invalid(_("A call has at most %(most)d seats.") % {"most": MOST_SEATS})
    return given


def criterion(given: Line) -> Line:
    """The same, cleaned; `Invalid` for no label, a weight that is none, a score that nobody gives, too long texts."""
    labels = line(given.labels, LABEL_LENGTH)
    if not any(labels.values()):
        raise Invalid(_("A criterion needs a label in one language at least."))
    if not 1 <= given.weight <= WHOLE:
        raise Invalid(_("A weight is a whole number from 1 to 100 (percent)."))
    if set(given.meanings) - set(SCORES):
        raise Invalid(_("Scores go from %(lowest)d to %(highest)d.") % {"lowest": LOWEST, "highest": HIGHEST})
    meanings = {score: line(texts, MEANING_LENGTH) for score, texts in given.meanings.items()}
    return Line(labels, given.weight, line(given.help_texts, HELP_LENGTH), meanings, given.criterion_id)


def rubric(given: Sequence[Line]) -> list[Line]:
    """The whole of it, cleaned; `Invalid` where it has no or too many criteria, or they do not weigh a hundred."""
    found = [criterion(one) for one in given]
    if not found:
        raise Invalid(_("A rubric has at least one criterion."))
    if len(found) > MOST_CRITERIA:
        raise Invalid(_("A call has at most %(most)d criteria.") % {"most": MOST_CRITERIA})
    total = sum(one.weight for one in found)
    if total != WHOLE:
        raise Invalid(_("The weights of the criteria add up to %(total)s, not to 100.") % {"total": total})
    return found


def clarification(questions: Texts, answers: Texts) -> tuple[dict[str, str], dict[str, str]]:
    """A question and its answer, cleaned; `Invalid` where one of both is missing or too long."""
    asked, told = line(questions, QUESTION_LENGTH), block(answers, ANSWER_LENGTH)
    if not any(asked.values()) or not any(told.values()):
        raise Invalid(_("Write a question and its answer, in one language at least."))
    return asked, told


def reason(given: Texts) -> dict[str, str]:
    """Why something is changed, cleaned; `Invalid` where nobody says it."""
    found = {code: text for code, text in block(given, REASON_LENGTH).items() if text}
    if not found:
        raise Invalid(_("Say why, in one language at least: everybody will read it."))
    return found


def line(given: Texts, most: int) -> dict[str, str]:
    """One line in each language."""
    return _fitting({code: clean_name(text, most=most) for code, text in given.items()}, most)


def block(given: Texts, most: int) -> dict[str, str]:
    """A text in each language."""
    return _fitting({code: clean_text(text, most=most) for code, text in given.items()}, most)


def _fitting(found: dict[str, str], most: int) -> dict[str, str]:
    """`Invalid` for a foreign language and for a text that is too long."""
    if foreign := next((code for code in found if not languages.is_offered(code)), None):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": foreign})
    if any(len(text) > most for text in found.values()):
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": most})
    return found
