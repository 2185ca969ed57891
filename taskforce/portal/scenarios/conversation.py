"""What people send in the model case: feedback, applications, reviews, each through its gate at its own moment."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from feedback import services as feedback
from recruitment import services as recruitment
from recruitment.forms.applying import made_draft
from recruitment.models import Application
from taskforce.accounts.services import create_account
from taskforce.portal.demo.cast import DOMAIN, PASSWORD
from taskforce.portal.scenarios.voices import CANDIDATES, HEARD, VOICES, Candidate, Heard, Voice
from taskforce.portal.scenarios.world import WINDOW, World, labels
from taskforce.questions import services as questions
from taskforce.questions.enums import QuestionKind
from taskforce.questions.forms import Answer
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import gates

Act = Callable[[World, datetime], None]
FEEDBACK_OPENS = datetime(2022, 2, 1, 12, tzinfo=UTC)
CALL_OPENS = datetime(2022, 3, 14, 12, tzinfo=UTC)
REVIEW_BEGINS = datetime(2022, 4, 14, 9, tzinfo=UTC)
REVIEWERS = ("reviewer1", "reviewer2")


def publish_the_window(world: World, at: datetime) -> None:
    """The window and its two questions are published before the phase opens."""
    version = questions.create_set(
        WINDOW,
        [
            {
                "kind": QuestionKind.LONG_TEXT,
                "labels": labels("question.responsibilities"),
                "required": True,
            },
            {
                "kind": QuestionKind.ONE_CHOICE,
                "labels": labels("question.support"),
                "choices": [(code, labels(f"choice.{code}")) for code in ("yes", "changes", "no", "undecided")],
            },
        ],
        at=at,
        task_force_id=world.phases["feedback"].task_force_id,
    )
    world.windows[WINDOW] = feedback.publish_window(
        world.phases["feedback"],
        world.proposals["proposal"],
        version,
        slug=WINDOW,
        titles=labels("window.title"),
        introductions=labels("window.introduction"),
        at=at,
        actor_id=world.people["coordinator"].pk,
    )


def items() -> Iterator[tuple[datetime, Act]]:
    """(moment, act) for every feedback item, said here or entered by a facilitator."""
    for voice in VOICES:
        yield FEEDBACK_OPENS + voice.after, partial(say, voice)
    for heard in HEARD:
        yield FEEDBACK_OPENS + heard.after, partial(_enter, heard)


def applications() -> Iterator[tuple[datetime, Act]]:
    """(moment, act) for every application, saved as a draft and then submitted."""
    for candidate in CANDIDATES:
        yield CALL_OPENS + candidate.after, partial(_apply, candidate)


def reviews() -> Iterator[tuple[datetime, Act]]:
    """(moment, act) for each of two reviewers working through all candidates."""
    for turn, reviewer in enumerate(REVIEWERS):
        yield REVIEW_BEGINS + timedelta(days=7 * turn), partial(_review, turn, reviewer)


def form_key(at: datetime, phase_id: int) -> gates.FormKey:
    """That of a form of the phase that is shown at the moment."""
    return gates.read_form_key(gates.new_form_key(at, phase_id), phase_id)


def _answers(version: QuestionSetVersion, text: str, choice: str) -> list[Answer]:
    first, second = version.questions.order_by("position")
    return [Answer(first.pk, text), Answer(second.pk, choices=(choice,))]


def say(voice: Voice, world: World, at: datetime, sender: str | None = None) -> None:
    """Somebody sends their text; `sender` is their network, where that matters later."""
    window = world.windows[WINDOW]
    feedback.submit(
        window.pk,
        form_key=form_key(at, window.phase_id),
        language=voice.language,
        read_language=voice.language,
        visibility=voice.visibility,
        name=voice.name,
        answers=_answers(window.questions, voice.text, voice.support),
        sender=sender,
    )


def _enter(heard: Heard, world: World, at: datetime) -> None:
    window = world.windows[WINDOW]
    told = feedback.Told(
        language=heard.language,
        channel=heard.channel,
        said_on=(at - timedelta(days=1)).date(),
        spoke=heard.spoke,
        place_url=heard.place,
        visibility=heard.visibility,
        answers=_answers(window.questions, heard.text, heard.support),
    )
    feedback.enter(window.pk, told, form_key=form_key(at, window.phase_id), actor=world.people[heard.facilitator])


def _apply(candidate: Candidate, world: World, at: datetime) -> None:
    if candidate.key not in world.people:
        world.people[candidate.key] = create_account(
            f"{candidate.key}@{DOMAIN}",
            at=at,
            name=candidate.name,
            language=candidate.language,
            password=PASSWORD,
        )
    call = world.calls["call"]
    draft = made_draft(
        call,
        _answers(call.questions, candidate.text, candidate.time),
        form_key=form_key(at, call.phase_id),
        language=candidate.language,
        name=candidate.name,
        publish_name=candidate.publish_name,
    )
    recruitment.submit(call.pk, world.people[candidate.key], draft)


def _review(turn: int, reviewer: str, world: World, at: datetime) -> None:
    call = world.calls["call"]
    criteria = list(call.criteria.order_by("position"))
    marks = {world.people[c.key].pk: c.marks for c in CANDIDATES}
    for application in Application.objects.filter(call=call).order_by("number"):
        first, second = marks[application.applicant_id]
        # The second reviewer sees a little less in the first criterion: two people rarely agree to the point.
        scores = {criteria[0].pk: max(1, first - turn), criteria[1].pk: second}
        recruitment.save_review(application.pk, world.people[reviewer], scores, "", submit=True)
