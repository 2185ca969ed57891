"""A published call with two questions and two criteria, people who apply, and threads with connections of their own."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment import describe, groups, kept, merging, queries, services
from recruitment.enums import Group
from recruitment.forms.applying import made_draft
from recruitment.models import Application, ApplicationAnswers, Call
from recruitment.services.calls import publish_call
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core import clock as portal_clock
from taskforce.questions.enums import QuestionKind
from taskforce.questions.forms import Answer
from taskforce.questions.models import Question, QuestionSetVersion
from taskforce.timeline import gates
from taskforce.timeline.models import Phase
from tests.clients import Client
from tests.conftest import Clock
from tests.proposals.conftest import text as text
from tests.rows import Rows

AT = datetime(2022, 3, 1, 9, tzinfo=UTC)
OPENS = datetime(2022, 3, 14, 12, tzinfo=UTC)
OPEN = datetime(2022, 3, 21, 12, tzinfo=UTC)
CLOSES = datetime(2022, 4, 11, 12, tzinfo=UTC)
HARD_CLOSES = CLOSES + timedelta(seconds=120)
REVIEW = datetime(2022, 4, 20, 12, tzinfo=UTC)
REVIEW_CLOSES = datetime(2022, 5, 16, 12, tzinfo=UTC)
CALL = "/en/tf/leadership-development/join/"
PAGE = f"{CALL}application/"
SEATS = 2

QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "long-text",
        "labels": {"en": "Why do you want to join?", "zh-hant": "您為什麼想加入？"},
        "required": True,
        "max_length": 500,
    },
    {
        "kind": "one-choice",
        "labels": {"en": "How much time do you have?"},
        "choices": [("two", {"en": "Two hours a week"}), ("four", {"en": "Four hours a week"})],
    },
]
CRITERIA: list[dict[str, Any]] = [
    {"labels": {"en": "Experience", "zh-hant": "經驗"}, "help_texts": {"en": "In any community."}, "weight": 60},
    {"labels": {"en": "Perspective"}, "weight": 40},
]


@pytest.fixture
def version(tf: object, pieces: dict[str, Rows]) -> QuestionSetVersion:
    """A long text, required, and one choice."""
    pieces["call's questions"].write()
    return QuestionSetVersion.objects.get(pk=pieces["call's questions"].ids("questions_questionsetversion")[0])


@pytest.fixture
def call(version: QuestionSetVersion, pieces: dict[str, Rows], clock: Clock) -> Call:
    """The call of the model case; the clock stands in the middle of it."""
    clock.set(OPEN)
    pieces["call"].write()
    return Call.objects.get(pk=pieces["call"].ids("recruitment_call")[0])


def publish(phase: Phase, version: QuestionSetVersion, **changes: Any) -> Call:
    """The call of these tests, with changes."""
    options: dict[str, Any] = {
        "titles": {"en": "Become a member", "zh-hant": "成為成員"},
        "purposes": {"en": "You will write a **definition**."},
        "seats": SEATS,
        "criteria": CRITERIA,
        "at": AT,
    }
    return publish_call(phase, version, **{**options, **changes})


def key(call: Call) -> gates.FormKey:
    """The key of a form of the call that is shown now."""
    return gates.read_form_key(gates.new_form_key(portal_clock.app_now(), call.phase_id), call.phase_id)


def draft(call: Call, text: str = "I listen.", *, version: int | None = None, **changes: Any) -> services.Draft:
    """What a form with this text would post, its answers typed on this version (None: it does not say)."""
    first, second = Question.objects.filter(version=call.questions_id).order_by("position")
    options: dict[str, Any] = {
        "answers": [Answer(first.pk, text), Answer(second.pk, choices=("two",))],
        "form_key": key(call),
        "language": "en",
        "tokens": {} if version is None else {Group.ANSWERS: groups.Token(version)},
    }
    return made_draft(call, **{**options, **changes})


def typed_answer(application: Application, position: int = 1) -> str:
    """What is stored of the draft's answer to the question at this position."""
    question = application.call.questions.questions.get(position=position)
    return str(ApplicationAnswers.objects.get(application=application).typed[f"q-{question.pk}"][0])


Apply = Callable[..., Application]
SignIn = Callable[[User], Client]
Scored = Callable[[Application, User, int, int], None]


def someone_applies(
    call: Call, name: str, *, language: str = "en", text: str = "I listen.", publish_name: bool = True
) -> Application:
    """Someone new applies; the call must be open."""
    user = create_account(f"{name}@example.org", at=AT, name=f"{name.title()} Canary", language=language)
    services.submit(call.pk, user, draft(call, text, name=user.name, publish_name=publish_name, language=language))
    return Application.objects.get(call=call, applicant=user)


@pytest.fixture
def apply(call: Call) -> Apply:
    """Someone new applies: `apply("name")`; the call must be open."""
    return partial(someone_applies, call)


@pytest.fixture
def three(call: Call, pieces: dict[str, Rows], clock: Clock) -> list[Application]:
    """Three candidates for two seats, the second without consent to be named; the clock stands in the review."""
    pieces["three candidates"].write()
    clock.set(REVIEW)
    return list(
        Application.objects.filter(pk__in=pieces["three candidates"].ids("recruitment_application")).order_by("pk")
    )


@pytest.fixture
def scored(call: Call) -> Scored:
    """Someone submits a review; the review phase must be open."""

    def one(application: Application, reviewer: User, first: int, second: int) -> None:
        ids = call.criteria.order_by("position").values_list("pk", flat=True)
        scores = dict(zip(ids, (first, second), strict=True))
        services.save_review(application.pk, reviewer, scores, "a private note", submit=True)

    return one


@pytest.fixture
def sign_in() -> SignIn:
    """A browser of a signed-in person."""

    def browser(user: User) -> Client:
        made = Client()
        made.force_login(user)
        return made

    return browser


@pytest.fixture
def user(people: dict[str, User]) -> User:
    """Who applies."""
    return people["applicant"]


@pytest.fixture
def applicant(user: User, sign_in: SignIn) -> Client:
    """The applicant's browser."""
    return sign_in(user)


@pytest.fixture
def coordinator(people: dict[str, User], sign_in: SignIn) -> Client:
    """The coordinator's browser."""
    return sign_in(people["coordinator"])


def statements(captured: CaptureQueriesContext) -> tuple[int, int]:
    """(all statements of a page, those that read recruitment's tables)."""
    return len(captured), sum("recruitment_" in query["sql"] for query in captured)


Run = Callable[..., Future[Any]]


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """For tests with threads, whose changes are committed: the clock runs by itself again afterwards."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(import_module("taskforce.core.migrations.0001_clock").CREATE)


@pytest.fixture
def aside(committed: None) -> Iterator[Run]:
    """Run a function in a thread with a connection of its own; every error comes out of `.result()`."""

    def with_own_connection(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            return function(*arguments, **named)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=20) as pool:
        yield lambda function, *arguments, **named: pool.submit(with_own_connection, function, *arguments, **named)


def withdrawal(client: Client, page: str = PAGE) -> dict[str, str]:
    """The form that withdraws the application on this page, its box ticked, as a browser would send it."""
    found = re.search(r'name="reference" value="([^"]+)"', client.get(page).content.decode())
    assert found is not None, f"{page} has nothing to withdraw"
    return {"action": "withdraw", "reference": found[1], "confirm": "on"}


# The fields of a fresh form in which nothing stands; boxes and buttons that nobody has pressed send nothing.
EMPTY = (
    "wiki_name", "profile-region", "profile-zone", "profile-hours", "profile-projects", "profile-roles", "about-gender",
    "about-gender-words", "about-age", "about-affiliation", "about-affiliation-words", "about-experience",
    "publish_text", "not-reviewers", *(f"profile-{what}-{row}" for row in (1, 2, 3) for what in ("language", "level")),
)  # fmt: skip


def shown_form(client: Client, call: Call) -> dict[str, Any]:
    """What the form has in it that whoever sits at this browser would be shown now, without its page.

    That pages show just this is seen in `test_application.py`.
    """
    user = User.objects.get(pk=client.session["_auth_user_id"])
    mine = describe.standing(queries.own_application(call, user))
    live = mine.application if mine.is_live else None
    typed = queries.typed(live) if live is not None else queries.begun(user)
    fields: dict[str, Any] = {"owner": kept.owner_mark(user), **dict.fromkeys(EMPTY, "")}
    for group in Group:
        version = queries.row_of(live, group).version if live is not None else 0
        fields[groups.version_name(group)] = groups.token(version, typed[group])
        fields[merging.marks_name(group)] = merging.marks(typed[group])
    # Of the choice nothing is chosen yet, so that nothing of it would be sent.
    fields |= {f"q-{one.pk}": "" for one in call.questions.questions.filter(kind=QuestionKind.LONG_TEXT)}
    for group in Group:
        fields |= {name: values[0] for name, values in typed[group].items()}
    return {**fields, "form_key": gates.new_form_key(portal_clock.app_now(), call.phase_id)}


def question_names(call: Call) -> tuple[str, str]:
    """The names of the text question and of the choice in its form."""
    first, second = call.questions.questions.order_by("position").values_list("pk", flat=True)
    return f"q-{first}", f"q-{second}"
