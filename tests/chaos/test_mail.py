"""Thousands of mails, senders that are killed, and a mail server that fails in every phase."""

import random
import sys
import time
from collections import Counter

from django.db import connection

from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import sweep
from taskforce.timeline import services as timeline
from tests.chaos import case as cases
from tests.chaos.conftest import Figures
from tests.chaos.naive.sender import PASS
from tests.chaos.scale import SCALE, dice
from tests.chaos.stack import Stack, kill_one_of, lives, soon
from tests.chaos.witness import arrivals, delivered, log, mailed

FAULTY = 0.03
SENDERS = 4
# Shares of the faults: definite ones before and after the body, and those after which nobody knows.
DEFINITE = {"451": 35, "550": 10, "drop-before-body": 15, "452-after-body": 15}
AMBIGUOUS = {"drop-in-body": 12, "drop-after-body": 13}
# A silent server costs a sender its whole time budget, so that few are enough.
SILENT = ("silent", "silent-after-body")
OVER = {MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN}
NAIVE_MAILS = 60


def faults(count: int, chance: random.Random) -> dict[str, list[str]]:
    """Which mailbox meets which fault, once: each kind at least once, the silent ones among the first mails."""
    shares = DEFINITE | AMBIGUOUS
    more = round(count * FAULTY) - len(SILENT) - len(shares)
    names = [*shares, *chance.choices(list(shares), weights=list(shares.values()), k=more)]
    early = chance.sample(range(count // 4), len(SILENT))
    chosen = chance.sample([number for number in range(count) if number not in early], len(names))
    planned = zip([*early, *chosen], [*SILENT, *names], strict=True)
    return {cases.mailbox(number): [name] for number, name in planned}


def announced(count: int) -> None:
    """A moved deadline, of which so many followers are to hear."""
    made = cases.case()
    phase = cases.phase(made, cases.FEEDBACK, cases.in_seconds(86_400))
    sweep.run()  # the opening is noticed before anybody follows: one mailing is enough
    cases.followers(made, count)
    later = cases.in_seconds(2 * 86_400)
    timeline.extend(
        phase.pk, closes_on=later.date(), closes_time=later.time(), reason="More time.", actor=made.coordinator
    )
    connection.close()


def kill_senders(stack: Stack, mails: int, chance: random.Random) -> tuple[int, int]:
    """Kill one sender or all of them, at chosen points of the way; returns kills and senders that died of them."""
    kills = died = 0
    for point in sorted(chance.sample(range(mails // 20, mails * 9 // 10), SCALE.mail_kills)):
        soon(lambda point=point: delivered(stack) >= point, f"{point} mails delivered", 300)  # type: ignore[misc]
        everybody = kills % 5 == 4 or kills == SCALE.mail_kills - 1
        died += kill_all(stack) if everybody else kill_one(stack, chance)
        kills += 1
    return kills, died


def kill_one(stack: Stack, chance: random.Random) -> int:
    """kill -9 of a sender, as soon as there is one."""
    soon(lambda: kill_one_of(stack.children("worker"), chance.choice), "a sender to kill", 60, pause=0.01)
    return 1


def kill_all(stack: Stack) -> int:
    """kill -9 of a worker with every sender, as soon as they are all there; returns how many senders."""
    soon(lambda: len(stack.children("worker")) == SENDERS, "every sender", 60, pause=0.01)
    senders = stack.children("worker")
    assert stack.kill("worker")
    soon(lambda: not any(map(lives, senders)), "the death of every sender", 30, pause=0.01)
    let_leases_run_out(stack)
    return len(senders)


def let_leases_run_out(stack: Stack) -> None:
    """In the short form nobody waits for the leases of the dead, at a moment at which no sender lives."""
    if SCALE.name == "fast":
        stack.sql("UPDATE notifications_outboxmessage SET lease_until = now() WHERE state = 'sending'")


def states() -> Counter[str]:
    """How many mails are in which state."""
    connection.close()
    return Counter(OutboxMessage.objects.values_list("state", flat=True))


def hasten(stack: Stack) -> None:
    """In the short form nobody waits for what is tried again later either."""
    if SCALE.name == "fast":
        stack.sql(
            "UPDATE notifications_outboxmessage SET not_before = now() WHERE state = 'queued' AND not_before > now()"
        )


def all_over(stack: Stack, mails: int) -> bool:
    """Whether every mail has an end."""
    hasten(stack)
    found = states()
    return sum(found.values()) == mails and set(found) <= {str(state) for state in OVER}


def test_announcements_under_kills_and_faults(stack: Stack, figures: Figures) -> None:
    chance, mails = dice("mail"), SCALE.mails
    planned = faults(mails, chance)
    announced(mails)
    stack.mail({"faults": planned})
    begun = time.monotonic()
    stack.worker(SENDERS)
    stack.beat()
    kills, died = kill_senders(stack, mails, chance)
    soon(lambda: all_over(stack, mails), "an end for every mail", 400)
    took = time.monotonic() - begun

    found = states()
    ids = {state: set(OutboxMessage.objects.filter(state=state).values_list("message_id", flat=True)) for state in OVER}
    arrived = mailed(stack)
    played = Counter(line["fault"] for line in log(stack) if "fault" in line)
    ambiguous = sum(count for name, count in played.items() if name in AMBIGUOUS or name == "silent-after-body")
    # Under one Message-ID, and under whatever other: nobody reads the same thing twice.
    doubled = max(sum(count - 1 for count in seen.values()) for seen in (arrived, Counter(arrivals(stack))))
    lost = len(ids[MessageState.SENT] - set(arrived)) + mails - sum(found.values())
    denied = len(ids[MessageState.FAILED] & set(arrived))
    figures(
        f"{mails} mails in {took:.0f} s, {kills} kills ({died} senders), faults {dict(played)}: {dict(found)}; "
        f"duplicates {doubled}, silent losses {lost}, failed though delivered {denied}, "
        f"unknown {found['unknown']} ≤ {died} + {ambiguous} injected"
    )
    unplayed = planned.keys() - {line["to"] for line in log(stack) if "fault" in line}
    died_before = OutboxMessage.objects.filter(state=MessageState.UNKNOWN, mailbox__in=unplayed)
    assert kills == SCALE.mail_kills
    assert {*DEFINITE, *AMBIGUOUS, *SILENT} == {name for names in planned.values() for name in names}
    assert len(unplayed) == died_before.count()  # their senders were killed before the server heard of them
    assert doubled == lost == denied == 0
    assert found["unknown"] <= died + ambiguous
    assert found["sent"] >= mails - died - sum(played.values())


def caught_between(stack: Stack) -> bool:
    """Stop the sender; whether it is in the middle of a pass, with mails sent and not marked. If not, it goes on."""
    if not delivered(stack):
        return False
    stack.freeze("naive")
    if 0 < delivered(stack) - states()[MessageState.SENT.value] < PASS:
        return True
    stack.freeze("naive", thaw=True)
    return False


def test_the_naive_sender_doubles(stack: Stack, figures: Figures) -> None:
    """Send a pass of mails, then mark them: a kill between the two, and all of the pass goes again."""
    announced(NAIVE_MAILS)
    stack.mail({"delay": 0.01})
    stack.start("naive", [sys.executable, "-m", "tests.chaos.naive.sender"], patience=1.0)
    soon(lambda: caught_between(stack), "a mail that is sent and not marked", 60)
    assert stack.kill("naive")
    soon(lambda: set(states()) == {MessageState.SENT.value}, "all mails sent", 60)
    doubled = sum(count - 1 for count in mailed(stack).values())
    figures(f"{NAIVE_MAILS} mails, 1 kill: duplicates {doubled}")
    assert doubled
