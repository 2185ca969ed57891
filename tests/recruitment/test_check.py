"""Looking at an application as others will see it, before it is submitted there."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment import services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.announcements.models import Member
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import CLOSES, PAGE, REVIEW, question_names, shown_form

SignIn = Callable[[User], Client]
CHECK = f"{PAGE}check/"
# Everything that somebody can say of themselves, each with a word that is nowhere else.
SAID = {
    "name": "Nameword", "wiki_name": "Wikiword", "not-reviewers": "Rivalword", "about-gender-words": "Genderword",
    "about-gender": "own", "about-age": "35-44", "publish_text": "Publicword", "profile-projects": "Projectword",
    "profile-roles": "Roleword",
}  # fmt: skip


def filled(client: Client, call: Call, text: str = "Answerword.", **changes: Any) -> dict[str, Any]:
    first, second = question_names(call)
    return {**shown_form(client, call), **SAID, first: text, second: "four", **changes}


def look(client: Client, call: Call, **changes: Any) -> str:
    """The page, behind the button of the form."""
    answer = client.post(PAGE, filled(client, call, action="check", **changes))
    assert (answer.status_code, answer.headers["Location"]) == (303, CHECK)
    return client.get(CHECK).content.decode()


def part(html: str, name: str) -> str:
    found = re.search(rf'<section class="pt-section" aria-labelledby="{name}">(.*?)</section>', html, re.DOTALL)
    assert found is not None
    return found[1]


def words(html: str) -> set[str]:
    return set(re.findall(r"\b[A-Z][a-z]+word\b", html))


def form_of(html: str) -> dict[str, Any]:
    """What its button would send."""
    form = re.search(r'<form class="pt-form" method="post".*?</form>', html, re.DOTALL)
    assert form is not None
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]):
        found.setdefault(name, []).append(value)
    return {**found, "action": "submit"}


def test_each_view_shows_its_own_and_nothing_else(call: Call, applicant: Client) -> None:
    html = look(applicant, call, publish_roles="on")
    assert words(part(html, "reviewers")) == {"Answerword", "Projectword", "Roleword"}
    assert words(part(html, "staff")) == {"Nameword", "Wikiword", "Publicword", "Rivalword"}
    assert words(part(html, "public")) == {"Projectword", "Roleword", "Publicword"}
    assert "Genderword" not in "".join(part(html, name) for name in ("reviewers", "staff", "public"))
    assert not Snapshot.objects.exists()


def test_what_nobody_consented_to_is_not_public(call: Call, applicant: Client) -> None:
    html = look(applicant, call, publish_text="")
    assert words(part(html, "public")) == set()
    assert "you are counted as a member, and not named" in part(html, "public")
    named = look(applicant, call, publish_name="on", publish_wiki_name="on", publish_text="")
    assert words(part(named, "public")) == {"Nameword", "Wikiword"}


@pytest.mark.long
def test_reviewers_see_it_to_the_letter(
    call: Call, user: User, people: dict[str, User], applicant: Client, sign_in: SignIn, clock: Clock
) -> None:
    """What the preview shows of an application is what the page of the candidate shows of it."""
    html = look(applicant, call)
    assert applicant.post(PAGE, form_of(html)).status_code == 303
    clock.set(REVIEW)
    review = sign_in(people["reviewer1"]).get(
        f"/en/admin/recruitment/application/{Application.objects.get().pk}/review/"
    )
    seen = review.content.decode()
    marked = r"<article data-seen>(.*?)</article>"
    before, after = (re.search(marked, page, re.DOTALL) for page in (html, seen))
    assert before is not None
    assert after is not None
    assert before[1] == after[1]
    assert "Answerword" in before[1]
    previewed, shown = facts(html, "version"), facts(seen, "version")
    assert list(previewed) == list(shown)
    # When it is submitted, and what its hash is, nobody knows before.
    assert {name for name in shown if previewed[name] != shown[name]} == {"Submitted", "Fingerprint (SHA-256)"}


CONSENTS = ("publish_name", "publish_wiki_name", "publish_region", "publish_languages", "publish_roles")


def facts(html: str, name: str) -> dict[str, str]:
    """{what: what stands there} of the list of this mark."""
    found = re.search(rf"<dl [^>]*data-{name}>(.*?)</dl>", html, re.DOTALL)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", found[1], re.DOTALL)) if found else {}


@pytest.mark.parametrize("consents", [(), *((one,) for one in CONSENTS), CONSENTS])
def test_staff_and_everybody_see_what_was_previewed(
    call: Call, people: dict[str, User], applicant: Client, sign_in: SignIn, clock: Clock, consents: tuple[str, ...]
) -> None:
    """With each consent alone, all, none: the page of those who coordinate and that of the members say the same."""
    html = look(applicant, call, **{"profile-region": "eseap", **dict.fromkeys(consents, "on")})
    assert applicant.post(PAGE, form_of(html)).status_code == 303
    clock.set(REVIEW)
    application = Application.objects.get()
    staff = sign_in(people["coordinator"]).get(identity_page(application)).content.decode()
    assert facts(staff, "identity") == facts(html, "identity") != {}
    assert {"Nameword", "Wikiword", "Rivalword", "Publicword"} <= words(staff)
    services.decide(application.pk, people["coordinator"], "accept")
    services.release(call.pk, people["coordinator"])
    member = Member.objects.get()
    assert member.name == facts(html, "public").get("Your name", "").removeprefix("<bdi>").removesuffix("</bdi>")
    assert bool(member.consented_at) == ("publish_name" in consents)
    Member.objects.update(published_at=member.since)
    everybody = Client().get("/en/tf/leadership-development/members/").content.decode()
    assert "1 member" in everybody
    assert words(everybody) == ({"Nameword"} if "publish_name" in consents else set())


def identity_page(application: Application) -> str:
    return f"/en/admin/recruitment/application/{application.pk}/identity/"


def test_who_leaves_the_name_empty_is_a_number_to_staff(
    call: Call, user: User, people: dict[str, User], applicant: Client, sign_in: SignIn, clock: Clock
) -> None:
    """Neither what the account is called nor its address stands where a name would."""
    User.objects.filter(pk=user.pk).update(name="Accountword")
    html = look(applicant, call, name="", wiki_name="")
    assert "Accountword" not in part(html, "staff")
    assert applicant.post(PAGE, form_of(html)).status_code == 303
    clock.set(REVIEW)
    application = Application.objects.get()
    coordinator = sign_in(people["coordinator"])
    services.decide(application.pk, people["coordinator"], "accept")
    release = coordinator.get(f"/en/admin/recruitment/call/{call.pk}/release/").content.decode()
    for page in (coordinator.get(identity_page(application)).content.decode(), release):
        assert "Candidate" in page
        assert "Accountword" not in page
        assert user.email not in page
    services.release(call.pk, people["coordinator"])
    assert Member.objects.get().name == ""


def test_who_it_is_stands_where_each_look_is_written_down_and_no_reviewer_looks(
    call: Call, people: dict[str, User], applicant: Client, sign_in: SignIn, clock: Clock
) -> None:
    assert applicant.post(PAGE, form_of(look(applicant, call))).status_code == 303
    application = Application.objects.get()
    coordinator, reviewer = sign_in(people["coordinator"]), sign_in(people["reviewer1"])
    looks = Entry.objects.filter(action="identity.read")
    assert coordinator.get(identity_page(application)).status_code == 403
    clock.set(REVIEW)
    assert reviewer.get(identity_page(application)).status_code == 403
    assert not looks.exists()
    candidate = identity_page(application).replace("identity", "review")
    assert identity_page(application) in coordinator.get(candidate).content.decode()
    assert identity_page(application) not in reviewer.get(candidate).content.decode()
    assert not looks.exists()
    assert coordinator.get(identity_page(application)).status_code == 200
    assert looks.get().details["applications"] == [application.pk]


def test_its_button_submits_what_was_looked_at(call: Call, user: User, applicant: Client) -> None:
    html = look(applicant, call)
    sent = form_of(html)
    for _ in range(2):
        answer = applicant.post(PAGE, sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    snapshot = Snapshot.objects.get()
    assert "Answerword." in [one["text"] for one in snapshot.answers]
    assert (snapshot.profile["projects"], snapshot.profile["roles"]) == ("Projectword", "Roleword")
    identity = Application.objects.get().identity
    assert (identity.name, identity.wiki_name, identity.not_reviewers) == ("Nameword", "Wikiword", "Rivalword")


def test_a_name_that_was_emptied_is_submitted_empty(call: Call, applicant: Client) -> None:
    applicant.post(PAGE, filled(applicant, call, action="submit"))
    html = look(applicant, call, text="Again.", name="", wiki_name="")
    assert words(part(html, "staff")) == {"Publicword", "Rivalword"}
    applicant.post(PAGE, form_of(html))
    identity = Application.objects.get().identity
    assert (Snapshot.objects.count(), identity.name, identity.wiki_name) == (2, "", "")


def test_what_was_changed_meanwhile_is_not_submitted_unseen(call: Call, applicant: Client) -> None:
    """Nothing was typed here, so there is nothing to choose: what was written elsewhere stands, to be looked at."""
    sent = form_of(look(applicant, call))
    applicant.post(PAGE, filled(applicant, call, "In another tab.", action="save"))
    assert applicant.post(PAGE, sent).status_code == 303
    assert not Snapshot.objects.exists()
    html = applicant.get(PAGE).content.decode()
    assert "It was not submitted yet" in html
    assert "In another tab." in html


def test_what_is_wrong_leads_to_its_field(call: Call, applicant: Client) -> None:
    first, _second = question_names(call)
    html = look(applicant, call, text="", publish_name="on", name="")
    assert "It cannot be submitted yet" in html
    form = applicant.get(PAGE).content.decode()
    targets = re.findall(rf'<a href="{PAGE}#([^"]+)">', html)
    assert f"id_{first}" in targets
    assert "id_name" in targets
    for target in targets:
        assert f'id="{target}"' in form
    assert 'value="submit"' not in html
    assert words(part(html, "reviewers")) == {"Projectword", "Roleword"}


def test_who_has_nothing_to_look_at_is_led_to_the_form(
    call: Call, user: User, applicant: Client, client: Client, clock: Clock
) -> None:
    def answer(browser: Client) -> tuple[int, str]:
        found = browser.get(CHECK)
        return found.status_code, found.headers.get("Location", "")

    assert answer(client) == (302, f"/en/accounts/login/?next={CHECK}")
    assert answer(applicant) == (303, PAGE)
    look(applicant, call)
    assert answer(applicant)[0] == 200
    services.withdraw(Application.objects.get().pk, user, at=app_now())
    assert answer(applicant) == (303, PAGE)
    clock.set(CLOSES)
    assert answer(applicant) == (303, PAGE)


def test_another_person_sees_their_own(call: Call, people: dict[str, User], applicant: Client, sign_in: SignIn) -> None:
    look(applicant, call)
    assert sign_in(people["member"]).get(CHECK).status_code == 303


@pytest.mark.long
def test_more_that_is_said_costs_no_more(call: Call, applicant: Client) -> None:
    counts = []
    for changes in (
        {},
        {f"profile-language-{row}": name for row, name in enumerate(("en", "de", "fr", "sw"), start=1)},
    ):
        look(applicant, call, **changes)
        with CaptureQueriesContext(connection) as captured:
            applicant.get(CHECK)
        counts.append(len(captured))
    assert counts[0] == counts[1]
