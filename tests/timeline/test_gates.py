"""The gate: who passes, who does not, and what a refusal says."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404
from django.utils import translation

from taskforce.core import clock as clock_of_process
from taskforce.core.errors import Invalid, Refused
from taskforce.timeline import gates, services, windows
from taskforce.timeline.enums import GRACE
from taskforce.timeline.models import Phase, TaskForce
from tests.conftest import Clock, Stand
from tests.timeline.conftest import past_the_triggers

OPENS = datetime(2022, 2, 1, 12, tzinfo=UTC)
CLOSES = datetime(2022, 3, 1, 12, tzinfo=UTC)
PhaseOf = Callable[[str], Phase]


def enter(phase: Phase, capability: str = "feedback") -> gates.Pass:
    with transaction.atomic():
        return gates.enter(phase.pk, capability)


def test_an_open_phase_lets_pass_and_tells_the_moment(phase: PhaseOf, clock: Clock) -> None:
    passed = enter(phase("feedback"))
    assert passed.phase == phase("feedback")
    assert timedelta() <= passed.at - datetime(2022, 2, 15, 12, tzinfo=UTC) < timedelta(minutes=5)


def test_the_last_second_passes_and_the_closing_instant_does_not(phase: PhaseOf, clock: Clock) -> None:
    clock.set(CLOSES - timedelta(seconds=30))
    enter(phase("feedback"))
    clock.set(CLOSES)
    with pytest.raises(Refused) as refusal:
        enter(phase("feedback"))
    assert "28 February 2022, anywhere on Earth (AoE)" in str(refusal.value.message)
    facts: dict[str, Any] = dict(refusal.value.facts)
    assert facts["Opened"] == OPENS
    assert facts["Closed"] == CLOSES
    assert facts["Your request came"] >= CLOSES


def test_a_phase_that_is_not_open_yet_says_when_it_opens(phase: PhaseOf) -> None:
    with pytest.raises(Refused) as refusal:
        enter(phase("recruitment"), "apply")
    assert "14 March 2022, anywhere on Earth (AoE)" in str(refusal.value.message)
    assert dict(refusal.value.facts)["Opens"] == datetime(2022, 3, 14, 12, tzinfo=UTC)


def test_a_refusal_names_the_phase_in_the_readers_language(phase: PhaseOf, clock: Clock) -> None:
    clock.set(CLOSES)
    with translation.override("zh-hant"), pytest.raises(Refused) as refusal:
        enter(phase("feedback"))
    assert "對提案的反饋" in str(refusal.value.message)
    assert "2022年2月28日" in str(refusal.value.message)


def test_an_open_phase_without_the_capability_refuses(phase: PhaseOf) -> None:
    with pytest.raises(Refused):
        enter(phase("feedback"), "apply")


@pytest.mark.parametrize("phase_id", [0, -1, 2**31, 2**63 - 1])
def test_a_phase_that_is_not_there_is_not_found(db: None, phase_id: int) -> None:
    with pytest.raises(Http404), transaction.atomic():
        gates.enter(phase_id, "feedback")


def test_an_unpublished_phase_is_not_there(phase: PhaseOf) -> None:
    with past_the_triggers():
        Phase.objects.update(published_at=None)
    with pytest.raises(Http404):
        enter(phase("feedback"))


def test_a_cancelled_task_force_takes_nothing_more(tf: TaskForce, phase: PhaseOf) -> None:
    services.change_state(tf.pk, "cancel", at=OPENS, actor_id=None, reason="Nobody wanted it.")
    with pytest.raises(Refused, match="ended"):
        enter(phase("feedback"))


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_gate_is_no_gate() -> None:
    with pytest.raises(RuntimeError):
        gates.enter(1, "feedback")


def test_a_changing_act_passes_at_any_time(phase: PhaseOf, clock: Clock) -> None:
    clock.set(datetime(2024, 1, 1, tzinfo=UTC))
    with transaction.atomic():
        assert gates.enter_exclusively(phase("feedback").pk).at.year == 2024


# --- the grace ---------------------------------------------------------------------------------------------------

TICK = timedelta(microseconds=1)
LAST = CLOSES + timedelta(seconds=GRACE) - TICK


def key(phase: Phase, issued_at: datetime) -> gates.FormKey:
    return gates.read_form_key(gates.new_form_key(issued_at, phase.pk), phase.pk)


def enter_with(phase: Phase, form_key: gates.FormKey | None) -> gates.Pass | None:
    """What the gate says to a form with this key; None for a refusal."""
    try:
        with transaction.atomic():
            return gates.enter(phase.pk, "feedback", form_key=form_key)
    except Refused:
        return None


def enter_by_hard_close(phase: Phase, _form_key: gates.FormKey) -> gates.Pass | None:
    """The grace for everybody, whenever their form was shown: what these tests must be able to catch."""
    passed = gates.Pass(*gates._look(phase.pk))
    return None if windows.is_over(passed.phase, passed.at) else passed


BY_KEY = [(enter_with, True), (enter_by_hard_close, False)]


def test_the_fourteenth_of_september_anywhere_on_earth(tf: TaskForce, standing: Stand) -> None:
    day = date(2026, 9, 14)
    made = services.publish_phase(
        tf, slug="s", titles={"en": "S"}, capabilities=["feedback"], opens_on=day, closes_on=day, at=OPENS
    )
    end = datetime(2026, 9, 15, 12, tzinfo=UTC)
    before = key(made, end - timedelta(minutes=5))
    for moment, without_key, with_key in (
        (end - TICK, True, True),
        (end, False, True),
        (end + timedelta(seconds=119, microseconds=999_999), False, True),
        (end + timedelta(seconds=120), False, False),
    ):
        standing(moment)
        assert bool(enter_with(made, None)) is without_key, moment
        assert bool(enter_with(made, before)) is with_key, moment


@pytest.mark.parametrize("at", [CLOSES, LAST])
def test_in_the_grace_a_form_from_before_the_close_passes_and_is_marked(
    phase: PhaseOf, standing: Stand, at: datetime
) -> None:
    standing(at)
    passed = enter_with(phase("feedback"), key(phase("feedback"), CLOSES - TICK))
    assert passed
    assert (passed.at, passed.in_grace) == (at, True)


def test_before_the_close_nothing_is_marked(phase: PhaseOf, standing: Stand) -> None:
    standing(CLOSES - TICK)
    passed = enter_with(phase("feedback"), key(phase("feedback"), OPENS))
    assert passed
    assert not passed.in_grace


@pytest.mark.parametrize(("check", "holds"), BY_KEY, ids=["gate", "no key"])
@pytest.mark.parametrize("issued_at", [CLOSES, CLOSES + TICK, LAST, OPENS - TICK, CLOSES + timedelta(days=9)])
def test_in_the_grace_a_form_that_was_not_shown_while_it_was_open_is_refused(
    phase: PhaseOf, standing: Stand, issued_at: datetime, check: Any, *, holds: bool
) -> None:
    standing(LAST)
    assert (check(phase("feedback"), key(phase("feedback"), issued_at)) is None) is holds


def test_the_key_of_another_phase_opens_no_grace(phase: PhaseOf, standing: Stand) -> None:
    standing(LAST)
    other = key(phase("recruitment"), CLOSES - TICK)
    assert enter_with(phase("feedback"), other) is None
    assert enter_with(phase("feedback"), dataclasses.replace(other, phase_id=phase("feedback").pk))


def test_a_key_is_read_for_its_own_phase_only() -> None:
    with pytest.raises(Invalid):
        gates.read_form_key(gates.new_form_key(OPENS, 7), 8)


@pytest.mark.parametrize("changes", [{"grace_seconds": 0}, {"cancelled_at": CLOSES - timedelta(days=1)}])
def test_what_ended_at_once_has_no_grace(phase: PhaseOf, standing: Stand, changes: dict[str, Any]) -> None:
    with past_the_triggers():
        Phase.objects.filter(slug="feedback").update(**changes)
    standing(CLOSES)
    assert enter_with(phase("feedback"), key(phase("feedback"), OPENS)) is None


def test_a_refusal_in_the_grace_names_the_shown_close_and_no_other(phase: PhaseOf, standing: Stand) -> None:
    standing(CLOSES)
    with pytest.raises(Refused) as refusal:
        enter(phase("feedback"))
    said = [str(refusal.value.message), *(str(value) for _label, value in refusal.value.facts)]
    assert not any("12:02" in text or "14:02" in text for text in said)


# --- whose clock -------------------------------------------------------------------------------------------------


class Ahead(datetime):
    """The clock of a machine that is ten minutes ahead."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + timedelta(minutes=10)


def test_a_web_process_whose_clock_is_wrong_changes_nothing(
    phase: PhaseOf, standing: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("taskforce.core.clock.datetime", Ahead)
    monkeypatch.setattr("django.utils.timezone.now", lambda: Ahead.now(UTC))
    assert clock_of_process.real_now() > datetime.now(UTC) + timedelta(minutes=9)
    standing(CLOSES - TICK)
    assert enter_with(phase("feedback"), None)
    standing(CLOSES)
    assert enter_with(phase("feedback"), None) is None


def test_a_form_key_comes_back_with_its_moment() -> None:
    at = datetime(2022, 2, 15, 12, 0, 1, 5, tzinfo=UTC)
    raw = gates.new_form_key(at, 7)
    assert gates.read_form_key(raw, 7).issued_at == at
    assert gates.read_form_key(raw, 7).nonce != gates.read_form_key(gates.new_form_key(at, 7), 7).nonce
    assert len(gates.read_form_key(raw, 7).nonce) <= 64


def _flipped(raw: str) -> str:
    return ("B" if raw[0] == "A" else "A") + raw[1:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _raw: "",
        lambda _raw: "x",
        lambda raw: raw[:-1],
        _flipped,
        lambda raw: raw.split(":")[0],
        lambda raw: raw + "\x00",
        lambda raw: "\ud800" + raw,
        lambda raw: "é:" + raw,
        lambda raw: raw * 50,
    ],
)
def test_a_damaged_form_key_is_refused(damage: Callable[[str], str]) -> None:
    with pytest.raises(Invalid):
        gates.read_form_key(damage(gates.new_form_key(OPENS, 7)), 7)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        "x",
        ["only one"],
        ["nonce", "no instant"],
        ["nonce", 5],
        ["nonce", OPENS.isoformat()],
        ["nonce", 5, 7],
        ["nonce", OPENS.isoformat(), "7"],
        None,
    ],
)
def test_a_signed_value_of_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(Invalid):
        gates.read_form_key(gates._SIGNER.sign_object(value), 7)
