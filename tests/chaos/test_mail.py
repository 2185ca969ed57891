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
from tests.chaos.scale import SCALE, dice
from tests.chaos.stack import Stack, kill_one_of, soon
from tests.chaos.witness import delivered, log, mailed

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
    """Which mailbox meets which fault, once."""
    shares = DEFINITE | AMBIGUOUS
    names = chance.choices(list(shares), weights=list(shares.values()), k=round(count * FAULTY) - len(SILENT))
    chosen = chance.sample(range(count), len(names) + len(SILENT))
    return {cases.mailbox(number): [name] for number, name in zip(chosen, [*names, *SILENT], strict=True)}


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
    """Kill one sender or all of them, at chosen points of the way; returns kills and processes that died of them."""
    kills = died = 0
    for point in sorted(chance.sample(range(mails // 20, mails * 9 // 10), SCALE.mail_kills)):
        soon(lambda point=point: delivered(stack) >= point, f"{point} mails delivered", 300)  # type: ignore[misc]
        if kills % 5 == 4:
            died += len(stack.children("worker"))
            kills += stack.kill("worker")
        else:
            killed = kill_one_of(stack.children("worker"), chance.choice)
            kills, died = kills + killed, died + killed
    return kills, died


def states() -> Counter[str]:
    """How many mails are in which state."""
    connection.close()
    return Counter(OutboxMessage.objects.values_list("state", flat=True))


def hasten(stack: Stack) -> None:
    """In the short form nobody waits for what is tried again later."""
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
    doubled = sum(count - 1 for count in arrived.values())
    lost = len(ids[MessageState.SENT] - set(arrived)) + mails - sum(found.values())
    denied = len(ids[MessageState.FAILED] & set(arrived))
    figures(
        f"{mails} mails in {took:.0f} s, {kills} kills ({died} senders), faults {dict(played)}: {dict(found)}; "
        f"duplicates {doubled}, silent losses {lost}, failed though delivered {denied}, "
        f"unknown {found['unknown']} ≤ {died} + {ambiguous} injected"
    )
    assert kills == SCALE.mail_kills
    assert sum(played.values()) == sum(map(len, planned.values()))
    assert doubled == lost == denied == 0
    assert found["unknown"] <= died + ambiguous
    assert found["sent"] >= mails - died - sum(played.values())


def test_the_naive_sender_doubles(stack: Stack, figures: Figures) -> None:
    """Send a pass of mails, then mark them: a kill between the two, and all of the pass goes again."""
    announced(NAIVE_MAILS)
    stack.mail({"delay": 0.01})
    stack.start("naive", [sys.executable, "-m", "tests.chaos.naive.sender"], patience=1.0)
    soon(lambda: delivered(stack) >= 10, "ten mails", 60)
    stack.kill("naive")
    soon(lambda: set(states()) == {MessageState.SENT.value}, "all mails sent", 60)
    doubled = sum(count - 1 for count in mailed(stack).values())
    figures(f"{NAIVE_MAILS} mails, 1 kill: duplicates {doubled}")
    assert doubled
