"""What visitors find to do in the phases of a test: a feedback window, a call for members."""

from recruitment import services as recruitment
from recruitment.models import Call
from recruitment.services.calls import publish_call
from taskforce.accounts.models import User
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase
from tests.portal.making import AT, make_text, make_window
from tests.recruitment.calling import details

_QUESTIONS = [{"kind": "long-text", "labels": {"en": "Why?"}}]


def offer_feedback(phase: Phase) -> None:
    """A window in a phase for feedback, on a text of its own."""
    text = make_text(phase.task_force, f"text-{phase.slug}")
    make_window(phase, text, create_set(f"feedback-{phase.pk}", _QUESTIONS, at=AT), f"window-{phase.slug}")


def offer_call(phase: Phase) -> Call:
    """A call in a phase for applications."""
    return publish_call(
        phase,
        create_set(f"call-{phase.pk}", _QUESTIONS, at=AT),
        titles={"en": "Call for members"},
        purposes={"en": "Twelve people"},
        seats=12,
        criteria=[{"labels": {"en": "Experience"}, "weight": 100}],
        at=AT,
    )


def draft_a_call(phase: Phase, actor: User) -> Call:
    """A call that is not published, in a phase for applications."""
    version = create_set(f"call-{phase.pk}", _QUESTIONS, at=AT)
    return recruitment.draft_call(phase.pk, version.pk, details(), actor=actor)
