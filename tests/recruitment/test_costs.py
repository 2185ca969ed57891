"""What the form of an application, and all else of one's own, asks of the database, at two sizes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from recruitment import services
from recruitment.enums import Group, Outcome
from recruitment.fields import MOST_LANGUAGES, language_name, level_name
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.questions import spoken
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase
from taskforce.timeline.services import create_task_force, publish_phase
from tests.clients import Client
from tests.costs import Cost, cost
from tests.recruitment.conftest import AT, CLOSES, OPEN, PAGE, REVIEW, publish, shown_form, withdrawal

FORM, SUBMIT, BY_ITSELF, BEGUN_BY_ITSELF = 8, 18, 10, 14
# One's own page without a form, a receipt, its files, all of one's own as a file.
OWN, RECEIPT, FILE, DATA = 14, 10, 8, 14
MANY_QUESTIONS, MANY_APPLICATIONS, VERSIONS = 40, 500, 6
Fields = dict[str, Any]


@pytest.fixture(params=["little", "much"])
def size(request: pytest.FixtureRequest) -> str:
    """One question, one language and ten applications in the call, or as many as there ever are."""
    return str(request.param)


@pytest.fixture
def sized(size: str, phase: Callable[[str], Phase], people: dict[str, User], clock: Any) -> Call:
    """The call at this size; the planner knows of it."""
    questions = 1 if size == "little" else MANY_QUESTIONS
    asked = [
        {"kind": "long-text" if number % 2 else "one-choice", "labels": {"en": f"Question {number}?"}, "required": True,
         **({} if number % 2 else {"choices": [("yes", {"en": "Yes"}), ("no", {"en": "No"})]})}
        for number in range(1, questions + 1)
    ]  # fmt: skip
    call = publish(phase("recruitment"), create_set("sized", asked, at=AT))
    clock.set(OPEN)
    count = 10 if size == "little" else MANY_APPLICATIONS
    users = User.objects.bulk_create(
        User(email=f"many-{number}@example.org", name=f"Many {number}") for number in range(count)
    )
    Application.objects.bulk_create(
        Application(call=call, applicant=user, number=number, reference=f"A-many-{number}", language="en",
                    created_at=OPEN, saved_at=OPEN)
        for number, user in enumerate(users, start=1)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE recruitment_application")
    return call


def filled(client: Client, call: Call, size: str, **changes: Any) -> Fields:
    """A form with everything in it."""
    fields = shown_form(client, call)
    for one in call.questions.questions.all():
        fields[f"q-{one.pk}"] = "I listen." if one.kind == "long-text" else "yes"
    languages = 1 if size == "little" else MOST_LANGUAGES
    for row, tag in enumerate(spoken.offered()[:languages], start=1):
        fields |= {language_name(row): tag, level_name(row): "3"}
    said = {"profile-hours": "5", "about-age": "25-34", "publish_name": "on", "not-reviewers": "Somebody\nElse"}
    return {**fields, **said, **changes}


def got(client: Client) -> Cost:
    """What the page costs."""

    def get() -> None:
        assert client.get(PAGE).status_code == 200

    return cost(get)


def posted(client: Client, fields: Fields) -> Cost:
    """What the post costs, which is taken."""

    def post() -> None:
        answer = client.post(PAGE, fields)
        assert answer.status_code == 303, answer.content.decode()[:3000]

    return cost(post)


@pytest.fixture
def applicant(people: dict[str, User], sign_in: Callable[[User], Client]) -> Client:
    """The applicant's browser; what a process reads once is read."""
    return sign_in(people["applicant"])


@pytest.mark.long
def test_the_form(sized: Call, size: str, applicant: Client) -> None:
    got(applicant)
    fresh = got(applicant)
    assert fresh.together <= FORM, fresh.asked
    posted(applicant, filled(applicant, sized, size, action="save"))
    saved = got(applicant)
    assert saved.together <= FORM, saved.asked


@pytest.mark.long
def test_saving_and_submitting(sized: Call, size: str, applicant: Client, clock: Any) -> None:
    got(applicant)
    first = posted(applicant, filled(applicant, sized, size, action="submit"))
    assert first.together <= SUBMIT, first.asked
    clock.set(OPEN + timedelta(hours=1))
    again = posted(applicant, filled(applicant, sized, size, action="submit", name="Ada"))
    assert again.together <= SUBMIT, again.asked
    saved = posted(applicant, filled(applicant, sized, size, action="save", name="Ada L."))
    assert saved.together <= SUBMIT, saved.asked


@pytest.mark.long
def test_what_saves_itself(sized: Call, size: str, applicant: Client) -> None:
    """Of one group, as somebody types there, and of all of them."""
    got(applicant)
    sent = filled(applicant, sized, size)
    for number, named in enumerate((["answers"], ["answers"], ["identity"], [str(one) for one in Group])):
        sent |= {"group": named, "name": f"Ada {number}"}
        said: dict[str, Any] = {}

        def post(fields: Fields = sent, into: dict[str, Any] = said) -> None:
            answer = applicant.post(f"{PAGE}draft/", fields, headers={"accept": "application/json"})
            assert answer.status_code == 200, answer.content
            into.update(answer.json()["versions"])

        saved = cost(post)
        assert saved.together <= (BY_ITSELF if number else BEGUN_BY_ITSELF), "\n".join(saved.asked)
        sent |= {f"version-{one}": version for one, version in said.items()}


# --- what is one's own -----------------------------------------------------------------------------------------------


@pytest.fixture
def theirs(
    sized: Call, size: str, applicant: Client, people: dict[str, User], clock: Any, version: QuestionSetVersion
) -> Application:
    """The applicant's application: one version, or many with as many mails, an earlier one that was withdrawn, and
    other calls that are open."""
    if size == "much":
        for number in range(5):
            group = create_task_force(f"other-{number}", {"en": f"Other {number}"}, at=AT)
            phase = publish_phase(
                group, slug="join", titles={"en": "Join"}, capabilities=["apply"], opens_on=date(2022, 3, 14),
                closes_on=date(2022, 6, 30), at=AT,
            )  # fmt: skip
            publish(phase, version, titles={"en": f"Join {number}"})
        posted(applicant, filled(applicant, sized, size, action="submit"))
        posted(applicant, withdrawal(applicant))
    question = f"q-{sized.questions.questions.filter(kind='long-text').order_by('pk').values_list('pk', flat=True)[0]}"
    for number in range(1 if size == "little" else VERSIONS):
        clock.set(OPEN + timedelta(hours=number + 1))
        posted(applicant, filled(applicant, sized, size, action="submit", **{question: f"Words {number}."}))
    return Application.objects.exclude(state="withdrawn").get(applicant=people["applicant"])


def read(client: Client, path: str = PAGE, status: int = 200) -> Cost:
    """What it costs to read this once it was read before, when what a process reads once is read."""
    assert client.get(path).status_code == status, path

    def get() -> None:
        assert client.get(path).status_code == status

    return cost(get)


@pytest.mark.long
def test_ones_own_page_in_each_state(
    theirs: Application, sized: Call, applicant: Client, people: dict[str, User], clock: Any
) -> None:
    """Submitted, with a newer draft, after the close, decided, told; and withdrawn, before the close and after it."""
    found = {"submitted": read(applicant)}
    posted(applicant, {**shown_form(applicant, sized), "name": "Ada", "action": "save"})
    found["newer draft"] = read(applicant)
    with rolled_back():
        posted(applicant, withdrawal(applicant))
        found["withdrawn"] = read(applicant)
        clock.set(CLOSES)
        found["withdrawn for good"] = read(applicant)
    clock.set(REVIEW)
    found["closed"] = read(applicant)
    services.decide(theirs.pk, people["coordinator"], Outcome.ACCEPT)
    found["held"] = read(applicant)
    assert found["held"].together == found["closed"].together
    Application.objects.filter(state="draft").delete()
    services.release(sized.pk, people["coordinator"])
    found["told"] = read(applicant)
    costs = {name: one.together for name, one in found.items()}
    assert max(costs.values()) <= OWN, costs


@pytest.mark.long
def test_a_late_visitor(
    theirs: Application, sign_in: Callable[[User], Client], people: dict[str, User], clock: Any
) -> None:
    clock.set(CLOSES)
    late = read(sign_in(people["member"]))
    assert late.together <= OWN, late.asked


@pytest.mark.long
def test_receipts_and_files(theirs: Application, applicant: Client) -> None:
    of = f"?application={theirs.reference}"
    for path, most in (
        (f"{PAGE}receipt/1/{of}", RECEIPT),
        (f"{PAGE}receipt/1.json{of}", FILE),
        (f"{PAGE}receipt/1.txt{of}", FILE),
        (f"{PAGE}data/", DATA),
        (f"{PAGE}data.txt", DATA),
    ):
        found = read(applicant, path)
        assert found.together <= most, (path, found.together, found.asked)


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is done inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
