"""The gate: who passes, who does not, and what a refusal says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404
from django.utils import translation

from taskforce.core.errors import Invalid, Refused
from taskforce.timeline import gates, services
from taskforce.timeline.models import Phase, TaskForce
from tests.conftest import Clock
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
