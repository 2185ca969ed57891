"""In which language somebody applies, where the page's is none of the call's; and in which their mails come."""

from typing import Any

import pgtrigger
import pytest

from recruitment import queries, services
from recruitment.enums import Group
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.notifications.models import OutboxMessage
from taskforce.questions.models import QuestionSetVersion
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import CLOSES, OPEN, PAGE, draft, publish, question_names, shown_form
from tests.recruitment.test_saving import stored

GERMAN = PAGE.replace("/en/", "/de/")


@pytest.fixture
def call(version: QuestionSetVersion, phase: Any, clock: Clock) -> Call:
    """A call to which one applies in Arabic or French."""
    made = publish(phase("recruitment"), version)
    with pgtrigger.ignore("recruitment.Call:what_is_published_stays"):
        Call.objects.filter(pk=made.pk).update(languages=["ar", "fr"])
    clock.set(OPEN)
    return Call.objects.get(pk=made.pk)


def saves_itself(browser: Client, call: Call, group: str, page: str = GERMAN, **typed: Any) -> None:
    sent = {**shown_form(browser, call), **typed, "group": [group]}
    assert browser.post(f"{page}draft/", sent, headers={"accept": "application/json"}).status_code == 200


def test_what_is_not_said_changes_nothing(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    saves_itself(applicant, call, "answers", **{first: "Je veux aider.", "language": "fr"})
    assert Application.objects.get().language == "fr"
    saves_itself(applicant, call, "profile", **{"profile-roles": "x"})
    assert Application.objects.get().language == "fr"
    # Of another group, on a page of another language in which one may apply, either.
    saves_itself(applicant, call, "profile", PAGE.replace("/en/", "/ar/"), **{"profile-roles": "y"})
    assert Application.objects.get().language == "fr"
    html = applicant.get(GERMAN).content.decode()
    assert '<option value="fr" selected>' in html
    sent = {**shown_form(applicant, call), "action": "submit"}
    assert applicant.post(GERMAN, sent).status_code == 303
    assert Snapshot.objects.get().language == "fr"


def test_the_field_is_no_answer(call: Call, user: User, applicant: Client) -> None:
    """A page in a language of the call has no such field, and what it saves is no other text because of that."""
    first, _second = question_names(call)
    sent = {**shown_form(applicant, call), first: "Je veux aider.", "language": "fr", "action": "submit"}
    assert applicant.post(GERMAN, sent).status_code == 303
    assert stored() == {first: ["Je veux aider."]}
    saves_itself(applicant, call, "answers", PAGE.replace("/en/", "/fr/"))
    mine = queries.own_application(call, user)
    assert mine is not None
    assert not queries.is_changed(mine)
    assert queries.typed(mine)[Group.ANSWERS] == {first: ["Je veux aider."]}


def test_whoever_chooses_it_and_goes_on_in_another_language_has_chosen_it(call: Call, applicant: Client) -> None:
    sent = {**shown_form(applicant, call), "language": "fr", "action": "in-en"}
    assert applicant.post(GERMAN, sent).status_code == 303
    assert Application.objects.get().language == "fr"


@pytest.mark.parametrize(("account", "begun"), [("fr", "fr"), ("sw", "ar"), ("de", "ar")])
def test_begun_without_a_word_of_it(call: Call, user: User, applicant: Client, account: str, begun: str) -> None:
    user.language = account
    user.save()
    saves_itself(applicant, call, "profile", **{"profile-roles": "x"})
    assert Application.objects.get().language == begun


@pytest.mark.parametrize(("account", "mailed"), [("zh-hant", "zh-hant"), ("tlh", "fr")])
def test_mails_come_in_the_language_of_the_account(
    call: Call, user: User, clock: Clock, account: str, mailed: str
) -> None:
    """Where the portal has it; else in that of the application."""
    user.language = account
    user.save()
    services.submit(call.pk, user, draft(call, "Je veux aider.", language="fr"))
    assert Snapshot.objects.get().language == "fr"
    services.save_draft(call.pk, user, draft(call, "Je veux bien aider.", language="fr"))
    at = CLOSES.replace(day=CLOSES.day - 7)
    clock.set(at)
    services.remind(at)
    found = {one.kind: one for one in OutboxMessage.objects.all()}
    assert {name: one.language for name, one in found.items()} == {
        "application-receipt": mailed,
        "draft-reminder": mailed,
    }
    assert all(f"/{mailed}/tf/" in one.context["url"] for one in found.values())
    assert f"/{mailed}/" in found["draft-reminder"].context["stop_url"]
    assert f"/{mailed}/" in found["application-receipt"].context["receipt_url"]
