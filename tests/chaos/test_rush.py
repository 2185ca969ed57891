"""Everybody sends in the last seconds, while everything is killed that can be."""

from collections import Counter

from django.db import connection

from recruitment.models import Snapshot
from recruitment.notices import RECEIPT
from taskforce.audit.models import Entry
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline.models import Phase, PhaseEvent
from tests.chaos import case as cases
from tests.chaos import rush
from tests.chaos.browsers import Visit
from tests.chaos.conftest import Figures
from tests.chaos.rush import Rush
from tests.chaos.scale import SCALE, SLACK, allowed, dice, within
from tests.chaos.stack import Stack, soon
from tests.chaos.witness import mailed

ATTEMPTS_OF_NAIVE = 40


def opened(stack: Stack, application: str = "taskforce.wsgi") -> tuple[cases.Case, Phase]:
    """The web with an open window."""
    made = cases.case()
    stack.web(application)
    phase = cases.phase(made, cases.FEEDBACK, cases.in_seconds(3600), grace_seconds=SCALE.grace)
    cases.window(made, phase)
    return made, phase


def final_count(phase: Phase) -> int | None:
    """The number that the sweep took under the lock after the hard close; None where it has not yet."""
    connection.close()
    return PhaseEvent.objects.filter(phase=phase, kind="closed").values_list("count", flat=True).first()


def test_rush_before_the_close(stack: Stack, figures: Figures) -> None:
    stack.mail()
    made, phase = opened(stack)
    calling = cases.phase(made, cases.APPLY, phase.closes_at, grace_seconds=SCALE.grace)
    cases.call(made, calling)
    visits = [Visit(number, cases.WINDOW) for number in range(SCALE.posts * 11 // 10)]
    applying = [
        Visit(20_000 + number, cases.APPLICATION, cookie)
        for number, (_, cookie) in enumerate(cases.applicants(SCALE.applications, made.at))
    ]
    connection.close()
    stack.worker()
    stack.beat()
    rushing = Rush(SCALE.rush_seconds, rush.LOST_ANSWERS, breaks=True, chance=dice("rush"))
    instants, faults = rush.run(stack, [*visits, *applying], [phase, calling], rushing)

    soon(lambda: final_count(phase) is not None, "the final count", 60)
    verdict = rush.judge(visits, rush.stored(stack), instants, final_count(phase))
    quick = rush.undisturbed(visits, faults)
    back = rush.back_after([*visits, *applying], faults.crashed_at)
    sent = sum(instants.begins <= visit.first_sent < instants.closes for visit in visits)
    audited = Entry.objects.filter(action="feedback.submitted").count()
    figures(
        f"{sent} posts in the last {SCALE.rush_seconds:g} s, kills {dict(faults.kills)}: {verdict}, audit {audited}"
    )
    figures(
        f"p99 {rush.p99(quick):.3f} s of {len(quick)} undisturbed ({within(1)}); "
        f"back {back:.1f} s after the crash ({within(10)})"
    )
    receipts(stack, applying, figures)
    assert verdict.holds
    assert sent >= SCALE.posts
    assert verdict.accepted > (SCALE.posts // 2 if SLACK == 1 else 0)
    assert min(faults.kills[name] for name in ("web", "worker", "valkey", "postgres")) >= 1
    assert audited == verdict.rows
    assert rush.p99(quick) < allowed(1)
    assert back <= allowed(10)


def receipts(stack: Stack, applying: list[Visit], figures: Figures) -> None:
    """Every application that was acknowledged is there once, with one receipt in the outbox and in the mail."""
    accepted = sum(visit.accepted for visit in applying)
    snapshots = Snapshot.objects.values("application").distinct().count()
    rows = OutboxMessage.objects.filter(kind=RECEIPT)
    soon(lambda: set(rows.values_list("message_id", flat=True)) <= set(mailed(stack)), "the receipts' mails", 120)
    figures(
        f"{dict(Counter(visit.status for visit in applying))} of applications, {snapshots} people with one, "
        f"{Snapshot.objects.count()} snapshots, {rows.count()} mails in the outbox, all delivered"
    )
    assert Snapshot.objects.count() == snapshots == rows.count()
    assert snapshots >= accepted


def test_the_naive_gate_lets_late_ones_in_or_doubles(stack: Stack, figures: Figures) -> None:
    """The check in Python, the row later, no unique key: the scenario above sees each of its faults."""
    cases.drop_constraint("feedback_feedbackitem", "form_key")
    cases.drop_constraint("feedback_feedbackitem", "token_hash")
    _, phase = opened(stack, "tests.chaos.naive.gate")
    visits = [Visit(number, cases.WINDOW) for number in range(ATTEMPTS_OF_NAIVE)]
    instants, _ = rush.run(stack, visits, [phase], Rush(3, lost=0.25, breaks=False, chance=dice("naive rush")))
    verdict = rush.judge(visits, rush.stored(stack), instants, None)
    figures(str(verdict))
    assert not verdict.holds
    assert verdict.wrong["duplicates"]
