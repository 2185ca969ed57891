"""Deciding after feedback: who, when, what follows, who is told, and what everybody reads."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404

from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.notifications import kinds
from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from taskforce.timeline import services
from taskforce.timeline.models import Phase, TaskForce, Verdict
from tests.clients import Client, note_sign_in
from tests.conftest import Clock

PhaseOf = Callable[[str], Phase]
# The feedback of the model case closes at noon of 1 March; its grace is over two minutes later.
CLOSED = datetime(2022, 3, 1, 12, 2, tzinfo=UTC)
IN_GRACE = datetime(2022, 3, 1, 12, 1, tzinfo=UTC)
WHY = {"en": "Most of it supports it.", "zh-hant": "多數意見支持。"}


def decided(phase: Phase, actor: User, outcome: str = "proceed", **changes: Any) -> Verdict:
    return services.decide(phase.pk, **{"outcome": outcome, "reasons": WHY, "actor": actor, **changes})


def test_it_is_a_public_act_told_once(phase: PhaseOf, people: dict[str, User], clock: Clock) -> None:
    clock.set(CLOSED)
    made = decided(phase("feedback"), people["coordinator"])
    assert (made.number, made.outcome, made.reasons, made.actor_name) == (1, "proceed", WHY, "Coordinator Demo")
    assert Entry.objects.get(action="phase.decided").actor_id == people["coordinator"].pk
    mailing = Mailing.objects.get(kind="feedback-decided")
    kind = kinds.get(mailing.kind)
    assert kind.context
    told = kind.context(mailing.params, "zh-hant")
    assert told["reason"] == {"text": WHY["zh-hant"], "language": "zh-hant"}
    assert told["url"].endswith("/zh-hant/tf/leadership-development/process/")
    assert kind.context(mailing.params, "ar")["reason"]["language"] == "en"


@pytest.mark.parametrize("moment", [datetime(2022, 2, 15, 12, tzinfo=UTC), IN_GRACE])
def test_nothing_is_decided_while_something_can_come_in(
    phase: PhaseOf, people: dict[str, User], clock: Clock, moment: datetime
) -> None:
    clock.set(moment)
    with pytest.raises(Refused) as refused:
        decided(phase("feedback"), people["coordinator"])
    assert any(value == phase("feedback").closes_at for _label, value in refused.value.facts)
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("name", ["observer", "moderator", "member"])
def test_it_is_for_those_who_lead(phase: PhaseOf, people: dict[str, User], clock: Clock, name: str) -> None:
    clock.set(CLOSED)
    with pytest.raises(Refused):
        decided(phase("feedback"), people[name])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"outcome": "perhaps"}, Invalid),
        ({"reasons": {"en": " \u200b"}}, Invalid),
        ({"reasons": {"nl": "Omdat."}}, Invalid),
        ({"reasons": {"en": "x" * 2001}}, Invalid),
        ({"seen": 1}, Conflict),
    ],
)
def test_what_cannot_be_is_refused(
    phase: PhaseOf, people: dict[str, User], clock: Clock, changes: dict[str, Any], refusal: type[PortalError]
) -> None:
    clock.set(CLOSED)
    with pytest.raises(refusal):
        decided(phase("feedback"), people["coordinator"], **changes)


def test_only_feedback_is_decided_upon(phase: PhaseOf, people: dict[str, User], clock: Clock) -> None:
    clock.set(datetime(2023, 1, 1, tzinfo=UTC))
    with pytest.raises(Refused):
        decided(phase("recruitment"), people["coordinator"])
    with pytest.raises(Http404):
        services.decide(0, outcome="stop", reasons=WHY, actor=people["coordinator"])


def test_a_later_act_puts_it_right_and_both_stay(phase: PhaseOf, people: dict[str, User], clock: Clock) -> None:
    clock.set(CLOSED)
    first = decided(phase("feedback"), people["coordinator"], "revise")
    second = decided(phase("feedback"), people["deputy"], "proceed", seen=1)
    assert [one.number for one in Verdict.objects.order_by("id")] == [1, 2]
    told = {one.params["verdict"]: one for one in Mailing.objects.filter(kind="feedback-decided")}
    still_true = kinds.get("feedback-decided").still_true
    assert still_true
    assert [still_true(told[one.pk].params) for one in (first, second)] == [False, True]
    assert told[first.pk].state == MailingState.SUPERSEDED


def test_stopping_ends_the_task_force_and_a_later_act_takes_it_up(
    tf: TaskForce, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(CLOSED)
    decided(phase("feedback"), people["coordinator"], "stop")
    tf.refresh_from_db()
    assert tf.state == "cancelled"
    assert Entry.objects.get(action="task-force.cancel").reason == WHY["en"]
    decided(phase("feedback"), people["coordinator"], "stop")
    decided(phase("feedback"), people["coordinator"], "proceed")
    tf.refresh_from_db()
    assert tf.state == "proposed"
    assert Entry.objects.filter(action="task-force.resume").count() == 1
    # What ended otherwise is not taken up by it.
    services.change_state(tf.pk, "cancel", at=CLOSED, actor_id=None)
    with pytest.raises(Refused):
        decided(phase("feedback"), people["coordinator"], "revise")


@pytest.mark.parametrize("statement", ["UPDATE timeline_verdict SET outcome = 'stop'", "DELETE FROM timeline_verdict"])
def test_it_is_never_changed(phase: PhaseOf, people: dict[str, User], clock: Clock, statement: str) -> None:
    clock.set(CLOSED)
    decided(phase("feedback"), people["coordinator"])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pgtrigger.ignore("timeline.Verdict:append_only"), connection.cursor() as cursor:
        cursor.execute(statement)


# --- pages -----------------------------------------------------------------------------------------------------------


def page_of(phase: Phase) -> str:
    return f"/en/admin/timeline/phase/{phase.pk}/decide/"


def test_staff_read_its_parts_divided_and_in_their_language(
    client: Client, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(CLOSED)
    one = phase("feedback")
    decided(one, people["coordinator"], "revise", reasons={"zh-hant": "需要修改。"})
    client.force_login(people["coordinator"])
    page = client.get(page_of(one)).content.decode()
    assert re.search(r"Coordinator Demo</bdi> · <bdi>|Coordinator Demo · <bdi>", page)
    assert '<span lang="zh-Hant" dir="ltr">需要修改。</span>' in page
    listed = client.get("/en/admin/timeline/phase/").content.decode()
    told = listed.partition("Decided after feedback")[2].partition("</strong>")[2]
    assert not told.startswith(" <span"), told[:80]


@pytest.mark.long
def test_the_page_previews_asks_who_one_is_and_decides(
    client: Client, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(CLOSED)
    one = phase("feedback")
    client.force_login(people["coordinator"])
    assert page_of(one) in client.get("/en/admin/timeline/phase/").content.decode()
    sent = {"outcome": "revise", "reason-en": "It needs work.", "seen": "0"}
    preview: Any = client.post(page_of(one), sent)
    assert "a new round of feedback follows" in preview.content.decode()
    again = {**sent, "previewed": preview.context["preview"]["token"]}
    assert "Tick this box to confirm" in client.post(page_of(one), again).content.decode()
    changed = client.post(page_of(one), {**again, "reason-en": "Else.", "confirmed": "yes"})
    assert "not what you were shown before" in changed.content.decode()
    assert not Verdict.objects.exists()
    note_sign_in(client, people["coordinator"], second_factor=True, seconds_ago=3600)
    asked = client.post(page_of(one), {**again, "confirmed": "yes"})
    assert (asked.status_code, Verdict.objects.count()) == (302, 0)
    note_sign_in(client, people["coordinator"], second_factor=True)
    assert client.post(page_of(one), {**again, "confirmed": "yes"}).status_code == 302
    assert Verdict.objects.get().reasons == {"en": "It needs work."}
    late = client.post(page_of(one), {**again, "confirmed": "yes"})
    assert (late.status_code, "It needs work." in late.content.decode()) == (409, True)


def test_the_confirmation_stands_right_behind_who_is_told(
    client: Client, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    """Languages are folded but for the reader's own and those in which something is said; the form is, in a preview."""
    clock.set(CLOSED)
    address = page_of(phase("feedback")).replace("/en/", "/ar/")
    client.force_login(people["coordinator"])
    assert opened(client.get(address)) == ["ar"]
    nothing = client.post(address, {"outcome": "revise", "reason-en": " \u200b", "seen": "0"})
    assert opened(nothing) == ["en", "ar"]
    assert 'href="#id_reason-ar"' in nothing.content.decode()
    sent = {"outcome": "revise", "reason-de": "Es braucht Arbeit.", "seen": "0"}
    preview: Any = client.post(address, sent)
    shown = preview.content.decode()
    assert opened(preview) == ["ar", "de"]
    places = [
        shown.index(one)
        for one in ('<details class="composer-fold">', 'id="id_reason-de"', 'id="told"', 'id="id_confirmed"')
    ]
    assert places == sorted(places)
    assert "form-row" not in shown[places[2] : shown.rindex("form-row", 0, places[3])]
    again = {**sent, "previewed": preview.context["preview"]["token"], "confirmed": "yes", "again": "yes"}
    looked: Any = client.post(address, again)
    assert (looked.context["preview"]["is_unconfirmed"], Verdict.objects.count()) == (False, 0)


def opened(response: Any) -> list[str]:
    """The languages whose reasons are unfolded."""
    return [one.code for one in response.context["form"].by_language if one.is_open]


def test_before_the_close_the_page_says_why_not(client: Client, phase: PhaseOf, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    shown = client.get(page_of(phase("feedback"))).content.decode()
    assert "It is decided once it has closed" in shown
    assert 'name="outcome"' not in shown


@pytest.mark.long
def test_everybody_reads_what_was_decided_and_why(
    client: Client, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(CLOSED)
    address = "/en/tf/leadership-development/process/"
    assert "Decided after feedback" not in client.get(address).content.decode()
    decided(phase("feedback"), people["coordinator"], "revise")
    decided(phase("feedback"), people["deputy"], "proceed", reasons={"en": "Now it is ready."})
    shown = client.get(address).content.decode()
    for each in ("It goes ahead", "Now it is ready.", "Deputy Demo", WHY["en"], "replaced by a later decision"):
        assert each in shown, each
    assert WHY["zh-hant"] in client.get("/zh-hant/tf/leadership-development/process/").content.decode()


def test_home_and_the_task_force_tell_it_in_one_line(
    client: Client, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    """The one that holds, with the way to its reason; nothing before there is one."""
    own = f"/en/tf/{phase('feedback').task_force.slug}/"

    def lines() -> list[list[str]]:
        pages = [client.get(address).content.decode() for address in ("/en/", own)]
        return [re.findall(r'<p class="pt-verdict">(.*?)</p>', page, re.S) for page in pages]

    clock.set(CLOSED)
    assert lines() == [[], []]
    decided(phase("feedback"), people["coordinator"], "revise")
    decided(phase("feedback"), people["deputy"], "proceed", seen=1)
    for (line,) in lines():
        assert "Decided after feedback: <strong>It goes ahead</strong>" in line
        assert "Feedback on the proposal" in line
        assert f'href="{own}process/#decided"' in line
    assert 'id="decided"' in client.get(f"{own}process/").content.decode()
