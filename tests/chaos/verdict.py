"""What the witnesses of a rush say: visitors' notes, rows with their commit timestamps, the mail server's log."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recruitment.notices.applying import RECEIPT
from taskforce.core import tokens
from taskforce.timeline import gates
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos.browsers import Failure, Visit, percentile
from tests.chaos.rush import Faults, Instants
from tests.chaos.scale import allowed
from tests.chaos.stack import Stack
from tests.chaos.witness import log

AFTER_THE_CRASH = 10.0
# A request that passed the gate in time is committed a moment later.
UNDER_WAY = 1.0


@dataclass(frozen=True)
class Row:
    """Something stored, as the database itself tells of it; the commit in seconds since 1970.

    `key` is what a receipt leads to. `audited`: how many audit rows name it. The rest is of an application only: whose
    it is, Message-ID and recipient of the outbox row that its receipt is, what was submitted in the other groups of its
    form, and how often each group was stored.
    """

    key: str
    words: str
    committed: float
    in_grace: bool
    audited: int
    owner: str = ""
    message_id: str = ""
    mailbox: str = ""
    others: Sequence[str] = ()
    versions: Sequence[int] = ()


_ITEMS = """
SELECT item.token_hash, answer.text, extract(epoch FROM pg_xact_commit_timestamp(item.xmin))::float8, item.in_grace,
    (SELECT count(*) FROM audit_entry
     WHERE action = 'feedback.submitted' AND target_type = 'feedback.feedbackitem' AND target_id = item.id)
FROM feedback_feedbackitem AS item JOIN feedback_feedbackanswer AS answer ON answer.item_id = item.id
"""
_SNAPSHOTS = """
SELECT snapshot.form_key, snapshot.answers -> 0 ->> 'text',
    extract(epoch FROM pg_xact_commit_timestamp(snapshot.xmin))::float8, snapshot.in_grace,
    (SELECT count(*) FROM audit_entry
     WHERE action = 'application.submitted' AND target_type = 'recruitment.application'
        AND target_id = application.id AND details ->> 'snapshot' = snapshot.number::text),
    applicant.email, coalesce(mail.message_id, ''), coalesce(mail.mailbox, ''),
    ARRAY[identity.name, identity.wiki_name, identity.publish_text, identity.not_reviewers,
        snapshot.profile ->> 'projects', snapshot.profile ->> 'roles',
        background.gender_words, background.affiliation_words],
    ARRAY[identity.version, background.version, profile.version, answers.version]
FROM recruitment_snapshot AS snapshot
JOIN recruitment_application AS application ON application.id = snapshot.application_id
JOIN recruitment_applicantidentity AS identity ON identity.application_id = application.id
JOIN recruitment_applicantdemographics AS background ON background.application_id = application.id
JOIN recruitment_applicantprofile AS profile ON profile.application_id = application.id
JOIN recruitment_applicationanswers AS answers ON answers.application_id = application.id
JOIN accounts_user AS applicant ON applicant.id = application.applicant_id
LEFT JOIN notifications_outboxmessage AS mail ON mail.kind = %s AND mail.key = %s || snapshot.id
"""


def items(stack: Stack) -> list[Row]:
    """Every item of feedback that the database holds."""
    return [Row(*row) for row in stack.sql(_ITEMS)]


def snapshots(stack: Stack) -> list[Row]:
    """Every submitted application that the database holds, with its receipt in the outbox."""
    return [Row(*row) for row in stack.sql(_SNAPSHOTS, RECEIPT, f"{RECEIPT}:")]


@dataclass(frozen=True)
class Count:
    """The number that the sweep took of a phase under the exclusive lock after the hard close, and its commit.

    Whoever commits later was let in after the end, by however little: for this witness no allowance is needed.
    """

    phase_id: int
    number: int
    committed: float


def count(stack: Stack, phase: Phase) -> Count | None:
    """The final count; None as long as no sweep has come by."""
    found = stack.sql(
        "SELECT phase_id, count, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM timeline_phaseevent"
        " WHERE phase_id = %s AND kind = 'closed'",
        phase.pk,
    )
    return Count(*found[0]) if found else None


def receipt(visit: Visit, phase_id: int) -> str:
    """What the receipt that a visitor holds leads to: the secret of its link, or the form that was accepted."""
    if visit.path == cases.APPLICATION:
        return gates.read_form_key(visit.fields["form_key"], phase_id).nonce
    return tokens.hashed(visit.location.rstrip("/").rpartition("/")[2])


@dataclass(frozen=True)
class Verdict:
    """What the witnesses say of a rush; in order where there is nothing in `wrong`.

    `too_late` were sent after the hard close: without them, that none of them is stored would say nothing.
    """

    accepted: int
    refused: int
    too_late: int
    rows: int
    in_grace: int
    wrong: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.wrong.values())

    def __str__(self) -> str:
        said = ", ".join(f"{name} {count}" for name, count in self.wrong.items())
        return (
            f"accepted {self.accepted} ({self.in_grace} in the grace), refused {self.refused} "
            f"({self.too_late} sent after the hard close), rows {self.rows}; {said}"
        )


def judge(visits: list[Visit], rows: list[Row], instants: Instants, final: Count) -> Verdict:
    """Compare receipt by receipt what visitors noted and what is stored, and both with the final count."""
    held = {receipt(visit, final.phase_id): visit for visit in visits if visit.accepted}
    by_key = {row.key: row for row in rows}
    by_words = {visit.words: visit for visit in visits}
    known = [(row, by_words[row.words]) for row in rows if row.words in by_words]
    times = Counter(row.words for row in rows)
    under_way = allowed(UNDER_WAY)
    wrong = {
        "acknowledged but lost": sum(key not in by_key for key in held),
        "receipts of other words": sum(by_key[key].words != held[key].words for key in held.keys() & by_key.keys()),
        "two with one receipt": sum(visit.accepted for visit in visits) - len(held),
        "stored without a receipt": len(by_key.keys() - held.keys()),
        "of nobody": len(rows) - len(known),
        "sent after the hard close and stored": sum(visit.first_sent >= instants.hard_closes for _, visit in known),
        "committed after the final count": sum(row.committed > final.committed for row in rows),
        "committed long after the hard close": sum(row.committed >= instants.hard_closes + under_way for row in rows),
        "late and not marked": sum(row.committed >= instants.closes + under_way and not row.in_grace for row in rows),
        "marked though in time": sum(row.committed < instants.closes and row.in_grace for row in rows),
        "form of after the close stored": sum(visit.form_at >= instants.closes for _, visit in known),
        "groups of other words": sum(not {*row.others} <= {row.words} for row in rows),
        "groups stored again": sum(number != 1 for row in rows for number in row.versions),
        "duplicates": sum(count - 1 for count in times.values()),
        "without exactly one audit row": sum(row.audited != 1 for row in rows),
        "final count off by": abs(final.number - len(rows)),
        "left without an answer": sum(visit.status == 0 for visit in visits),
        "odd answers": sum(visit.status not in (0, 303, 403) for visit in visits),
    }
    refused = sum(visit.status == 403 for visit in visits)
    too_late = sum(visit.first_sent >= instants.hard_closes for visit in visits)
    return Verdict(len(held), refused, too_late, len(rows), sum(row.in_grace for row in rows), wrong)


@dataclass(frozen=True)
class Post:
    """The receipts by mail that a rush has caused: rows in the outbox, mails that came, mails that came again."""

    rows: int
    arrived: int
    again: int
    wrong: dict[str, int]


def post(stack: Stack, visits: list[Visit], rows: list[Row]) -> Post:
    """Compare, application by application: visitor, row, receipt in the outbox, mail as the server has it.

    A mail of which nobody knows whether it was delivered goes again, under the same Message-ID.
    """
    visitors = {visit.words: visit for visit in visits}
    came = Counter((line["id"], line["to"]) for line in log(stack) if "id" in line)
    wanted = {(row.message_id, row.owner) for row in rows}
    outbox = stack.sql("SELECT message_id FROM notifications_outboxmessage WHERE kind = %s", RECEIPT)
    wrong = {
        "people with two": len(rows) - len({row.owner for row in rows}),
        "of another person": sum(row.words not in visitors or row.owner != visitors[row.words].mailbox for row in rows),
        "without a row in the outbox": sum(not row.message_id for row in rows),
        "rows in the outbox of nothing": len({found[0] for found in outbox} - {row.message_id for row in rows}),
        "receipts to somebody else": sum(row.mailbox != row.owner for row in rows),
        "receipts not delivered": len(wanted - came.keys()),
        "mails of nothing": len(came.keys() - wanted),
    }
    return Post(len(outbox), len(came), sum(came.values()) - len(came), wrong)


@dataclass(frozen=True)
class Pace:
    """How quick the portal was for requests outside of the seconds after the database's crash.

    `seconds` of every one that was answered; those that `broke` have met a kill, but for the `unexplained`.
    """

    seconds: list[float]
    broke: int
    unexplained: int

    @property
    def p99(self) -> float:
        """The time that all but one of a hundred kept."""
        return percentile(self.seconds, 0.99)


def pace(visits: list[Visit], faults: Faults) -> Pace:
    """Measure what lies outside of the seconds after the crash, and account for what broke there."""
    crashed, over = faults.crashed_at, faults.crashed_at + AFTER_THE_CRASH
    seconds = [
        visit.seconds for visit in visits if visit.status and (visit.answered < crashed or visit.last_sent > over)
    ]
    broken = [failure for visit in visits for failure in visit.failures]
    outside = [failure for failure in broken if failure.seen < crashed or failure.sent > crashed + allowed(10)]
    return Pace(seconds, len(outside), sum(not _met(failure, faults) for failure in outside))


def _met(failure: Failure, faults: Faults) -> bool:
    return any(failure.sent <= kill.dead and kill.asked <= failure.seen for kill in faults.kills if kill.name == "web")


def back_after(visits: Iterable[Visit], crashed_at: float) -> float:
    """Seconds from the crash to the first answer that needs the database, to a request that was sent after it."""
    received = [visit.answered for visit in visits if visit.status and visit.last_sent > crashed_at]
    return min(received, default=float("inf")) - crashed_at
