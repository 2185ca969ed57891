"""A call whose task force ends before its close: what came is final, and there is nothing to decide."""

import re
from datetime import date, timedelta

import pytest

from recruitment import queries, rules, services
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.core.errors import Refused
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import TF, words
from tests.recruitment.conftest import AT, CLOSES, HARD_CLOSES, OPEN, Apply
from tests.recruitment.deciding import decisions_page, release_page

# What a page says of something that is still to come in.
STILL = re.compile(r"can still|is still taken|Counted when the|once (?:the call|it) has closed")
INDEX = "/en/admin/"


@pytest.fixture
def second(tf: TaskForce) -> Phase:
    """A second round of feedback, as long as the call."""
    return timeline.publish_phase(
        tf,
        slug="second",
        titles={"en": "Second round"},
        capabilities=["feedback"],
        opens_on=date(2022, 3, 14),
        closes_on=date(2022, 4, 10),
        at=AT,
    )


def pages(client: Client, call: Call, phase: Phase) -> dict[str, str]:
    """{page: its words}, of those that wait for the close."""
    addresses = {
        "decisions": decisions_page(call),
        "release": release_page(call),
        "decide": f"/en/admin/timeline/phase/{phase.pk}/decide/",
        "process": f"{TF}process/",
    }
    return {name: words(client.get(address).content.decode()) for name, address in addresses.items()}


def test_no_page_waits_for_what_was_stopped(
    tf: TaskForce, call: Call, second: Phase, apply: Apply, coordinator: Client, people: dict[str, User], clock: Clock
) -> None:
    application = apply("ada")
    assert [name for name, page in pages(coordinator, call, second).items() if not STILL.search(page)] == []
    timeline.change_state(tf.pk, "cancel", at=OPEN, actor_id=None)
    why = "This task force ended before the call closed, so there is nothing to decide."
    for at in (OPEN, HARD_CLOSES):
        clock.set(at)
        shown = pages(coordinator, call, second)
        assert [name for name, page in shown.items() if STILL.search(page)] == []
        assert why in shown["decisions"]
        assert why in shown["release"]
        assert "This task force has ended, so there is nothing to decide any more." in shown["decide"]
        assert re.search(r"Applications submitted .{0,40}Become a member \W*1\b", shown["process"])
        assert "Nothing is decided about" not in coordinator.get(INDEX).content.decode()
        with pytest.raises(Refused, match="ended before the call closed"):
            services.decide(application.pk, people["coordinator"], "accept")
    # Taken up again after its close, the call has closed like any other.
    timeline.change_state(tf.pk, "resume", at=HARD_CLOSES, actor_id=None)
    assert "Nothing is decided about" in coordinator.get(INDEX).content.decode()
    services.decide(application.pk, people["coordinator"], "accept")


def test_what_closed_before_its_task_force_ended_is_decided(
    tf: TaskForce, call: Call, apply: Apply, people: dict[str, User], clock: Clock
) -> None:
    """At once: an end in the grace leaves nothing of it. Those who applied are told."""
    apply("ada")
    at = CLOSES + timedelta(seconds=60)
    clock.set(at)
    assert not rules.may(people["coordinator"], "decision.hold", call, at)[0]
    assert queries.to_decide_now(people["coordinator"], at) == []
    timeline.change_state(tf.pk, "end" if tf.state == "active" else "cancel", at=at, actor_id=None)
    again = Call.objects.get(pk=call.pk)
    assert rules.may(people["coordinator"], "decision.hold", again, at) == (True, "")
    assert [one.call for one in queries.to_decide_now(people["coordinator"], at)] == [call]
