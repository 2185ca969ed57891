"""The form of an application as a page: its contents, what is folded away, the menu of languages, the zone."""

import re

import pytest
from django.core.exceptions import ValidationError

from recruitment import fields
from recruitment.models import ApplicantProfile, Application, Call
from taskforce.accounts.models import User
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import HARD_CLOSES, PAGE, SignIn, question_names, shown_form

ARABIC = PAGE.replace("/en/", "/ar/")


@pytest.fixture
def applicant(people: dict[str, User], sign_in: SignIn) -> Client:
    """The applicant's browser."""
    return sign_in(people["applicant"])


def page_of(client: Client) -> str:
    return client.get(PAGE).content.decode()


def states(html: str) -> dict[str, str]:
    """{anchor: how that section stands} of the contents."""
    found = re.findall(r'<a href="#([\w-]+)">[^<]+</a> <span class="pt-meta" data-state[^>]*>([^<]+)<', html)
    return dict(found)


def is_open(html: str, anchor: str) -> bool:
    """Whether the section is unfolded."""
    before = html[: html.index(f'id="{anchor}"')]
    return bool(re.match(r"<details[^>]* open", before[before.rindex("<details") :]))


# --- another language -------------------------------------------------------------------------------------------------


def test_another_language_saves_what_was_typed_and_goes_on_there(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    page = page_of(applicant)
    assert '<button type="submit" form="application" name="action" value="in-ar"' in page
    answer = applicant.post(PAGE, {**shown_form(applicant, call), first: "Half of", "action": "in-ar"})
    assert (answer.status_code, answer.headers["Location"]) == (303, ARABIC)
    assert "Half of" in applicant.get(ARABIC).content.decode()


def test_whoever_only_looks_in_another_language_begins_no_application(call: Call, applicant: Client) -> None:
    answer = applicant.post(PAGE, {**shown_form(applicant, call), "action": "in-zh-hant"})
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE.replace("/en/", "/zh-hant/"))
    assert not Application.objects.exists()


@pytest.mark.parametrize("action", ["in-", "in-xx", "in-../", "in-ar "])
def test_no_other_language_is_gone_to(call: Call, applicant: Client, action: str) -> None:
    first, _second = question_names(call)
    answer = applicant.post(PAGE, {**shown_form(applicant, call), first: "Half of", "action": action})
    assert answer.status_code == 400
    assert "Half of" in answer.content.decode()


def test_signed_out_it_goes_on_in_that_language_after_the_sign_in(
    call: Call, applicant: Client, people: dict[str, User]
) -> None:
    first, _second = question_names(call)
    sent = {**shown_form(applicant, call), first: "Half of", "action": "in-ar"}
    applicant.logout()
    answer = applicant.post(PAGE, sent)
    assert answer.status_code == 302
    assert "%2Far%2F" in answer.headers["Location"] or "/ar/" in answer.headers["Location"].partition("next=")[2]
    applicant.force_login(people["applicant"])
    assert "Half of" in applicant.get(ARABIC).content.decode()


def test_after_the_close_the_text_is_there_to_be_copied(call: Call, applicant: Client, clock: Clock) -> None:
    first, _second = question_names(call)
    sent = {**shown_form(applicant, call), first: "Half of", "action": "in-ar"}
    clock.set(HARD_CLOSES)
    answer = applicant.post(PAGE, sent)
    assert answer.status_code == 403
    assert "Half of" in answer.content.decode()
    # There is no form any more that its menu of languages could send.
    assert 'value="in-ar"' not in page_of(applicant)


# --- the contents -----------------------------------------------------------------------------------------------------


def test_the_contents_say_how_each_section_stands(call: Call, applicant: Client, people: dict[str, User]) -> None:
    first, _second = question_names(call)
    page = page_of(applicant)
    found = states(page)
    assert list(found) == ["about-you", "languages-and-time", "questions", "background", "to-publish", "not-me"]
    assert found["about-you"] == "Filled in: 1 of 2"
    assert found["questions"] == "Still to be answered: 1"
    assert found["languages-and-time"] == found["background"] == "Nothing yet"
    assert not any(is_open(page, anchor) for anchor in ("background", "not-me"))
    typed = {
        "about-gender-words": "Mine", "publish_region": "on", "profile-language-1": "sw", "profile-level-2": "2",
        first: "I listen.",
    }  # fmt: skip
    assert applicant.post(PAGE, {**shown_form(applicant, call), **typed, "action": "save"}).status_code == 303
    page = page_of(applicant)
    found = states(page)
    assert found["languages-and-time"] == "Filled in: 1 of 7"
    assert found["questions"] == "Filled in: 1 of 2"
    assert found["background"] == "Filled in: 1 of 4"
    assert found["to-publish"] == "Filled in: 1 of 6"
    assert is_open(page, "background")
    assert not is_open(page, "not-me")


def test_what_is_wrong_is_not_folded_away(call: Call, applicant: Client) -> None:
    wrong = {"about-age": "none of these", "publish_text": "x" * 601, "not-reviewers": "x" * 2_001}
    answer = applicant.post(PAGE, {**shown_form(applicant, call), **wrong, "action": "submit"})
    page = answer.content.decode()
    assert is_open(page, "background")
    assert is_open(page, "not-me")
    for anchor in ("background", "to-publish", "not-me"):
        assert states(page)[anchor] == "To be corrected: 1"


# --- the zone ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "chosen"), [("Africa/Nairobi", ["Africa/Nairobi"]), ("UTC", [])])
def test_the_zone_is_the_accounts_where_one_was_chosen(
    call: Call, applicant: Client, people: dict[str, User], zone: str, chosen: list[str]
) -> None:
    User.objects.filter(pk=people["applicant"].pk).update(zone=zone)
    page = page_of(applicant)
    select = page[page.index('name="profile-zone"') :].partition("</select>")[0]
    assert re.findall(r'value="([^"]+)" selected', select) == chosen


# --- what is wrong ----------------------------------------------------------------------------------------------------

WRONG = {
    "name": "x" * 121, "wiki_name": "x" * 86, "profile-region": "moon", "profile-zone": "Mars/Base",
    "profile-level-1": "2", "profile-language-2": "sw", "profile-language-3": "sw", "profile-hours": "many",
    "profile-times": "never",
    "profile-projects": "x" * 501, "profile-roles": "x" * 501, "about-gender": "none", "about-gender-words": "x" * 101,
    "about-age": "none", "about-affiliation": "none", "about-affiliation-words": "x" * 101, "about-experience": "none",
    "publish_text": "x" * 601, "not-reviewers": "x" * 2_001,
}  # fmt: skip


HOURS = [
    ("5", 5), (" 12 ", 12), ("0", 0), ("168", 168), ("٥", 5), ("१२", 12), ("１６８", 168), ("00012", 12),
    ("\u200f٥", 5), ("", None), ("   ", None), ("\u3000", None),
    *((one, "refused") for one in (
        "100.5", "10.05", "168.9", "5.0", "5,5", "169", "1680", "-1", "+5", "1_0", "1 0", "5h", "½", "²", "五", "1e2",
        "\u202e", "\u200b", "0" * 101, "9" * 5_000,
    )),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "hours"), HOURS, ids=[ascii(one[0])[:20] for one in HOURS])
def test_hours_are_what_was_typed_or_refused(typed: str, hours: int | str | None) -> None:
    """Read as a whole or not at all: never another number than the one that somebody wrote."""
    try:
        found: int | str | None = fields.WholeHours(error_messages={}).clean(typed)
    except ValidationError:
        found = "refused"
    assert found == hours


@pytest.mark.parametrize("typed", ["100.5", "\u202e"])
def test_hours_that_are_refused_stay_as_they_were_typed(call: Call, applicant: Client, typed: str) -> None:
    first, _second = question_names(call)
    sent = {**shown_form(applicant, call), first: "I listen.", "profile-hours": typed}
    html = applicant.post(PAGE, {**sent, "action": "submit"}).content.decode()
    assert "Please give a whole number of hours, from 0 to 168, such as 5." in html
    assert f'value="{typed}"' in html
    applicant.post(PAGE, {**sent, "action": "save"})
    assert ApplicantProfile.objects.get().typed["profile-hours"] == [typed]
    assert f'value="{typed}"' in page_of(applicant)


def linked(html: str, page: str = "") -> list[str]:
    """To what the summary of errors leads."""
    summary = html[html.index("pt-error-summary") :].partition("</ul>")[0]
    return re.findall(rf'href="{re.escape(page)}#([^"]+)"', summary)


def test_all_that_is_wrong_is_said_above_and_at_its_field(call: Call, applicant: Client) -> None:
    """The summary has the focus and leads to each field, which says with what it is described; the look at it, too."""
    first, second = question_names(call)
    wrong = {**shown_form(applicant, call), **WRONG, first: "", second: "five"}
    html = applicant.post(PAGE, {**wrong, "action": "submit"}).content.decode()
    assert re.search(r"pt-error-summary[^>]* tabindex=\"-1\" autofocus", html)
    ids = set(re.findall(r' id="([^"]+)"', html))
    targets = linked(html)
    # In the third row the same language stands again; the first has a level and no language.
    fields = ({*WRONG} - {"profile-level-1", "profile-language-2"}) | {"profile-language-1", first, second}
    groups = {"profile-times", second}
    assert sorted(targets) == sorted(f"id_{name}_0" if name in groups else f"id_{name}" for name in fields)
    assert {*targets} <= ids
    described = {one for said in re.findall(r'aria-describedby="([^"]+)"', html) for one in said.split()}
    assert described <= ids
    assert {f"id_{name}_error" for name in fields} <= described
    assert applicant.post(PAGE, {**wrong, "action": "check"}).status_code == 303
    look = applicant.get(f"{PAGE}check/").content.decode()
    assert re.search(r"pt-error-summary[^>]* tabindex=\"-1\" autofocus", look)
    assert sorted(linked(look, PAGE)) == sorted(targets)
    assert {*targets} <= set(re.findall(r' id="([^"]+)"', page_of(applicant)))


def test_a_refusal_has_the_focus(call: Call, applicant: Client, clock: Clock) -> None:
    sent = {**shown_form(applicant, call), "action": "save"}
    clock.set(HARD_CLOSES)
    html = applicant.post(PAGE, sent).content.decode()
    assert '<div class="pt-refusal" role="alert" tabindex="-1" autofocus>' in html
