"""A program sends what it knows: the key of the form, some fields, and a button. What it leaves out stays."""

import re
from dataclasses import replace
from typing import Any

import pytest

from recruitment import services
from recruitment.enums import Group
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from tests.clients import Client
from tests.recruitment.conftest import PAGE, draft, question_names, shown_form
from tests.recruitment.test_saving import save, stored


def least(client: Client, call: Call, **fields: Any) -> dict[str, Any]:
    return {"form_key": shown_form(client, call)["form_key"], **fields}


def test_other_answers_stay(call: Call, user: User, applicant: Client) -> None:
    first, second = question_names(call)
    services.save_draft(call.pk, user, draft(call, "Stored."))
    sent = least(applicant, call, **{first: "Sent.", "action": "submit"})
    assert [applicant.post(PAGE, sent).status_code for _time in range(2)] == [303, 303]
    assert stored() == {first: ["Sent."], second: ["two"]}
    assert [one["choice"] for one in Snapshot.objects.get().answers] == ["", "two"], "submitted is what is stored"
    # A field that is sent empty is emptied.
    assert applicant.post(PAGE, least(applicant, call, **{second: "", "action": "save"})).status_code == 303
    assert stored() == {first: ["Sent."]}


def test_the_same_again_is_the_same_whatever_was_saved_since(call: Call, user: User, applicant: Client) -> None:
    first, second = question_names(call)
    sent = least(applicant, call, **{first: "Sent.", "action": "submit"})
    assert applicant.post(PAGE, sent).status_code == 303
    later = {**shown_form(applicant, call), second: "four", "action": "save"}
    assert applicant.post(PAGE, later).status_code == 303
    assert applicant.post(PAGE, sent).status_code == 303
    assert Snapshot.objects.count() == 1
    assert applicant.post(PAGE, {**sent, first: "Other."}).status_code == 409


def test_who_should_not_review_stays(call: Call, user: User, applicant: Client) -> None:
    """Also where it says on what it was typed; and what may be published."""
    whole = {"not-reviewers": "Zed", "publish_text": "About me.", "publish_name": "on", "name": "Ada"}
    first, _second = question_names(call)
    form = {**shown_form(applicant, call), first: "Mine."}
    assert applicant.post(PAGE, {**form, **whole, "action": "submit"}).status_code == 303
    sent = least(applicant, call, **{first: "Mine.", "name": "Ada L.", "action": "submit"})
    assert applicant.post(PAGE, sent).status_code == 303
    identity = Application.objects.get().identity
    assert (identity.name, identity.not_reviewers, identity.publish_text) == ("Ada L.", "Zed", "About me.")
    assert identity.publish_name
    assert stored(Group.IDENTITY)["not-reviewers"] == ["Zed"]
    version = shown_form(applicant, call)["version-identity"]
    sent = least(applicant, call, **{"name": "Ada", "version-identity": version, first: "Mine.", "action": "submit"})
    assert applicant.post(PAGE, sent).status_code == 303
    identity = Application.objects.get().identity
    assert (identity.name, identity.not_reviewers, identity.publish_text) == ("Ada", "Zed", "About me.")
    assert stored(Group.IDENTITY)["not-reviewers"] == ["Zed"]
    assert not identity.publish_name, "of a form that says so, a box that did not come is not ticked"


def test_what_is_emptied_is_submitted_empty_from_the_page_to_look_at_it(
    call: Call, user: User, applicant: Client
) -> None:
    first, _second = question_names(call)
    form = {**shown_form(applicant, call), first: "Mine.", "not-reviewers": "Zed", "publish_text": "About me."}
    assert applicant.post(PAGE, {**form, "action": "submit"}).status_code == 303
    form = {**shown_form(applicant, call), "not-reviewers": "", "publish_text": ""}
    assert applicant.post(PAGE, {**form, "action": "check"}).status_code == 303
    html = applicant.get(f"{PAGE}check/").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    assert applicant.post(PAGE, {**fields, "action": "submit"}).status_code == 303
    identity = Application.objects.get().identity
    assert (identity.not_reviewers, identity.publish_text) == ("", "")


def test_what_saves_itself(call: Call, user: User, applicant: Client) -> None:
    first, second = question_names(call)
    roles: dict[str, Any] = {"profile-roles": "Nairobi"}
    services.save_draft(call.pk, user, draft(call, "Stored.", **roles))
    assert save(applicant, least(applicant, call, **{first: "Sent."}), "answers", "profile").status_code == 200
    assert stored() == {first: ["Sent."], second: ["two"]}
    assert stored(Group.PROFILE)["profile-roles"] == ["Nairobi"]


def test_what_was_saved_between_the_look_and_the_lock_is_not_lost(call: Call, user: User) -> None:
    """The fields that did not come are those of a version; where that is over, somebody chooses."""
    services.save_draft(call.pk, user, draft(call, "Stored."))
    late = replace(draft(call, "Sent."), form_key=draft(call).form_key, read={Group.ANSWERS: 0})
    with pytest.raises(services.ChangedMeanwhile):
        services.save_draft(call.pk, user, late)
    assert services.save_draft(call.pk, user, replace(late, read={Group.ANSWERS: 1})).answers.version == 2
