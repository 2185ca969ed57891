"""The dates as a calendar, as JSON and as CSV: the same for everybody, true after every act, safe to open."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from icalendar import Calendar

from taskforce.accounts.models import User
from taskforce.timeline import calendar, queries, services
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.timeline.conftest import past_the_triggers

ICS = "/en/tf/leadership-development/timeline.ics"
DATA = "/open-data/leadership-development/phases."
FORGED = 'Feedback, "quoted"; semi\\colon\r\nEND:VEVENT\r\nSUMMARY:forged '
HOSTILE = FORGED + "對提案的反饋很長" * 15 + "آراء حول المقترح " * 6
PhaseOf = Callable[[str], Phase]


def read(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return response.content


def events(raw: bytes) -> list[Any]:
    return list(Calendar.from_ical(raw).walk("VEVENT"))


@pytest.fixture
def extended(tf: TaskForce, phase: PhaseOf, people: dict[str, User]) -> Phase:
    """The feedback phase with an end that was moved."""
    services.extend(
        phase("feedback").pk,
        closes_on=date(2022, 3, 7),
        reason="=Late, too late; sorry.",
        actor=people["coordinator"],
    )
    return phase("feedback")


def test_one_event_for_each_published_phase(tf: TaskForce, client: Client) -> None:
    response = client.get(ICS)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "max-age=" in response.headers["Cache-Control"]
    assert "Set-Cookie" not in response.headers
    found = events(response.content)
    assert [str(one["summary"]) for one in found][:2] == [
        "Leadership development: Feedback on the proposal",
        "Leadership development: Recruitment of members",
    ]
    first = found[0]
    assert (first["dtstart"].dt, first["dtend"].dt) == (utc(2022, 2, 1, 12), utc(2022, 3, 1, 12))
    assert first["dtstart"].to_ical() == b"20220201T120000Z"
    assert (first["sequence"], str(first["status"])) == (0, "CONFIRMED")
    assert first["dtstamp"].dt == first["last-modified"].dt == utc(2022, 1, 20, 9)
    assert "28 February 2022, anywhere on Earth (AoE) (1 March 2022, 12:00 UTC)" in first["description"]
    assert str(first["url"]) == "http://testserver/en/tf/leadership-development/"
    whole: Any = Calendar.from_ical(response.content)
    assert str(whole["x-wr-calname"]) == str(whole["name"]) == "Leadership development"
    assert whole["refresh-interval"].to_ical() == b"PT1H"


def test_the_same_bytes_for_everybody_and_304_for_who_has_them(tf: TaskForce, people: dict[str, User]) -> None:
    visitor, member = Client(), Client()
    member.force_login(people["member"])
    response = visitor.get(ICS)
    assert member.get(ICS).content == response.content
    assert visitor.get(ICS, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_a_moved_end_raises_the_sequence_and_keeps_the_uid(
    tf: TaskForce, phase: PhaseOf, client: Client, people: dict[str, User], clock: Clock
) -> None:
    before = events(read(client, ICS))
    clock.set(utc(2022, 2, 20, 8))
    services.extend(phase("feedback").pk, closes_on=date(2022, 3, 7), reason="Late.", actor=people["coordinator"])
    after = events(read(client, ICS))
    assert [str(one["uid"]) for one in after] == [str(one["uid"]) for one in before]
    assert [one["sequence"] for one in after] == [1, 0, 0, 0]
    assert after[0]["dtend"].dt == utc(2022, 3, 8, 12)
    assert after[0]["last-modified"].dt.replace(microsecond=0) == utc(2022, 2, 20, 8)
    assert "Reason: Late." in after[0]["description"]
    with override_settings(SITE_URL="https://elsewhere.example"):
        assert [str(one["uid"]) for one in events(read(client, ICS))] == [str(one["uid"]) for one in before]


def test_no_number_goes_back_where_an_end_is_put_right(
    tf: TaskForce, phase: PhaseOf, client: Client, people: dict[str, User], clock: Clock
) -> None:
    """Stopped, taken up again, extended, stopped: a calendar program takes each for newer than the one before."""
    read_so_far = [events(read(client, ICS))]

    def step(number: int, action: str) -> None:
        clock.set(utc(2022, 2, 20, number))
        if action == "extend":
            services.extend(phase("feedback").pk, closes_on=date(2022, 3, 7), reason="R", actor=people["coordinator"])
        else:
            services.change_state(tf.pk, action, at=utc(2022, 2, 20, number), actor_id=None)
        read_so_far.append(events(read(client, ICS)))

    for number, action in enumerate(["cancel", "resume", "extend", "cancel"]):
        step(number, action)
    for one in zip(*read_so_far, strict=True):
        changed = [event["last-modified"].dt for event in one]
        assert changed == [event["dtstamp"].dt for event in one] == sorted(changed)
        assert len({str(event["uid"]) for event in one}) == 1
    assert [[event["sequence"] for event in found] for found in read_so_far] == [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [2, 2, 2, 2],
        [3, 2, 2, 2],
        [4, 3, 3, 3],
    ]
    first = [found[0] for found in read_so_far]
    off, on = "CANCELLED", "CONFIRMED"
    assert [str(event["status"]) for event in first] == [on, off, on, on, off]
    assert first[-1]["last-modified"].dt == utc(2022, 2, 20, 3)


def test_a_phase_published_after_turns_begins_at_their_number(tf: TaskForce, client: Client) -> None:
    """As `docs/addresses.md` has it."""
    for day, action in enumerate(("cancel", "resume"), start=1):
        services.change_state(tf.pk, action, at=utc(2022, 2, day), actor_id=None)
    tf.refresh_from_db()
    services.publish_phase(
        tf,
        slug="later",
        titles={"en": "Later"},
        capabilities=[],
        opens_on=date(2022, 6, 1),
        closes_on=date(2022, 6, 20),
        at=utc(2022, 2, 3),
    )
    found = {str(one["summary"]): int(one["sequence"]) for one in events(read(client, ICS))}
    assert next(number for name, number in found.items() if "Later" in name) == 2
    said = " ".join((Path(settings.BASE_DIR) / "docs" / "addresses.md").read_text("utf-8").split())
    assert "`SEQUENCE` is 0 at first" not in said
    assert "at the number of times that that had ended or was taken up again" in said


def test_what_had_turned_before_is_counted_by_the_log(tf: TaskForce) -> None:
    """By the migration; of what no log tells, an end is one turn."""
    other = services.create_task_force("other", {"en": "Other"}, at=utc(2022, 1, 20))
    quiet = services.create_task_force("quiet", {"en": "Quiet"}, at=utc(2022, 1, 20))
    for day, action in enumerate(("cancel", "resume", "announce", "end", "resume"), start=1):
        services.change_state(tf.pk, action, at=utc(2022, 2, day), actor_id=None)
    TaskForce.objects.filter(pk=tf.pk).update(turns=0, turned_at=None)
    TaskForce.objects.filter(pk=other.pk).update(state="ended", ended_at=utc(2022, 2, 9))
    counted = import_module("taskforce.timeline.migrations.0008_turns")
    with connection.cursor() as cursor:
        cursor.execute(counted._COUNTED)
        cursor.execute(counted._ONCE)
    found = {one.slug: (one.turns, one.turned_at) for one in TaskForce.objects.all()}
    assert found == {
        tf.slug: (4, utc(2022, 2, 5)),
        other.slug: (1, utc(2022, 2, 9)),
        quiet.slug: (0, None),
    }


def test_what_announces_members_turns_nothing(tf: TaskForce, client: Client) -> None:
    before = read(client, ICS)
    services.change_state(tf.pk, "announce", at=utc(2022, 2, 20), actor_id=None)
    assert read(client, ICS) == before


def test_a_cancelled_phase_stays_and_says_so(tf: TaskForce, phase: PhaseOf, client: Client) -> None:
    with past_the_triggers():
        Phase.objects.filter(pk=phase("feedback").pk).update(cancelled_at=utc(2022, 2, 20))
    assert [str(one["status"]) for one in events(read(client, ICS))] == ["CANCELLED", *["CONFIRMED"] * 3]


def test_each_language_has_its_own_calendar(tf: TaskForce, client: Client) -> None:
    """A title that is not translated says in which language it is."""
    chinese = events(read(client, ICS.replace("/en/", "/zh-hant/")))[0]
    assert str(chinese["summary"]).endswith("\uff1a對提案的反饋")
    assert "2022年2月28日" in chinese["description"]
    assert str(chinese["url"]).startswith("http://testserver/zh-hant/")
    arabic = events(read(client, ICS.replace("/en/", "/ar/")))[0]
    assert arabic["summary"].params["LANGUAGE"] == "en"


@pytest.mark.parametrize("language", ["en", "zh-hant", "ar"])
def test_a_hostile_title_is_one_folded_line(tf: TaskForce, phase: PhaseOf, language: str) -> None:
    Phase.objects.filter(pk=phase("feedback").pk).update(title_en=HOSTILE, title_zh_hant=HOSTILE)
    raw = calendar.feed(tf, queries.phases(tf), language)
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    found = events(raw)
    assert len(found) == 4
    assert str(found[0]["summary"]).endswith(" ".join(HOSTILE.split()))


def test_what_is_not_published_is_nowhere(tf: TaskForce, phase: PhaseOf, client: Client) -> None:
    with past_the_triggers():
        Phase.objects.filter(pk=phase("work").pk).update(published_at=None)
    assert len(events(read(client, ICS))) == 3
    assert len(json.loads(read(client, f"{DATA}json"))) == 3


def test_json_tells_the_rule_the_instant_and_every_change(extended: Phase, client: Client) -> None:
    rows: list[dict[str, Any]] = json.loads(read(client, f"{DATA}json"))
    first = rows[0]
    assert (first["slug"], first["state"], first["capabilities"]) == ("feedback", "current", ["feedback"])
    assert first["titles"] == {"en": "Feedback on the proposal", "zh-hant": "對提案的反饋"}
    assert first["closes"] == {
        "day": "2022-03-07",
        "time": None,
        "zone": "AoE",
        "rule": "7 March 2022, anywhere on Earth (AoE)",
        "at": "2022-03-08T12:00:00Z",
    }
    (change,) = first["changes"]
    assert (change["act"], change["who"]) == ("extended", "Coordinator Demo")
    assert (change["old"]["at"], change["new"]["at"]) == ("2022-03-01T12:00:00Z", "2022-03-08T12:00:00Z")
    assert (change["reason"], change["reason_language"]) == ("=Late, too late; sorry.", "en")


def test_csv_has_a_line_each_and_computes_nothing(extended: Phase, client: Client) -> None:
    Phase.objects.filter(pk=extended.pk).update(title_en="=1+1")
    response = client.get(f"{DATA}csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert [row["slug"] for row in rows] == ["feedback", "recruitment", "review", "work"]
    assert rows[0]["title_en"] == "'=1+1"
    assert (rows[0]["closes_day"], rows[0]["closes_at"]) == ("2022-03-07", "2022-03-08T12:00:00Z")
    assert json.loads(rows[0]["changes"])[0]["reason"] == "=Late, too late; sorry."
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_the_data_is_in_no_visitors_language(tf: TaskForce, client: Client) -> None:
    plain = client.get(f"{DATA}json")
    arabic = client.get(f"{DATA}json", headers={"Accept-Language": "ar"})
    assert arabic.content == plain.content
    assert plain.headers["Content-Language"] == "en"


@pytest.mark.parametrize("address", [ICS, f"{DATA}json", f"{DATA}csv"])
def test_empty_unknown_and_only_to_read(clock: Clock, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
    services.create_task_force("leadership-development", {"en": "Leadership"}, at=utc(2022, 1, 20))
    body = read(client, address)
    if address.endswith("json"):
        assert json.loads(body) == []
    elif address.endswith("csv"):
        assert len(body.splitlines()) == 1
    else:
        assert events(body) == []
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", [ICS, f"{DATA}json", f"{DATA}csv"])
def test_as_many_statements_for_many_phases(tf: TaskForce, client: Client, address: str) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            read(client, address)
        return len(found)

    read(client, address)
    few = statements()
    for number in range(12):
        services.publish_phase(
            tf, slug=f"more-{number}", titles={"en": "More"}, capabilities=[],
            opens_on=date(2022, 6, 1), closes_on=date(2022, 6, 2), at=utc(2022, 1, 20),
        )  # fmt: skip
    assert statements() == few


def test_the_pages_lead_there(tf: TaskForce, client: Client) -> None:
    assert ICS in client.get("/en/tf/leadership-development/").content.decode()
    process = client.get("/en/tf/leadership-development/process/").content.decode()
    assert f"{DATA}json" in process
    assert f"{DATA}csv" in process
