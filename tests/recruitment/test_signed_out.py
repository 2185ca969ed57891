"""What is sent to one's application while the sign-in has ended: nothing that is stored or kept is lost by it."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from recruitment import services
from recruitment.enums import Group
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from tests.clients import Client
from tests.feedback.pages import main_form
from tests.recruitment.conftest import PAGE, draft, question_names, shown_form, withdrawal
from tests.recruitment.test_saving import form_of, save, sent_by, stored
from tests.recruitment.test_withdrawing import take_back_form

IN_NAIROBI: dict[str, Any] = {"profile-roles": "Nairobi"}
BACK = "What you typed is back"


def signed_out(user: User, *posts: dict[str, Any]) -> Client:
    """A browser that sends these while its sign-in has ended, and signs in."""
    browser = Client()
    for fields in posts:
        assert browser.post(PAGE, fields).status_code == 302
    browser.force_login(user)
    return browser


def page_of(browser: Client) -> str:
    return browser.get(PAGE).content.decode()


class TestButtonsWithoutAForm:
    def test_withdrawing_empties_nothing(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        services.save_draft(call.pk, user, draft(call, "Stored words."))
        form = withdrawal(applicant)
        browser = Client()
        away = browser.post(PAGE, form)
        assert away.status_code == 302
        asked = browser.get(away.headers["Location"]).content.decode()
        assert "nothing was withdrawn. Sign in, and press the button again." in asked
        browser.force_login(user)
        assert BACK not in page_of(browser)
        back = main_form(browser, PAGE)
        assert back[first] == "Stored words."
        assert browser.post(PAGE, {**back, "action": "save"}).status_code == 303
        assert stored()[first] == ["Stored words."]
        assert Application.objects.get().state == "draft"

    def test_taking_back_says_so_too(self, call: Call, user: User, applicant: Client) -> None:
        services.submit(call.pk, user, draft(call))
        assert applicant.post(PAGE, withdrawal(applicant)).status_code == 303
        browser = Client()
        away = browser.post(PAGE, take_back_form(page_of(applicant)))
        assert "the withdrawal was not taken back" in browser.get(away.headers["Location"]).content.decode()
        browser.force_login(user)
        assert BACK not in page_of(browser)
        assert Application.objects.get().state == "withdrawn"

    def test_what_was_kept_before_stays(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        services.save_draft(call.pk, user, draft(call, "Stored words."))
        typed = {**shown_form(applicant, call), first: "Typed, unsent.", "action": "save"}
        browser = signed_out(user, typed, withdrawal(applicant))
        assert main_form(browser, PAGE)[first] == "Typed, unsent."

    def test_nor_does_it_hide_the_draft_of_whoever_signs_in(
        self, call: Call, user: User, applicant: Client, people: dict[str, User]
    ) -> None:
        first, _second = question_names(call)
        services.save_draft(call.pk, people["member"], draft(call, "The member's own."))
        services.submit(call.pk, user, draft(call))
        browser = signed_out(people["member"], withdrawal(applicant))
        assert main_form(browser, PAGE)[first] == "The member's own."


class TestWithoutVersions:
    """A form that a script has filled in says of nothing on what it was typed."""

    def test_the_rest_of_the_form_is_what_is_stored(self, call: Call, user: User) -> None:
        first, second = question_names(call)
        services.save_draft(call.pk, user, draft(call, "Stored words.", name="Ada", **IN_NAIROBI))
        browser = signed_out(user, {second: "four", "action": "save"})
        back = main_form(browser, PAGE)
        assert (back[first], back[second], back["name"]) == ("Stored words.", "four", "Ada")
        assert browser.post(PAGE, {**back, "action": "save"}).status_code == 409, "nobody has seen what it replaces"
        assert stored()[second] == ["two"]
        back[second] = "two"
        assert browser.post(PAGE, {**back, "action": "save"}).status_code == 303
        assert stored() == {first: ["Stored words."], second: ["two"]}
        assert stored(Group.IDENTITY)["name"] == ["Ada"]
        assert stored(Group.PROFILE)["profile-roles"] == ["Nairobi"]

    def test_a_version_that_is_empty_wipes_nothing(self, call: Call, user: User, applicant: Client) -> None:
        first, second = question_names(call)
        services.save_draft(call.pk, user, draft(call, "Stored words.", name="Ada"))
        lost = {**shown_form(applicant, call), "name": "", first: "", second: ""}
        lost |= {name: "" for name in lost if name.startswith(("version-", "marks-"))}
        assert applicant.post(PAGE, {**lost, "action": "save"}).status_code == 303
        assert stored() == {first: ["Stored words."], second: ["two"]}
        assert stored(Group.IDENTITY)["name"] == ["Ada"]


class TestTwoTabs:
    def test_different_fields_are_shown_together(self, call: Call, user: User, applicant: Client) -> None:
        first, second = question_names(call)
        form = form_of(applicant, call)
        browser = signed_out(
            user,
            {**form, first: "From tab one.", "publish_name": "on", "action": "save"},
            {**form, second: "two", "profile-roles": "Nairobi", "action": "save"},
        )
        back = main_form(browser, PAGE)
        assert (back[first], back[second], back["profile-roles"]) == ("From tab one.", "two", "Nairobi")
        assert back["publish_name"] == "on"
        assert browser.post(PAGE, {**back, "action": "save"}).status_code == 303
        assert stored() == {first: ["From tab one."], second: ["two"]}
        assert BACK not in page_of(browser)

    def test_the_same_field_is_shown_one_after_the_other(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        form = form_of(applicant, call)
        sent = [{**form, first: f"From tab {tab}.", "action": "save"} for tab in ("one", "two")]
        browser = signed_out(user, *sent)
        back = main_form(browser, PAGE)
        assert back[first] == "From tab two."
        assert browser.post(PAGE, {**back, "action": "save"}).status_code == 303
        back = main_form(browser, PAGE)
        assert (back[first], BACK in page_of(browser)) == ("From tab one.", True)
        both = browser.post(PAGE, {**back, "action": "save"})
        assert both.status_code == 409
        assert browser.post(PAGE, {**sent_by(both), f"choose-{first}": "mine"}).status_code == 303
        assert stored()[first] == ["From tab one."]
        assert BACK not in page_of(browser)

    def test_a_form_that_never_showed_it_drops_nothing(self, call: Call, user: User, applicant: Client) -> None:
        first, second = question_names(call)
        form = form_of(applicant, call)
        browser = signed_out(user, {**form, first: "From tab one.", "action": "save"})
        assert browser.post(PAGE, {**form, second: "two", "action": "save"}).status_code == 303
        back = main_form(browser, PAGE)
        assert back[first] == "From tab one."
        assert browser.post(PAGE, {**back, "action": "save"}).status_code == 303
        assert stored() == {first: ["From tab one."], second: ["two"]}

    def test_the_same_sent_again_is_shown_no_more(self, call: Call, user: User, applicant: Client) -> None:
        """Whoever signs in in another tab, goes back and presses once more has sent it all."""
        first, _second = question_names(call)
        sent = {**form_of(applicant, call), first: "Typed for an hour.", "action": "save"}
        browser = signed_out(user, sent)
        assert browser.post(PAGE, sent).status_code == 303
        assert BACK not in page_of(browser)

    def test_what_saves_itself_drops_only_what_it_saved(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        sent = {**form_of(applicant, call), first: "Typed for an hour.", "profile-roles": "Nairobi", "action": "save"}
        browser = signed_out(user, sent)
        back = main_form(browser, PAGE)
        assert save(browser, back, "profile").status_code == 200
        assert main_form(browser, PAGE)[first] == "Typed for an hour."
        assert save(browser, back, "answers").status_code == 200
        assert BACK in page_of(browser), "the rest of the form was typed on nothing that has changed"
        assert save(browser, back, "identity", "demographics").status_code == 200
        assert BACK not in page_of(browser)

    def test_after_a_refusal_it_is_still_known(self, call: Call, user: User, applicant: Client) -> None:
        first, _second = question_names(call)
        browser = signed_out(user, {**form_of(applicant, call), first: "x" * 600, "action": "submit"})
        back = main_form(browser, PAGE)
        page = browser.post(PAGE, {**back, "action": "submit"})
        assert page.status_code == 200
        again = {**back, **sent_by(page), first: "Shorter.", "action": "save"}
        assert browser.post(PAGE, again).status_code == 303
        assert BACK not in page_of(browser)


@pytest.mark.parametrize("choice", ["mine", "stored"])
def test_the_page_of_two_texts(call: Call, user: User, applicant: Client, choice: str) -> None:
    """What was chosen there stands in the form after signing in, of a choice as of a text."""
    first, second = question_names(call)
    form, other = form_of(applicant, call), form_of(applicant, call)
    assert applicant.post(PAGE, {**form, first: "From one.", second: "four", "action": "save"}).status_code == 303
    both = applicant.post(PAGE, {**other, first: "From the other.", second: "two", "action": "save"})
    assert both.status_code == 409
    chosen = {**sent_by(both), f"choose-{first}": choice, f"choose-{second}": choice}
    browser = signed_out(user, chosen)
    wanted = {"mine": ("From the other.", "two"), "stored": ("From one.", "four")}[choice]
    back = main_form(browser, PAGE)
    assert (back[first], back[second]) == wanted
    assert browser.post(PAGE, {**back, "action": "save"}).status_code == 303
    assert (stored()[first], stored()[second]) == ([wanted[0]], [wanted[1]])


class TestFiles:
    def test_signed_out(self, call: Call, user: User, applicant: Client) -> None:
        """It is refused as it is for whoever is signed in, and what was typed is back in the form."""
        first, _second = question_names(call)
        sent = {**form_of(applicant, call), first: "Typed.", "cv": SimpleUploadedFile("cv.txt", b"What I did.")}
        browser = Client()
        answer = browser.post(PAGE, {**sent, "action": "save"})
        html = answer.content.decode()
        assert answer.status_code == 400
        assert "A file was sent, and this form takes none." in html
        assert "Typed." in re.findall(r'<pre class="pt-typed"[^>]*>([^<]*)</pre>', html)
        browser.force_login(user)
        assert main_form(browser, PAGE)[first] == "Typed."

    def test_with_more_rows(self, call: Call, applicant: Client) -> None:
        first, _second = question_names(call)
        sent = {**form_of(applicant, call), first: "Typed.", "cv": SimpleUploadedFile("cv.txt", b"What I did.")}
        answer = applicant.post(PAGE, {**sent, "action": "more"})
        assert answer.status_code == 400
        assert "A file was sent, and this form takes none." in answer.content.decode()
        assert "Typed." in answer.content.decode()
