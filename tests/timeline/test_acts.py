"""Shortening, closing early, cancelling: rules, what stays, who is told, and what pages say afterwards."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.timeline import describe, gates, plan, rules, services, windows
from taskforce.timeline.enums import NOTICE_PERIOD, Act, Frequency, PhaseState
from taskforce.timeline.models import Extension, Phase, Subscription, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.timeline.test_admin import confirmed, fields, text_of
from tests.timeline.test_services import publish

PhaseOf = Callable[[str], Phase]
NOW = datetime(2022, 2, 15, 12, tzinfo=UTC)
WHY: dict[str, Any] = {"reason": "Enough was said.", "reason_language": "en"}
DO: dict[str, Callable[..., Extension]] = {
    "shorten": lambda pk, **more: services.shorten(pk, closes_on=date(2022, 2, 20), **more),
    "close": services.close_early,
    "cancel": services.cancel_phase,
}
EVERY: dict[str, Callable[..., Extension]] = {
    **DO,
    "extend": lambda pk, **more: services.extend(pk, closes_on=date(2022, 3, 7), **more),
}
ACTS = {"shorten": Act.SHORTENED, "close": Act.CLOSED, "cancel": Act.CANCELLED}
KINDS = {"shorten": "phase-shortened", "close": "phase-closed-early", "cancel": "phase-cancelled"}


def page_of(phase: Phase, name: str) -> str:
    return f"/en/admin/timeline/phase/{phase.pk}/{name}/"


def asked(name: str, **changes: Any) -> dict[str, Any]:
    given = fields(**changes)
    if name == "shorten":
        return {**given, "closes_on": changes.get("closes_on", "2022-02-20")}
    return {key: value for key, value in given.items() if not key.startswith("closes")}


@pytest.mark.parametrize("name", DO)
def test_each_is_a_public_act(phase: PhaseOf, people: dict[str, User], name: str) -> None:
    before = phase("feedback")
    made = DO[name](before.pk, actor=people["deputy"], ends_version=1, **WHY)
    after = phase("feedback")
    assert (made.act, made.ends_version, after.ends_version) == (ACTS[name], 2, 2)
    assert (made.old_closes_at, made.new_closes_at) == (before.closes_at, after.closes_at)
    assert (made.actor_name, made.reason) == ("Deputy Demo", "Enough was said.")
    assert Entry.objects.get(action=f"phase.{ACTS[name].value}").actor_id == people["deputy"].pk
    mailing = Mailing.objects.get()
    assert (mailing.kind, mailing.key, mailing.topic) == (KINDS[name], f"{KINDS[name]}:{after.pk}:2", "deadlines")
    assert after.grace_seconds == (120 if name == "shorten" else 0)


def test_closing_early_is_at_the_moment_of_the_gate(phase: PhaseOf, people: dict[str, User]) -> None:
    made = services.close_early(phase("feedback").pk, actor=people["coordinator"], **WHY)
    closed = phase("feedback")
    assert closed.closes_at == closed.hard_closes_at == made.at
    assert NOW <= made.at < NOW + timedelta(minutes=5)
    # The rule names the same instant, on the clock of the phase's own zone.
    assert windows.instant(closed.closes_on, closed.closes_time, closed.zone, end=True) == made.at
    with pytest.raises(Refused, match="closed early, without notice"), transaction.atomic():
        gates.enter(closed.pk, "feedback")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 October 2026, 02:30 UTC+02:00 (Berlin)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 October 2026, 02:30 UTC+01:00 (Berlin)"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "25 October 2026, 03:30 (Berlin)"),
    ],
)
@pytest.mark.parametrize("act", [Act.CLOSED, Act.FULL])
def test_an_end_that_comes_by_an_act_in_a_repeated_hour_says_which_of_the_two(
    phase: PhaseOf, act: Act, at: datetime, said: str
) -> None:
    """Nobody chose the time, so that nobody can be asked for another one."""
    of = phase("feedback")
    of.zone = "Europe/Berlin"
    made = plan.extension(of, act, plan.new_end(of, act, at, None, None), plan.Reason("", "en"), actor=None, at=at)
    assert describe.new_rule(made) == said
    of.closes_on, of.closes_time, of.closes_at = made.new_closes_on, made.new_closes_time, made.new_closes_at
    assert describe.closes_rule(of) == said


@pytest.mark.parametrize("act", [Act.EXTENDED, Act.SHORTENED])
def test_a_published_phase_is_not_told_to_take_another_zone(phase: PhaseOf, act: Act) -> None:
    of = phase("feedback")
    of.zone = "Europe/Berlin"
    with pytest.raises(Invalid, match="comes twice") as refusal:
        plan.new_end(of, act, NOW, date(2026, 10, 25), time(2, 30))
    assert str(refusal.value.message).endswith("Choose another time.")
    assert "02:30 UTC+01:00" in str(refusal.value.message)


def test_a_cancelled_phase_keeps_its_dates_and_takes_nothing(phase: PhaseOf, people: dict[str, User]) -> None:
    before = phase("feedback")
    made = services.cancel_phase(before.pk, actor=people["coordinator"], **WHY)
    after = phase("feedback")
    assert (after.closes_on, after.closes_at, after.cancelled_at) == (before.closes_on, before.closes_at, made.at)
    assert windows.state(after, made.at) is PhaseState.CANCELLED
    with pytest.raises(Refused, match="was cancelled"), transaction.atomic():
        gates.enter(after.pk, "feedback")


def test_its_time_is_free_again(phase: PhaseOf, tf: TaskForce, people: dict[str, User]) -> None:
    with pytest.raises(Conflict):
        publish(tf, opens_on=date(2022, 2, 20), closes_on=date(2022, 2, 27))
    services.cancel_phase(phase("feedback").pk, actor=people["coordinator"], **WHY)
    publish(tf, opens_on=date(2022, 2, 20), closes_on=date(2022, 2, 27))


@pytest.mark.parametrize("name", EVERY)
def test_what_takes_something_away_has_the_red_button(
    client: Client, phase: PhaseOf, people: dict[str, User], name: str
) -> None:
    client.force_login(people["coordinator"])
    given = fields() if name == "extend" else asked(name)
    page = text_of(client.post(page_of(phase("feedback"), name), given))
    button = re.search(r'<input type="submit" class="([^"]*)" value="[^"]*tell everybody">', page)
    assert button is not None
    assert ("pt-destructive" in button[1]) is (name != "extend")
    asking = text_of(client.get(page_of(phase("feedback"), name)))
    assert "pt-destructive" not in asking, "a preview changes nothing"


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("first", ["close", "cancel"])
def test_what_is_closed_or_cancelled_stays_so(
    phase: PhaseOf, people: dict[str, User], clock: Clock, first: str, name: str
) -> None:
    DO[first](phase("feedback").pk, actor=people["coordinator"], **WHY)
    clock.set(NOW + timedelta(hours=1))
    with pytest.raises(Refused, match="stays"):
        EVERY[name](phase("feedback").pk, actor=people["coordinator"], **WHY)
    assert Extension.objects.count() == 1


@pytest.mark.parametrize(
    ("slug", "name", "done"),
    [
        ("recruitment", "close", False),
        ("recruitment", "cancel", True),
        ("work", "cancel", True),
    ],
)
def test_before_it_opens(phase: PhaseOf, people: dict[str, User], slug: str, name: str, *, done: bool) -> None:
    if done:
        DO[name](phase(slug).pk, actor=people["coordinator"], **WHY)
    else:
        with pytest.raises(Refused, match="not open yet"):
            DO[name](phase(slug).pk, actor=people["coordinator"], **WHY)
    assert Extension.objects.count() == int(done)


@pytest.mark.parametrize(
    ("slug", "closes_on", "closes_time", "error"),
    [
        # The clock stands at 15 February, 12:00 UTC; anywhere on Earth it is midnight.
        ("feedback", date(2022, 2, 17), None, "earliest possible end: 18 February 2022"),
        ("feedback", date(2022, 2, 17), time(23, 59), "3 days’ notice"),
        ("feedback", date(2022, 2, 1), None, "notice"),
        ("feedback", date(2022, 2, 28), None, "earlier than the old one"),
        ("feedback", date(2022, 3, 1), None, "earlier than the old one"),
        ("recruitment", date(2022, 3, 13), None, "earliest possible end: 14 March 2022"),
        ("feedback", date(9999, 12, 31), None, "from 2000 to 2100"),
    ],
)
def test_an_earlier_end_keeps_the_notice(
    phase: PhaseOf, people: dict[str, User], slug: str, closes_on: date, closes_time: time | None, error: str
) -> None:
    with pytest.raises(Invalid, match=error):
        services.shorten(
            phase(slug).pk, closes_on=closes_on, closes_time=closes_time, actor=people["coordinator"], **WHY
        )
    assert not Extension.objects.exists()


def test_the_earliest_end_that_a_refusal_names_is_taken(phase: PhaseOf, people: dict[str, User]) -> None:
    found = phase("feedback")
    day, at = windows.local(rules.earliest_end(found, NOW + timedelta(minutes=5)), found.zone)
    made = services.shorten(found.pk, closes_on=day, closes_time=at, actor=people["coordinator"], **WHY)
    assert made.new_closes_at - made.at >= NOTICE_PERIOD


def test_in_its_last_days_it_cannot_be_made_shorter(phase: PhaseOf, people: dict[str, User], clock: Clock) -> None:
    clock.set(datetime(2022, 2, 26, 13, tzinfo=UTC))
    with pytest.raises(Invalid, match="cannot be made shorter any more"):
        services.shorten(phase("feedback").pk, closes_on=date(2022, 2, 27), actor=people["coordinator"], **WHY)


@pytest.mark.parametrize("name", DO)
@pytest.mark.parametrize(
    ("changes", "error"),
    [({"reason": " "}, Invalid), ({"reason_language": "tlh"}, Invalid), ({"ends_version": 3}, Conflict)],
)
def test_what_is_no_act_changes_nothing(
    phase: PhaseOf, people: dict[str, User], name: str, changes: dict[str, Any], error: type[PortalError]
) -> None:
    with pytest.raises(error):
        DO[name](phase("feedback").pk, actor=people["coordinator"], **{**WHY, **changes})
    assert not Extension.objects.exists()
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("name", DO)
@pytest.mark.parametrize("role", ["observer", "moderator", "member"])
def test_nobody_else_does_it(phase: PhaseOf, people: dict[str, User], name: str, role: str) -> None:
    with pytest.raises(Refused):
        DO[name](phase("feedback").pk, actor=people[role], **WHY)


def test_a_later_act_takes_the_mails_about_earlier_ends_back(phase: PhaseOf, people: dict[str, User]) -> None:
    pk, actor = phase("feedback").pk, people["coordinator"]
    services.extend(pk, closes_on=date(2022, 3, 7), actor=actor, **WHY)
    services.shorten(pk, closes_on=date(2022, 3, 1), actor=actor, **WHY)
    services.cancel_phase(pk, actor=actor, **WHY)
    states = dict(Mailing.objects.values_list("kind", "state"))
    assert states == {
        "phase-extended": MailingState.SUPERSEDED,
        "phase-shortened": MailingState.SUPERSEDED,
        "phase-cancelled": MailingState.QUEUED,
    }


# --- pages ----------------------------------------------------------------------------------------------------------


def told_of(response: Any) -> dict[str, tuple[str, str]]:
    """What a preview says of its readers: {language: (at once and daily, the mails)}."""
    page = text_of(response)
    codes = {languages.html_lang(code): code for code in languages.CODES}
    counts = re.findall(r'<tr><th scope="row"><bdi lang="([^"]+)">.*?<td>(.*?)</td><td>(.*?)</td></tr>', page)
    mails = re.findall(r'<details class="pt-told".*?<bdi lang="([^"]+)">(.*?)</details>', page, re.DOTALL)
    assert [tag for tag, *_ in counts] == [tag for tag, _mail in mails]
    shown = dict(mails)
    return {codes[tag]: (f"{at_once} {daily}", shown[tag]) for tag, at_once, daily in counts}


@pytest.mark.long
@pytest.mark.parametrize("name", DO)
def test_it_asks_twice(client: Client, phase: PhaseOf, people: dict[str, User], name: str) -> None:
    client.force_login(people["coordinator"])
    page = page_of(phase("feedback"), name)
    shown: Any = client.post(page, asked(name))
    assert shown.status_code == 200
    assert "Nothing has changed yet" in text_of(shown)
    assert "The translations came late." in text_of(shown)
    token = {"previewed": shown.context["preview"]["token"]}
    unconfirmed = client.post(page, {**asked(name), **token})
    assert "Tick this box to confirm" in text_of(unconfirmed)
    other = client.post(page, {**asked(name, reason="Another reason."), **token, "confirmed": "yes"})
    assert "not what you were shown before" in text_of(other)
    assert "Another reason." in text_of(other)
    forged = client.post(page, {**asked(name), "previewed": "x" * 40, "confirmed": "yes"})
    assert forged.status_code == 200
    assert not Extension.objects.exists()
    assert client.post(page, {**asked(name), **token, "confirmed": "yes"}).status_code == 302
    assert Extension.objects.get().act == ACTS[name]


def test_a_preview_is_one_persons(client: Client, phase: PhaseOf, people: dict[str, User]) -> None:
    page = page_of(phase("feedback"), "close")
    client.force_login(people["deputy"])
    shown: Any = client.post(page, asked("close"))
    token = shown.context["preview"]["token"]
    client.force_login(people["coordinator"])
    assert client.post(page, {**asked("close"), "previewed": token, "confirmed": "yes"}).status_code == 200
    assert not Extension.objects.exists()


@pytest.mark.long
def test_the_preview_shows_each_languages_mail_as_it_will_be_sent(
    client: Client, phase: PhaseOf, tf: TaskForce, people: dict[str, User]
) -> None:
    for number, language in enumerate(["ar", "zh-hant", "zh-hant"]):
        services.follow(tf, mailbox=f"{number}@example.org", topics=["deadlines"], language=language, at=NOW)
    Subscription.objects.filter(mailbox="2@example.org").update(frequency=Frequency.DAILY)
    client.force_login(people["coordinator"])
    shown: Any = client.post(page_of(phase("feedback"), "extend"), fields())
    assert "7 March 2022, anywhere on Earth (AoE)" in text_of(shown)
    told = told_of(shown)
    assert {code: counts for code, (counts, _mail) in told.items()} == {"en": "0 0", "ar": "1 0", "zh-hant": "1 1"}
    assert "2022年3月7日" in told["zh-hant"][1]
    assert "Coordinator Demo" in told["en"][1]
    assert "/unsubscribe/sample/" in told["en"][1]


def test_the_preview_is_in_the_readers_own_language_first(
    client: Client, phase: PhaseOf, tf: TaskForce, people: dict[str, User]
) -> None:
    services.follow(tf, mailbox="a@example.org", topics=["deadlines"], language="en", at=NOW)
    client.force_login(people["coordinator"])
    page = text_of(client.post(f"/ar{page_of(phase('feedback'), 'extend').removeprefix('/en')}", fields()))
    folds = re.findall(r'<details class="pt-told"( open)?>\s*<summary><bdi lang="([^"]+)"', page)
    assert folds == [(" open", "ar"), ("", "en")]


@pytest.mark.parametrize("name", DO)
def test_somebody_else_was_faster(client: Client, phase: PhaseOf, people: dict[str, User], name: str) -> None:
    services.cancel_phase(phase("feedback").pk, actor=people["deputy"], **WHY)
    client.force_login(people["coordinator"])
    response = client.post(page_of(phase("feedback"), name), asked(name))
    assert response.status_code == 409
    assert "Somebody has cancelled this phase meanwhile" in text_of(response)
    assert Extension.objects.count() == 1


def test_the_pages_of_visitors_say_what_became_of_it(client: Client, phase: PhaseOf, people: dict[str, User]) -> None:
    services.close_early(phase("feedback").pk, actor=people["coordinator"], **WHY)
    services.cancel_phase(phase("work").pk, reason="資金沒有了。", reason_language="zh-hant", actor=people["deputy"])
    page = text_of(client.get("/en/tf/leadership-development/process/"))
    for part in (
        "Closed early",
        "without notice",
        "Cancelled",
        "Would have closed",
        '<span lang="zh-Hant" dir="ltr">資',
    ):
        assert part in page
    page = text_of(client.get("/en/tf/leadership-development/"))
    assert "pt-timeline__phase--cancelled" in page
    assert "Cancelled by <bdi>Deputy Demo</bdi>" in page
    assert "Would have opened" in page


def test_an_act_of_nobody_names_nobody(phase: PhaseOf) -> None:
    full = Extension(
        phase=phase("feedback"), act=Act.FULL, old_closes_on=date(2022, 2, 28), new_closes_on=date(2022, 2, 15)
    )
    assert str(describe.extension_note(full)).startswith("Closed because enough have come in: 15 February 2022")
    assert "by" not in str(describe.extension_note(full))


def test_confirming_tells_what_was_done(client: Client, phase: PhaseOf, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    done = confirmed(client, page_of(phase("feedback"), "cancel"), asked("cancel"))
    assert "The phase is cancelled" in text_of(client.get(done["Location"]))
