"""The pieces of set-up that many tests begin with, in the order in which they are made (`tests/rows.py`)."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from feedback.services import publish_window
from proposals.enums import ProposalState, UnitKind
from proposals.models import Proposal, Revision, Unit, UnitText
from proposals.services import import_page
from recruitment.models import Call
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.services import create_account, grant_role
from taskforce.portal.scenarios import builder
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.conftest import MOMENT, utc
from tests.feedback import conftest as feedback
from tests.proposals.conftest import T
from tests.proposals.pages import page
from tests.recruitment import conftest as recruitment
from tests.rows import Piece

PHASES = (
    ("feedback", "Feedback on the proposal", "對提案的反饋", ["feedback"], date(2022, 2, 1), date(2022, 2, 28)),
    ("recruitment", "Recruitment of members", "招募成員", ["apply"], date(2022, 3, 14), date(2022, 4, 10)),
    ("review", "Review of applications", "審查申請", ["review"], date(2022, 4, 11), date(2022, 5, 15)),
    ("work", "The task force works", "專案組開始工作", ["work"], date(2022, 5, 16), date(2023, 6, 30)),
)
CAST = {
    "coordinator": Role.COORDINATOR,
    "deputy": Role.DEPUTY,
    "reviewer1": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "translator": Role.TRANSLATOR,
    "facilitator": Role.FACILITATOR,
    "moderator": Role.MODERATOR,
    "privacy": Role.DATA_OFFICER,
    "observer": Role.OBSERVER,
    "admin": Role.ADMINISTRATOR,
    "member": None,
    "applicant": None,
}
PUBLISHED = utc(2022, 1, 20, 9)


def pieces() -> Iterator[Piece]:
    """Each after those that it comes after."""
    yield Piece("model case", _publish_model_case, MOMENT)
    for name in CAST:
        yield Piece(name, partial(_join, name), MOMENT, ("model case",))
    yield Piece("imported page", partial(import_page, page(), task_force=T, at=utc(2022, 2, 4, 9)), MOMENT)
    yield Piece("text", _publish_text, MOMENT, ("model case",))
    asked = partial(create_set, "responsibilities", feedback.QUESTIONS, at=feedback.AT)
    yield Piece("window's questions", asked, MOMENT)
    yield Piece("window", _publish_window, MOMENT, ("model case", "text", "window's questions"))
    asked = partial(create_set, "application", recruitment.QUESTIONS, at=recruitment.AT)
    yield Piece("call's questions", asked, MOMENT, ("model case",))
    yield Piece("call", _publish_call, recruitment.OPEN, ("model case", "call's questions"))
    yield Piece("announced", partial(builder.load, "announced", reset=False), MOMENT)
    yield Piece("three candidates", _three_apply, recruitment.OPEN, ("model case", "call's questions", "call"))


def _publish_model_case() -> None:
    task_force = timeline.create_task_force(
        "leadership-development", {"en": "Leadership development", "zh-hant": "領導力發展"}, at=PUBLISHED
    )
    for slug, english, chinese, capabilities, opens_on, closes_on in PHASES:
        timeline.publish_phase(
            task_force,
            slug=slug,
            titles={"en": english, "zh-hant": chinese},
            capabilities=capabilities,
            opens_on=opens_on,
            closes_on=closes_on,
            at=PUBLISHED,
        )


def _join(name: str) -> None:
    task_force, role = TaskForce.objects.get(), CAST[name]
    language = "zh-hant" if name in ("translator", "member") else "en"
    person = create_account(f"{name}@demo.example", at=PUBLISHED, name=f"{name.title()} Demo", language=language)
    if role is not None:
        spoken = language if role in SPOKEN_ROLES else ""
        place = None if role == Role.DATA_OFFICER else task_force.pk
        grant_role(person, role, at=PUBLISHED, actor_id=None, task_force_id=place, language=spoken, tell=False)


def _publish_text() -> None:
    proposal = Proposal.objects.create(
        task_force=TaskForce.objects.get(), slug="proposal", state=ProposalState.PUBLISHED, created_at=feedback.AT
    )
    unit = Unit.objects.create(proposal=proposal, position=0, kind=UnitKind.TITLE, source_language="en")
    for language, title in feedback.TITLES.items():
        UnitText.objects.create(unit=unit, language=language, text=title, html=title)
    Revision.objects.create(proposal=proposal, number=1, language="en", editor_name="Editor", at=feedback.AT)


def _publish_window() -> None:
    publish_window(
        Phase.objects.get(slug="feedback"),
        Proposal.objects.get(),
        QuestionSetVersion.objects.get(),
        slug="responsibilities",
        titles={"en": "Responsibilities of the task force", "zh-hant": "專案組的職責"},
        introductions={"en": "Tell us **what matters** to you."},
        at=feedback.AT,
    )


def _publish_call() -> None:
    recruitment.publish(Phase.objects.get(slug="recruitment"), QuestionSetVersion.objects.get())


def _three_apply() -> None:
    for number, name in enumerate(("ada", "bo", "cy"), start=1):
        language, text = "zh-hant" if name == "bo" else "en", f"Answer of candidate {number}."
        recruitment.someone_applies(Call.objects.get(), name, publish_name=name != "bo", language=language, text=text)
