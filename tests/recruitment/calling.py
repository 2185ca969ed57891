"""A draft of a call that lacks nothing, for the tests of how calls are made."""

from typing import Any

from recruitment import services
from recruitment.models import Call
from recruitment.plan import Details, Line
from taskforce.accounts.models import User
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase

TEXTS: dict[str, dict[str, str]] = {
    "title": {"en": "Become a member"},
    "purpose": {"en": "You will write a **definition**."},
    "eligibility": {"en": "Everybody who takes part in the movement."},
    "term": {"en": "One year"},
    "hours": {"en": "About four"},
    "allowance": {"en": "Costs of data are paid."},
    "publication": {"en": "Names of members who agree; of others nothing."},
}
MEANINGS = {score: {"en": f"Mark {score}"} for score in range(1, 6)}


def details(**changes: Any) -> Details:
    """Texts and numbers of a call, with changes."""
    return Details(**{"texts": TEXTS, "seats": 2, "panel_size": 2, **changes})


def line(label: str = "Experience", weight: int = 60, **changes: Any) -> Line:
    """A criterion with all meanings of its scores, with changes."""
    return Line(**{"labels": {"en": label}, "weight": weight, "meanings": MEANINGS, **changes})


def drafted(phase: Phase, version: QuestionSetVersion, actor: User) -> Call:
    """A draft with a whole rubric and one question with its answer."""
    call = services.draft_call(phase.pk, version.pk, details(), actor=actor)
    services.add_criterion(call.pk, line(), actor=actor)
    services.add_criterion(call.pk, line("Perspective", 40), actor=actor)
    services.add_clarification(call.pk, {"en": "Is it paid?"}, {"en": "No."}, actor=actor)
    return call
