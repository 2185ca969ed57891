"""The staff side of the timeline: who sees what, and the page that extends."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.timeline import services
from taskforce.timeline.models import Extension, Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.timeline.test_services import AT, publish

PhaseOf = Callable[[str], Phase]
SEES = ["coordinator", "deputy", "observer", "admin"]
SEES_NOT = ["reviewer1", "moderator", "privacy"]
NO_STAFF = ["translator", "facilitator", "member"]


@pytest.fixture
def client_as(client: Client, people: dict[str, User]) -> Callable[[str], Client]:
    """A client signed in as one of the cast."""

    def signed_in(name: str) -> Client:
        client.force_login(people[name])
        return client

    return signed_in


def page_of(phase: Phase) -> str:
    return f"/en/admin/timeline/phase/{phase.pk}/extend/"


def fields(**changes: Any) -> dict[str, Any]:
    given = {
        "closes_on": "2022-03-07",
        "closes_time": "",
        "reason": "The translations came late.",
        "reason_language": "en",
        "ends_version": "1",
    }
    return {**given, **changes}


def confirmed(client: Client, address: str, given: dict[str, Any], **more: str) -> Any:
    """Preview, then confirm exactly that, as a browser does."""
    shown: Any = client.post(address, given)
    preview = shown.context["preview"] if shown.context else None
    if not preview:
        return shown
    return client.post(address, {**given, "previewed": preview["token"], "confirmed": "yes", **more})


def text_of(response: Any) -> str:
    found: HttpResponse = response
    return found.content.decode()


def test_the_address_of_the_page(phase: PhaseOf) -> None:
    assert reverse("admin:timeline_phase_extend", args=[5]) == "/en/admin/timeline/phase/5/extend/"


@pytest.mark.parametrize("name", SEES)
@pytest.mark.parametrize("model", ["phase", "taskforce"])
def test_lists_and_rows_are_there_for_who_works_with_them(
    client_as: Callable[[str], Client], phase: PhaseOf, name: str, model: str
) -> None:
    client = client_as(name)
    row = phase("feedback") if model == "phase" else phase("feedback").task_force
    for address in (f"/en/admin/timeline/{model}/", f"/en/admin/timeline/{model}/{row.pk}/change/"):
        response = client.get(address)
        assert response.status_code == 200
        assert text_of(response).count("<h1") == 1
        assert "Leadership development" in text_of(response)


@pytest.mark.parametrize("name", SEES_NOT + NO_STAFF)
def test_other_roles_find_nothing(client_as: Callable[[str], Client], phase: PhaseOf, name: str) -> None:
    client = client_as(name)
    pk = phase("feedback").pk
    for address in (
        "/en/admin/timeline/phase/",
        f"/en/admin/timeline/phase/{pk}/change/",
        f"/en/admin/timeline/phase/{pk}/extend/",
        "/en/admin/timeline/taskforce/",
    ):
        for response in (client.get(address), client.post(address, fields())):
            assert response.status_code in (302, 403, 404)
            assert "Feedback on the proposal" not in text_of(response)
    assert not Extension.objects.exists()


def test_another_task_forces_phases_are_not_there(client_as: Callable[[str], Client], people: dict[str, User]) -> None:
    foreign = publish(services.create_task_force("other", {"en": "Foreign"}, at=AT))
    client = client_as("coordinator")
    assert "Second round" not in text_of(client.get("/en/admin/timeline/phase/"))
    assert client.get(f"/en/admin/timeline/phase/{foreign.pk}/change/").status_code == 404
    assert client.get(page_of(foreign)).status_code == 404
    assert client.post(page_of(foreign), fields()).status_code == 404


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "2147483648"])
def test_a_phase_that_is_not_there_is_not_found(client_as: Callable[[str], Client], number: str) -> None:
    client = client_as("coordinator")
    assert client.get(f"/en/admin/timeline/phase/{number}/extend/").status_code == 404
    assert client.get(f"/en/admin/timeline/phase/{number}/change/").status_code == 404


def test_nothing_is_added_changed_or_deleted_by_the_stock_forms(
    client_as: Callable[[str], Client], phase: PhaseOf
) -> None:
    client = client_as("admin")
    pk = phase("feedback").pk
    assert client.post(f"/en/admin/timeline/phase/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/en/admin/timeline/phase/{pk}/change/", {"slug": "x"}).status_code == 403
    assert phase("feedback").pk == pk


@pytest.mark.parametrize("name", ["coordinator", "deputy", "admin"])
def test_extending_is_one_form(client_as: Callable[[str], Client], phase: PhaseOf, name: str) -> None:
    client = client_as(name)
    page = text_of(client.get(page_of(phase("feedback"))))
    assert page.count("<h1") == 1
    assert "28 February 2022, anywhere on Earth (AoE)" in page
    response = confirmed(client, page_of(phase("feedback")), fields(reason_language="de"))
    assert response.status_code == 302
    made = Extension.objects.get()
    assert (made.new_closes_on, made.reason, made.reason_language) == (
        date(2022, 3, 7),
        "The translations came late.",
        "de",
    )
    assert "The new end is public" in text_of(client.get(response["Location"]))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_on": "2022-02-28"}, "closes_on"),
        ({"closes_on": "2022-02-01"}, "closes_on"),
        ({"closes_on": "soon"}, "closes_on"),
        ({"closes_on": "9999-12-31"}, "closes_on"),
        ({"closes_on": ""}, "closes_on"),
        ({"closes_time": "25:00"}, "closes_time"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"reason_language": "tlh"}, "reason_language"),
    ],
)
def test_errors_stand_at_their_field_and_nothing_typed_is_lost(
    client_as: Callable[[str], Client], phase: PhaseOf, changes: dict[str, str], field: str
) -> None:
    response = client_as("coordinator").post(page_of(phase("feedback")), fields(**changes))
    assert response.status_code == 200
    form = response.context["form"]
    assert list(form.errors) == [field]
    page = text_of(response)
    assert f'id="id_{field}_error"' in page
    assert not Extension.objects.exists()


def test_somebody_else_was_faster(client_as: Callable[[str], Client], people: dict[str, User], phase: PhaseOf) -> None:
    services.extend(phase("feedback").pk, closes_on=date(2022, 3, 3), reason="Other reason", actor=people["deputy"])
    response = client_as("coordinator").post(page_of(phase("feedback")), fields())
    assert response.status_code == 409
    page = text_of(response)
    assert "Somebody has changed the end meanwhile" in page
    assert "3 March 2022, anywhere on Earth (AoE)" in page
    assert "The translations came late." in page
    assert Extension.objects.count() == 1


def test_an_overlap_is_told_with_the_form(client_as: Callable[[str], Client], tf: TaskForce, phase: PhaseOf) -> None:
    publish(tf, opens_on=date(2022, 3, 5), closes_on=date(2022, 3, 20))
    response = client_as("coordinator").post(page_of(phase("feedback")), fields())
    assert response.status_code == 409
    assert "Second round" in text_of(response)


def test_a_closed_phase_says_so_and_takes_nothing(
    client_as: Callable[[str], Client], phase: PhaseOf, clock: Clock
) -> None:
    clock.set(datetime(2022, 3, 1, 12, tzinfo=UTC))
    client = client_as("coordinator")
    response = client.get(page_of(phase("feedback")))
    assert response.status_code == 200
    assert "A closed phase stays closed" in text_of(response)
    assert "<textarea" not in text_of(response)
    assert client.post(page_of(phase("feedback")), fields()).status_code == 403
    assert not Extension.objects.exists()


def test_an_end_that_reaches_into_the_next_phase_is_warned_of_first(
    client_as: Callable[[str], Client], phase: PhaseOf
) -> None:
    client = client_as("coordinator")
    page, into = page_of(phase("feedback")), {"closes_on": "2022-03-20"}
    warned = client.post(page, fields(**into))
    shown = text_of(warned)
    assert warned.status_code == 200
    assert not Extension.objects.exists()
    for part in (
        "Nothing has changed yet",
        "phases would run at the same time",
        "“<bdi>Feedback on the proposal</bdi>” would close",
        "“<bdi>Recruitment of members</bdi>” opens",
    ):
        assert part in shown
    for instant in ("2022-03-21T12:00:00Z", "2022-03-14T12:00:00Z"):
        assert f'datetime="{instant}"' in shown
    assert "The translations came late." in shown
    token = warned.context["preview"]["token"]
    further = client.post(page, fields(closes_on="2022-03-22", previewed=token))
    assert further.status_code == 200
    assert "not what you were shown before" in text_of(further)
    assert not Extension.objects.exists()
    assert client.post(page, fields(**into, previewed=token)).status_code == 302
    assert Extension.objects.get().new_closes_on == date(2022, 3, 20)


def test_an_end_that_touches_the_next_phase_is_not_warned_of(
    client_as: Callable[[str], Client], phase: PhaseOf
) -> None:
    # AoE to AoE: the last moment of 13 March is the first of 14 March.
    response = client_as("coordinator").post(page_of(phase("feedback")), fields(closes_on="2022-03-13"))
    assert response.status_code == 200
    assert "at the same time" not in text_of(response)


def test_what_is_refused_is_not_warned_of(
    client_as: Callable[[str], Client], phase: PhaseOf, tf: TaskForce, clock: Clock
) -> None:
    publish(tf, slug="again", opens_on=date(2022, 3, 10), closes_on=date(2022, 3, 12))
    client = client_as("coordinator")
    same = client.post(page_of(phase("feedback")), fields(closes_on="2022-03-11"))
    assert same.status_code == 409
    clock.set(datetime(2022, 3, 1, 12, tzinfo=UTC))
    assert client.post(page_of(phase("feedback")), fields(closes_on="2022-03-20")).status_code == 403
    assert not Extension.objects.exists()


def test_the_way_to_extending_is_shown_to_those_who_may(client_as: Callable[[str], Client], phase: PhaseOf) -> None:
    pk = phase("feedback").pk
    for name, count in (("coordinator", 4), ("observer", 0)):
        client = client_as(name)
        listed = text_of(client.get("/en/admin/timeline/phase/"))
        assert listed.count("/extend/") == count
        page = text_of(client.get(f"/en/admin/timeline/phase/{pk}/change/"))
        assert ("/extend/" in page) is bool(count)
        assert ("Extend…" in page) is bool(count)


def test_a_role_in_one_task_force_gives_no_link_in_another(
    client_as: Callable[[str], Client], tf: TaskForce, people: dict[str, User]
) -> None:
    other = services.create_task_force("other", {"en": "Other"}, at=AT)
    publish(other)
    grant_role(people["coordinator"], Role.OBSERVER, at=AT, actor_id=None, task_force_id=other.pk)
    page = text_of(client_as("coordinator").get("/en/admin/timeline/phase/"))
    assert "Second round" in page
    assert page.count("/extend/") == 4


def test_a_phase_and_a_task_force_are_called_by_their_names(
    client_as: Callable[[str], Client], phase: PhaseOf, tf: TaskForce
) -> None:
    client = client_as("coordinator")
    for address, name, code in (
        (f"/zh-hant/admin/timeline/phase/{phase('feedback').pk}/change/", "對提案的反饋", "feedback of #"),
        (f"/zh-hant/admin/timeline/taskforce/{tf.pk}/change/", "領導力發展", "› leadership-development"),
    ):
        page = text_of(client.get(address))
        assert f"<h1><bdi>{name}</bdi></h1>" in page
        assert f"<title>{name} · " in page[: page.index("</title>")]
        assert code not in page


def test_an_observer_reads_and_changes_nothing(client_as: Callable[[str], Client], phase: PhaseOf) -> None:
    client = client_as("observer")
    for response in (client.get(page_of(phase("feedback"))), client.post(page_of(phase("feedback")), fields())):
        assert response.status_code == 403
        assert "Only coordinators" in text_of(response)
    assert not Extension.objects.exists()


def test_without_sign_in_the_page_asks_for_it(client: Client, phase: PhaseOf) -> None:
    response = client.get(page_of(phase("feedback")))
    assert response.status_code == 302
    assert "login" in response["Location"]


def test_without_a_token_the_form_is_not_taken(people: dict[str, User], phase: PhaseOf) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["coordinator"])
    assert client.post(page_of(phase("feedback")), fields()).status_code == 403
    assert not Extension.objects.exists()


def test_the_list_names_each_cell_for_narrow_screens(client_as: Callable[[str], Client], phase: PhaseOf) -> None:
    page = text_of(client_as("coordinator").get("/en/admin/timeline/phase/"))
    for column in ("Task force", "Opens", "Closes", "State", "What can be done"):
        assert page.count(f'class="rv-cell" data-label="{column}"') == 4, column


@pytest.mark.parametrize(
    ("zone", "named"), [("AoE", "Time, anywhere on Earth (AoE)"), ("Europe/Berlin", "Time, Europe/Berlin")]
)
@pytest.mark.parametrize("name", ["extend", "shorten"])
def test_the_field_of_the_time_names_its_zone(
    client_as: Callable[[str], Client], tf: TaskForce, name: str, zone: str, named: str
) -> None:
    made = publish(tf, zone=zone)
    page = text_of(client_as("coordinator").get(f"/en/admin/timeline/phase/{made.pk}/{name}/"))
    assert f'<label for="id_closes_time">{named}</label>' in page
    described = re.search(r'name="closes_time"[^>]*aria-describedby="id_closes_time_helptext"', page)
    assert described, "the words about the zone do not belong to the field"


def test_more_phases_cost_no_more_statements(
    client_as: Callable[[str], Client], tf: TaskForce, people: dict[str, User], phase: PhaseOf
) -> None:
    client = client_as("coordinator")
    counts = []
    for years in (range(2031, 2032), range(2032, 2037)):
        for year in years:
            made = publish(tf, slug=f"y{year}", opens_on=date(year, 1, 1), closes_on=date(year, 1, 2))
            services.extend(made.pk, closes_on=date(year, 1, 3), reason="Late", actor=people["coordinator"])
        with CaptureQueriesContext(connection) as captured:
            client.get("/en/admin/timeline/phase/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
