"""The release: checked, told once and together, with every warning read."""

import re
from collections import Counter

import pytest

from recruitment import services
from recruitment.models import Application, Call, Decision
from taskforce.accounts.models import User
from taskforce.announcements import services as announcements
from taskforce.announcements.models import Member
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import prove, send_stale
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import main_form
from tests.portal.making import publish_tested
from tests.recruitment.conftest import PAGE, REVIEW_CLOSES, Scored, SignIn
from tests.recruitment.deciding import hold_all, release_page


def confirmed(client: Client, call: Call) -> dict[str, str]:
    """The page's form as it is sent by someone who has read it."""
    return main_form(client, release_page(call)) | {"read": "on"}


def warned(client: Client, call: Call, language: str = "en") -> list[str]:
    """The warnings on the page."""
    html = client.get(release_page(call).replace("/en/", f"/{language}/")).content.decode()
    section = re.search(r'<section class="rv-notice" aria-labelledby="rv-warnings">.*?</section>', html, re.S)
    return [plain(text) for text in re.findall(r"<li>(.*?)</li>", section[0], re.S)] if section else []


def plain(html: str) -> str:
    """A sentence whose values are set apart, as it reads."""
    return re.sub(r"</?bdi>", "", html)


def test_every_warning_stands_on_the_page_with_its_number(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, scored: Scored
) -> None:
    hold_all(people, three[:2], "accept", "decline")
    scored(three[0], people["reviewer1"], 4, 4)
    assert warned(coordinator, call) == [
        "1 of 2 seats stays empty.",
        "Nothing is decided about 1 candidate, who is told nothing by this release.",
        "1 of those who would be told was reviewed by nobody.",
        "1 of those who would be told has one review only.",
        "The review is still open; a release ends it for those who are told. "
        "It closes: 15 May 2022, anywhere on Earth (AoE).",
    ]


@pytest.mark.long
def test_where_nothing_is_wrong_there_is_no_box_to_tick(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, scored: Scored, clock: Clock
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    for application in three:
        for name in ("reviewer1", "reviewer2"):
            scored(application, people[name], 4, 4)
    clock.set(REVIEW_CLOSES)
    assert warned(coordinator, call) == []
    form = main_form(coordinator, release_page(call))
    assert 'name="read"' not in coordinator.get(release_page(call)).content.decode()
    assert coordinator.post(release_page(call), form).status_code == 303
    assert Entry.objects.get(action="call.released").details["warnings"] == {}


@pytest.mark.long
def test_warnings_must_be_read(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    form = main_form(coordinator, release_page(call))
    assert "read" not in form
    response = coordinator.post(release_page(call), form)
    html = response.content.decode()
    assert response.status_code == 200
    assert 'id="id_read_error"' in html
    assert html.count("Please read the warnings above, then tick the box.") == 2
    assert not Decision.objects.filter(state="released").exists()
    with pytest.raises(Invalid):
        services.release(call.pk, people["coordinator"], seen=form["seen"])
    assert coordinator.post(release_page(call), {**form, "read": "on"}).status_code == 303
    entry = Entry.objects.get(action="call.released")
    assert entry.details["warnings"] == {"unreviewed": 3, "review_not_closed": 1}


@pytest.mark.long
def test_a_new_warning_stops_what_was_confirmed_without_it(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, scored: Scored
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    sent = confirmed(coordinator, call)
    scored(three[0], people["reviewer1"], 4, 4)
    assert coordinator.post(release_page(call), sent).status_code == 409
    assert not Decision.objects.filter(state="released").exists()


def test_the_page_counts_who_is_told_what_in_which_language(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    html = coordinator.get(release_page(call)).content.decode()
    table = re.search(r'<table class="rv-counts">.*?</table>', html, re.S)
    assert table
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S) for row in re.findall(r"<tr.*?</tr>", table[0], re.S)]
    assert [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in rows] == [
        ["Language", "Accept", "Decline", "Together"],
        ["English", "1", "1", "2"],
        ["繁體中文", "1", "0", "1"],
        ["Together", "2", "1", "3"],
    ]


def test_one_can_withdraw_whatever_is_held(call: Call, three: list[Application], people: dict[str, User]) -> None:
    hold_all(people, three, "accept", "decline", "decline")
    for application in three[:2]:
        services.withdraw(application.pk, application.applicant, at=app_now())
    assert services.release(call.pk, people["coordinator"]) == (0, 1)
    assert Decision.objects.filter(state="held").count() == 2
    assert not Member.objects.exists()


@pytest.mark.long
def test_a_release_tells_everybody_at_once(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, sign_in: SignIn
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    html = coordinator.get(release_page(call)).content.decode()
    assert "Ada Canary" in html
    assert three[0].reference in html
    assert Entry.objects.filter(action="identity.read").count() == 1
    response = coordinator.post(release_page(call), confirmed(coordinator, call))
    assert response.status_code == 303
    mails = OutboxMessage.objects.exclude(kind="application-receipt")
    assert sorted(mails.values_list("kind", "mailbox", "language")) == [
        ("decision-accepted", "ada@example.org", "en"),
        ("decision-accepted", "bo@example.org", "zh-hant"),
        ("decision-declined", "cy@example.org", "en"),
    ]
    members = {member.user_id: (member.name, member.consented_at is not None) for member in Member.objects.all()}
    assert members == {three[0].applicant_id: ("Ada Canary", True), three[1].applicant_id: ("", False)}
    pages = [sign_in(one.applicant).get(PAGE).content.decode() for one in three]
    assert ["You have been chosen" in page for page in pages] == [True, True, False]
    assert "You were not chosen this time" in pages[2]
    assert Counter(Entry.objects.values_list("action", flat=True))["decision.released"] == 3


@pytest.mark.long
def test_a_release_asks_anew_who_releases_and_is_done_once(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    address, form = release_page(call), confirmed(coordinator, call)
    place = send_stale(coordinator, people["coordinator"], address, form)
    assert not Decision.objects.filter(state="released").exists()
    response = prove(coordinator, place)
    assert (response.status_code, response.headers["Location"]) == (303, address)
    assert Decision.objects.filter(state="released").count() == 3
    assert OutboxMessage.objects.filter(kind__startswith="decision-").count() == 3


@pytest.mark.long
def test_what_was_released_leads_on_to_the_announcement(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    assert "What comes next" not in coordinator.get(release_page(call)).content.decode()
    hold_all(people, three, "accept", "accept", "decline")
    assert "What comes next" not in coordinator.get(release_page(call)).content.decode()
    services.release(call.pk, people["coordinator"])
    html = coordinator.get(release_page(call)).content.decode()
    assert "The new members are not announced yet." in html
    assert 'href="/en/admin/announcements/announcement/add/"' in next_steps(html)
    assert f'href="/en/admin/recruitment/call/{call.pk}/decisions/"' in next_steps(html)
    titles = {"en": "Chosen"}
    task_force = call.phase.task_force
    made = announcements.draft(task_force, slug="m", titles=titles, bodies=titles, at=app_now(), actor_id=None)
    html = coordinator.get(release_page(call)).content.decode()
    assert f'href="/en/admin/announcements/announcement/{made.pk}/change/"' in next_steps(html)
    publish_tested(made, people["coordinator"])
    html = coordinator.get(release_page(call)).content.decode()
    assert "announcements/" not in next_steps(html)
    assert f'href="/en/admin/recruitment/call/{call.pk}/decisions/"' in next_steps(html)


def next_steps(html: str) -> str:
    """What the page offers once everything is told."""
    found = re.search(r'<section class="rv-to-do" aria-labelledby="rv-next">.*?</section>', html, re.S)
    return found[0] if found else ""


def test_names_and_rules_are_set_apart_in_arabic(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    html = coordinator.get(release_page(call).replace("/en/", "/ar/")).content.decode()
    assert f'<bdi dir="ltr">{three[0].reference}</bdi> · <bdi>Ada Canary</bdi>' in html
    assert '<bdi><span lang="en" dir="ltr">Become a member</span></bdi>' in html


@pytest.mark.long
def test_a_second_release_does_nothing(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    sent = confirmed(coordinator, call)
    for _ in range(2):
        assert coordinator.post(release_page(call), sent).status_code == 303
    assert OutboxMessage.objects.exclude(kind="application-receipt").count() == 3
    assert Entry.objects.filter(action="call.released").count() == 1
    assert services.release(call.pk, people["deputy"]) == (0, 0)


def test_more_than_the_seats_is_refused_whole(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "accept")
    html = coordinator.get(release_page(call)).content.decode()
    assert "3 people are to be accepted, but there are only 2 seats: 1 too many." in plain(html)
    assert "Release all saved decisions" not in html
    response = coordinator.post(release_page(call), {"seen": "x", "read": "on"})
    assert response.status_code == 403
    assert "3 people would be accepted, but there are 2 seats" in response.content.decode()
    assert not Decision.objects.filter(state="released").exists()
    assert not Member.objects.exists()


def test_seats_count_over_two_releases(call: Call, three: list[Application], people: dict[str, User]) -> None:
    hold_all(people, three[:2], "accept", "accept")
    services.release(call.pk, people["coordinator"])
    services.decide(three[2].pk, people["coordinator"], "accept")
    with pytest.raises(Refused):
        services.release(call.pk, people["coordinator"])


def test_a_decision_after_the_page_was_shown_stops_the_release(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "decline", "decline")
    sent = confirmed(coordinator, call)
    services.decide(three[1].pk, people["deputy"], "accept")
    assert coordinator.post(release_page(call), sent).status_code == 409
    assert not Decision.objects.filter(state="released").exists()


def test_what_is_told_stays_told(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, sign_in: SignIn
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    services.release(call.pk, people["coordinator"])
    with pytest.raises(Conflict):
        services.decide(three[2].pk, people["coordinator"], "accept")
    client = sign_in(three[2].applicant)
    form = {"action": "withdraw", "reference": three[2].reference, "confirm": "on"}
    assert client.post(PAGE, form).status_code == 403
    assert Application.objects.filter(state="withdrawn").count() == 0
