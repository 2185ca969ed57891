"""An application that asks in every way: drafts, snapshots, what was kept of an ended session, and one's own data."""

from collections.abc import Callable
from typing import Any

import pytest

from recruitment import personal_data, queries, services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.core.text import digest
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import AT, OPEN, PAGE, draft, publish, shown_form

ASKED: list[dict[str, Any]] = [
    {"kind": "several", "labels": {"en": "What can you do?"}, "choices": [(c, {"en": c * 3}) for c in "abc"]},
    {"kind": "language", "labels": {"en": "What do you speak?"}},
    {"kind": "scale", "labels": {"en": "How sure are you?"}, "least": 0, "most": 10},
]


@pytest.fixture
def every_kind(phase: Callable[[str], Phase], clock: Clock) -> Call:
    """A call that asks for several choices, a language and a number."""
    clock.set(OPEN)
    return publish(phase("recruitment"), create_set("every", ASKED, at=AT))


def test_a_draft_shows_what_was_chosen_and_what_is_submitted_is_read(
    every_kind: Call, people: dict[str, User], sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(people["applicant"])
    several, language, scale = (f"q-{one.pk}" for one in every_kind.questions.questions.order_by("position"))
    chosen: dict[str, Any] = {several: ["c", "a"], language: "+", f"{language}-other": "Atayal", scale: "0"}
    sent = {**shown_form(client, every_kind), **chosen}
    assert client.post(PAGE, {**sent, "action": "save"}).status_code == 303
    page = client.get(PAGE).content.decode()
    assert page.count(" checked") == 2 + 1, "two boxes and a number"
    assert 'value="+" selected' in page
    assert 'value="Atayal"' in page
    again = {**shown_form(client, every_kind), **chosen, "action": "submit"}
    assert client.post(PAGE, again).status_code == 303
    application = Application.objects.get()
    snapshot = application.snapshots.get()
    assert [queries.choices_of(answer) for answer in snapshot.answers] == [["a", "c"], ["mis"], ["0"]]
    assert snapshot.sha256 == queries.fingerprint(snapshot)
    assert not queries.is_changed(queries.with_groups(Application.objects.all()).get()), (
        "the draft is what was submitted"
    )
    page = client.get(PAGE).content.decode()
    assert "<li>aaa</li><li>ccc</li>" in page
    assert "Atayal" in page
    (own,) = personal_data.own_applications(people["applicant"], frozenset())  # type: ignore[arg-type] # has none here
    typed = {several: ["c", "a"], language: ["+"], f"{language}-other": ["Atayal"], scale: ["0"]}
    assert own["typed"]["answers"] == typed


def test_boxes_are_back_after_the_session_has_ended(
    every_kind: Call, people: dict[str, User], sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(people["applicant"])
    several, language, scale = (f"q-{one.pk}" for one in every_kind.questions.questions.order_by("position"))
    sent = {**shown_form(client, every_kind), several: ["a", "b"], language: "de", f"{language}-other": "", scale: "7"}
    client.logout()
    assert client.post(PAGE, {**sent, "action": "save"}).status_code == 302
    client.force_login(people["applicant"])
    page = client.get(PAGE).content.decode()
    assert page.count(" checked") == 2 + 1
    assert 'value="de" selected' in page


def test_what_was_submitted_with_one_choice_at_most_compares_as_before(call: Call, people: dict[str, User]) -> None:
    """The content and its hash, where nobody has said anything of themselves, are those that stand in the database."""
    made = draft(call)
    assert made.said is not None
    first, second = (answer.question_id for answer in made.said.answers)
    before = [
        {"question": first, "text": "I listen.", "choice": ""},
        {"question": second, "text": "", "choice": "two"},
    ]
    assert made.said.content() == before
    # Of the first form, in which nothing is bound.
    first_form = Snapshot(number=1, language="en", answers=before)
    assert queries.fingerprint(first_form) == digest({"number": 1, "language": "en", "answers": before})
    several = draft(call, text="More.")
    assert several.digest() != made.digest()
    snapshot = services.submit(call.pk, people["applicant"], made)
    assert snapshot.answers == before
