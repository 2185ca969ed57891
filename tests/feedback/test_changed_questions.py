"""Answers stay with the version of the questions that they answered, also where a later one is published between the
form and its sending; seen from outside alone."""

import csv
import io
import json
from typing import Any

from feedback.models import FeedbackWindow
from proposals.models import Proposal
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.questions.models import Question, QuestionSetVersion
from taskforce.timeline.models import Phase
from tests.clients import Client, note_sign_in
from tests.feedback.conftest import AT
from tests.feedback.pages import address, filled, main_form, parsed

SETS = "/en/admin/questions/questionset/"
ADD = "/en/admin/feedback/feedbackwindow/add/"
SECOND = "/en/tf/leadership-development/feedback/second-round/"
DATA = "/open-data/leadership-development/feedback.json"
LATER = "They have been changed since"


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    note_sign_in(client, person, second_factor=True)
    return client


def change(staff: Client, version: QuestionSetVersion) -> None:
    """Publish a next version, whose second question says something else and offers “partly” no more."""
    page = f"{SETS}{version.question_set_id}/"
    assert staff.post(f"{page}change/", {"act": "begin"}).status_code == 303
    question = f"{page}draft/2/?language=en"
    sent = {**main_form(staff, question), "labels-en": "Is the proposal good?", "act": "drop:partly"}
    assert staff.post(question, sent).status_code == 303
    sent = {**main_form(staff, f"{page}publish/"), "confirmed": "yes"}
    assert staff.post(f"{page}publish/", sent).status_code == 303


def ask_again(staff: Client, phase: Phase, text: Proposal, number: int) -> None:
    """Publish another window in the same phase, which asks that version."""
    version = QuestionSetVersion.objects.get(number=number)
    typed = {
        "phase": phase.pk, "text": text.pk, "questions": version.pk, "slug": "second-round", "title-en": "Once more",
    }  # fmt: skip
    html = staff.post(ADD, typed).content.decode()
    fields = parsed(html).fields
    assert fields is not None
    assert staff.post(ADD, {**fields, "confirmed": "yes", "override": "It is short."}).status_code == 302


def sent(client: Client, path: str, fields: dict[str, Any]) -> str:
    """Send a form for everybody to read; the permanent address of what was said."""
    response = client.post(path, {**fields, "visibility": "nameless"})
    assert response.status_code == 303, response.content.decode()[-2000:]
    own = client.get(response.headers["Location"]).content.decode()
    return f"{path}items/{own.split('/items/')[1].split('/')[0].split('#')[0].split(chr(34))[0]}/"


def test_what_was_answered_stays_with_its_version(
    window: FeedbackWindow, text: Proposal, version: QuestionSetVersion, people: dict[str, User]
) -> None:
    lead, visitor = signed_in(people["coordinator"]), Client()
    everywhere = create_account("everywhere@demo.example", at=AT, name="Everywhere")
    grant_role(everywhere, Role.ADMINISTRATOR, at=AT, actor_id=None)
    agree = f"q-{Question.objects.get(version=version, position=2).pk}"
    opened = filled(visitor, **{agree: "partly"})
    change(signed_in(everywhere), version)
    said = sent(visitor, address(), opened)
    html = Client().get(said).content.decode()
    for words in ("Do you agree with the proposal?", "Partly", "Version 1 of the questions", LATER):
        assert words in html, words
    assert "Is the proposal good?" not in html
    again = visitor.get(address()).content.decode()
    assert "Do you agree with the proposal?" in again
    assert "Is the proposal good?" not in again, "a window asks what it asked when it was published"

    ask_again(lead, window.phase, text, 2)
    second = Client()
    asked = f"q-{Question.objects.get(version__number=2, position=2).pk}"
    refused = second.post(SECOND, filled(second, SECOND, **{asked: "partly"}))
    assert refused.status_code == 200
    html = refused.content.decode()
    assert "Is the proposal good?" in html
    assert "Leaders grow where they are trusted." in html, "what was typed stays"
    other = sent(second, SECOND, filled(second, SECOND, **{asked: "no", agree: "partly"}))
    html = Client().get(other).content.decode()
    assert "Version 2 of the questions" in html
    assert LATER not in html

    data = [(one["version"], one["label"], one["choices"]) for one in answers(json.loads(Client().get(DATA).content))]
    assert (1, "Do you agree with the proposal?", ["partly"]) in data
    assert (2, "Is the proposal good?", ["no"]) in data
    for found, number, words in zip(FeedbackWindow.objects.order_by("pk"), ("1", "2"), ("Partly", "No"), strict=True):
        row = exported(lead, found)
        assert row["version"] == number
        assert words in row.values()


def answers(data: Any) -> list[dict[str, Any]]:
    items = data["items"] if isinstance(data, dict) else data
    return [answer for item in items for answer in item["answers"]]


def exported(staff: Client, window: FeedbackWindow) -> dict[str, str]:
    path = f"/en/admin/feedback/feedbackwindow/{window.pk}/export/"
    response = staff.post(path, {"form": "csv", "reason": "For the summary."})
    assert response.status_code == 200
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
    return row


def test_what_was_drafted_before_is_sent_to_what_it_answered(
    window: FeedbackWindow, text: Proposal, version: QuestionSetVersion, people: dict[str, User]
) -> None:
    """A draft that the button saved, went on by itself after the questions were changed, and is sent: all of it to the
    version that its window asks, though another window asks the next one."""
    lead, visitor = signed_in(people["coordinator"]), Client()
    everywhere = create_account("everywhere@demo.example", at=AT, name="Everywhere")
    grant_role(everywhere, Role.ADMINISTRATOR, at=AT, actor_id=None)
    words, agree = (f"q-{one.pk}" for one in Question.objects.filter(version=version).order_by("position"))
    drafted = {**main_form(visitor, address()), agree: "partly", words: "Half a thought.", "act": "keep"}
    assert visitor.post(address(), drafted).status_code == 303
    kept = main_form(visitor, address())
    change(signed_in(everywhere), version)
    ask_again(lead, window.phase, text, 2)
    by_itself = {**kept, words: "A whole thought, which nobody else has had.", "act": "keep"}
    answer = visitor.post(address(), by_itself, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    assert json.loads(answer.content)["kept"]

    again = main_form(visitor, address())
    assert (again[agree], again[words]) == ("partly", by_itself[words])
    html = Client().get(sent(visitor, address(), again)).content.decode()
    for said in ("Do you agree with the proposal?", "Partly", by_itself[words], "Version 1 of the questions", LATER):
        assert said in html, said
    assert "Is the proposal good?" not in html
    found = answers(json.loads(Client().get(DATA).content))
    assert {(one["version"], *one["choices"]) for one in found} == {(1,), (1, "partly")}
    assert not main_form(visitor, address())[words], "what is sent is no draft any more"
