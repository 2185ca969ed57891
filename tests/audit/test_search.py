"""The page that searches the log: who finds what, by which question, at which cost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment.models import Call
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.accounts.services.accounts import set_name
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core.clock import stopwatch
from taskforce.portal import auditing
from taskforce.portal.auditing import Asked
from taskforce.timeline.models import Phase, Subscription, TaskForce
from taskforce.timeline.services import follow
from tests.clients import Client
from tests.recruitment.conftest import call as call
from tests.recruitment.conftest import someone_applies
from tests.recruitment.conftest import version as version

pytestmark = pytest.mark.django_db
AT = datetime(2022, 2, 15, 12, tzinfo=UTC)
LIST = "/en/admin/audit/entry/"


def _page(client: Client, user: User, query: str = "") -> str:
    client.force_login(user)
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    return response.content.decode()


def _entries(html: str) -> list[str]:
    found = re.findall(r'<li>\s*<h2 class="aud-what">(.*?)</li>', html, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", entry)) for entry in found]


@pytest.fixture
def entries(tf: TaskForce, people: dict[str, User]) -> dict[str, Entry]:
    """An act and a look here, an act elsewhere, one of nowhere, and a person's own."""
    by = people["coordinator"].pk
    phase = Phase.objects.filter(task_force=tf).first()
    return {
        "act": log.record("phase.extended", phase, at=AT, actor_id=by, task_force_id=tf.pk, reason="more time"),
        "look": log.record_read("follower.listed", at=AT, actor_id=by, task_force_id=tf.pk, count=3),
        "elsewhere": log.record("phase.extended", at=AT, actor_id=by, task_force_id=tf.pk + 1),
        "nowhere": log.record("suppression.lifted", at=AT, actor_id=by),
        "own": log.record("application.submitted", at=AT, actor_id=people["applicant"].pk, task_force_id=tf.pk),
    }


def test_who_finds_what(people: dict[str, User], entries: dict[str, Entry]) -> None:
    """Auditors find every entry of their task forces; others what was changed, and what they looked at themselves."""
    expected: dict[str, set[str]] = {
        "privacy": {"act", "look", "own", "elsewhere", "nowhere"},
        "admin": {"act", "look", "own"},
        "coordinator": {"act", "look", "own"},
        "deputy": {"act", "own"},
        "observer": {"act", "own"},
        "reviewer1": set(),
        "moderator": set(),
        "member": set(),
    }
    found = {}
    for role in expected:
        visible = set(auditing.visible(people[role]).values_list("pk", flat=True))
        found[role] = {name for name, entry in entries.items() if entry.pk in visible}
    assert found == expected


def test_a_removed_role_ends_with_the_next_request(
    client: Client, people: dict[str, User], entries: dict[str, Entry]
) -> None:
    assert "Phase extended" in _page(client, people["observer"])
    people["observer"].grants.all().delete()
    assert client.get(LIST).status_code == 403


ASKED: dict[str, list[str]] = {
    "?action=phase.extended": ["act"],
    "?person=coordinator+dem": ["look", "act"],
    "?person=Nobody": [],
    "?only=looks": ["look"],
    "?since=2022-02-15&until=2022-02-15&only=acts&action=phase.extended": ["act"],
    "?since=2022-02-16": [],
    "?until=2022-02-14&action=phase.extended": [],
    "?since=0001-01-01&until=9999-12-31&action=phase.extended": ["act"],
    "?kind=timeline.phase&action=phase.extended": ["act"],
}


@pytest.mark.long
def test_what_is_asked(client: Client, people: dict[str, User], entries: dict[str, Entry]) -> None:
    client.force_login(people["admin"])
    known = {entry.pk: name for name, entry in entries.items()}
    found = {}
    for query in ASKED:
        rows = client.get(f"{LIST}{query}").context["rows"]
        found[query] = [known[row.entry.pk] for row in rows if row.entry.pk in known]
    assert found == ASKED


@pytest.mark.parametrize(
    "typed", ["An\ufe0fna L\u2800ee", "An\u200dna\u180b Lee", "e\u200b\u0301" + "\u0316\u0317" * 9]
)
def test_a_name_is_found_as_it_was_typed(
    client: Client, people: dict[str, User], entries: dict[str, Entry], typed: str
) -> None:
    """The log is asked by the same rule by which the name was stored, and by what is seen of it."""
    person = people["coordinator"]
    person = set_name(person.pk, typed, at=AT)
    client.force_login(people["privacy"])
    for asked in (typed, person.name):
        rows = client.get(LIST, {"person": asked}).context["rows"]
        assert person.pk in {row.entry.actor_id for row in rows}, ascii(asked)


def test_an_entry_in_words(client: Client, people: dict[str, User], entries: dict[str, Entry]) -> None:
    """What happened, to what, by whom, where, when and why; links where the reader may go."""
    html = _page(client, people["observer"])
    (entry,) = [one for one in _entries(html) if "Phase extended" in one]
    for words in (
        "Phase extended: Feedback on the proposal",
        "Coordinator Demo",
        "Leadership development",
        "more time",
    ):
        assert words in entry
    assert f"/en/admin/timeline/phase/{entries['act'].target_id}/change/" in html
    assert f"/admin/timeline/phase/{entries['act'].target_id}/change/" not in _page(client, people["privacy"])


@pytest.mark.parametrize(("role", "is_named"), [("privacy", True), ("admin", False), ("coordinator", False)])
def test_whose_own_affairs(
    client: Client, people: dict[str, User], entries: dict[str, Entry], role: str, is_named: bool
) -> None:
    """That somebody applied is a data officer's to know: for others nobody is named, and none is found by name."""
    name = people["applicant"].name
    assert (name in _page(client, people[role])) is is_named
    for person in (name, f"%23{people['applicant'].pk}"):
        assert ("Application submitted" in str(_entries(_page(client, people[role], f"?person={person}")))) is is_named


# What people do on their own account, each of an account as the log has it, and what staff do with one.
ON_ONES_OWN = ("account.password-changed", "second-factor.removed", "account.address-added")
BY_STAFF = ("role.granted", "account.read")


@pytest.mark.parametrize("is_here", [True, False], ids=["here", "for all"])
@pytest.mark.parametrize("role", ["administrator", "observer", "coordinator", "data-officer"])
def test_no_number_tells_who_did_what_on_their_own_account(
    client: Client, people: dict[str, User], tf: TaskForce, role: str, *, is_here: bool
) -> None:
    """Whoever does not read whose it was does not find it by the number either, asked with or without anything else."""
    reader = create_account("reader@portal.example", at=AT, name="Reader")
    place = tf.pk if is_here else None
    grant_role(reader, Role(role), at=AT, actor_id=None, task_force_id=place)
    person = people["member"]
    for action in ON_ONES_OWN:
        log.record(action, person, at=AT, actor_id=person.pk, task_force_id=place)
    log.record("role.granted", person, at=AT, actor_id=people["admin"].pk, task_force_id=place)
    log.record_read("account.read", person, at=AT, actor_id=reader.pk, task_force_id=place)
    client.force_login(reader)
    found = {}
    for more in ("", "&kind=accounts.user", "&only=acts", "&since=2022-02-15", f"&task_force={place or ''}"):
        rows = client.get(f"{LIST}?number={person.pk}{more}").context["rows"]
        found[more] = {row.entry.action for row in rows} & {*ON_ONES_OWN, *BY_STAFF}
    for action in ON_ONES_OWN:
        listed = client.get(f"{LIST}?action={action}").context["rows"]
        assert {row.entry.target_id for row in listed} == {person.pk}, "that it was done by somebody is no secret"
        theirs = client.get(f"{LIST}?number={person.pk}&action={action}").context["rows"]
        assert bool(theirs) is (role == "data-officer")
    expected = {*BY_STAFF, *(ON_ONES_OWN if role == "data-officer" else ())}
    assert found == {more: expected - ({"account.read"} if more == "&only=acts" else set()) for more in found}


@pytest.mark.parametrize(("role", "is_named"), [("coordinator", False), ("observer", False), ("privacy", True)])
def test_no_row_tells_who_changed_what_they_follow(
    client: Client, people: dict[str, User], tf: TaskForce, role: str, *, is_named: bool
) -> None:
    """Its page would show the address to whoever leads the task force; nor is the entry found by its number."""
    member = people["member"]
    follow(tf, mailbox=member.email, topics=["deadlines"], language="en", at=AT)
    row = Subscription.objects.get(mailbox=member.email)
    log.record("subscription.changed", row, at=AT, actor_id=member.pk, task_force_id=tf.pk, frequency="daily")
    client.force_login(people[role])
    (shown,) = client.get(f"{LIST}?action=subscription.changed").context["rows"]
    assert (shown.actor == member.name, str(row.pk) in shown.target) == (is_named, is_named)
    assert bool(shown.target_url or shown.target_query) is is_named
    for asked in ("", "&kind=timeline.subscription", "&action=subscription.changed"):
        rows = client.get(f"{LIST}?number={row.pk}{asked}").context["rows"]
        assert ("subscription.changed" in {one.entry.action for one in rows}) is is_named, asked


@pytest.mark.parametrize(("role", "is_named"), [("privacy", True), ("observer", False), ("admin", False)])
def test_nobody_reads_who_is_which_candidate(
    client: Client, people: dict[str, User], call: Call, role: str, *, is_named: bool
) -> None:
    """Who acted or which candidate, never both: reviews are blind. Nor is somebody found by a candidate's number."""
    application = someone_applies(call, "ada")
    name, candidate = application.applicant.name, f"Candidate {application.pk}"
    (shown,) = _entries(_page(client, people[role], "?action=application.submitted"))
    assert (name in shown, candidate in shown) == (is_named, not is_named)
    asked = f"?action=application.submitted&number={application.pk}"
    for kind in ("", "&kind=recruitment.application"):
        assert bool(_entries(_page(client, people[role], asked + kind))) is not is_named


@pytest.mark.parametrize("is_everywhere", [True, False])
@pytest.mark.parametrize("is_here", [True, False])
def test_who_is_reviewer_and_data_officer_from_before_reads_nobody_who_applied(
    client: Client, people: dict[str, User], call: Call, *, is_everywhere: bool, is_here: bool
) -> None:
    """Such a pair is not given any more, but whoever has it keeps it; of another task force it hides nothing here."""
    application = someone_applies(call, "ada")
    here = call.phase.task_force_id
    log.record("account.zone", application.applicant, at=AT, actor_id=application.applicant.pk)
    if not is_everywhere:
        people["privacy"].grants.update(task_force_id=here)
    where = here if is_here else here + 1
    people["privacy"].grants.create(role="reviewer", task_force_id=where, granted_at=AT)
    name, candidate = application.applicant.name, f"Candidate {application.pk}"
    (shown,) = _entries(_page(client, people["privacy"], "?action=application.submitted"))
    assert (name in shown, candidate in shown) == (not is_here, is_here)
    for person in (name, f"%23{application.applicant.pk}"):
        found = str(_entries(_page(client, people["privacy"], f"?person={person}")))
        assert ("Application submitted" in found) is not is_here
        # What is no matter of the review stays to be found.
        assert ("Time zone of an account changed" in found) is is_everywhere


def test_particulars_of_a_decision_stay_where_it_was_made(
    client: Client, people: dict[str, User], tf: TaskForce
) -> None:
    log.record("decision.held", at=AT, actor_id=None, task_force_id=tf.pk, outcome="accept-secret")
    assert "Decision made, not told yet" in _page(client, people["observer"])
    assert "accept-secret" not in _page(client, people["observer"])


def test_what_cannot_be_read_is_said(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["privacy"])
    asked = ("?since=yesterday", "?number=x", "?before=-1", "?action=no.such", f"?number={10**30}")
    found = {query: client.get(f"{LIST}{query}").status_code for query in asked}
    assert found == dict.fromkeys(asked, 200)


@pytest.mark.long
def test_backwards_page_by_page(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    made = [log.record("phase.noticed", at=AT, actor_id=None, task_force_id=tf.pk).pk for _ in range(120)]
    seen: list[int] = []
    query = "?action=phase.noticed"
    client.force_login(people["privacy"])
    while query:
        context = client.get(f"{LIST}{query}").context
        seen += [row.entry.pk for row in context["rows"]]
        query = context["older"]
    assert [pk for pk in seen if pk in made] == made[::-1]
    assert len(seen) == len(set(seen))


# --- cost ------------------------------------------------------------------------------------------------------------

_MANY = """
INSERT INTO audit_entry (at, actor_id, action, task_force_id, target_type, target_id, reason, details, is_read)
SELECT timestamptz '2022-01-01 00:00Z' + number * interval '1 minute', %s,
    CASE WHEN number %% 50 = 0 THEN 'phase.extended' ELSE 'mail.read' END, %s, 'timeline.phase', %s, '',
    jsonb_build_object(
        'opens_at', '2022-02-01T12:00:00+00:00', 'language', 'zh-hant', 'granted_by', number, 'window', number,
        'ids', jsonb_build_array(number, number + 1)
    ),
    number %% 50 > 0
FROM generate_series(1, %s) AS number
"""


def _fill(people: dict[str, User], tf: TaskForce, count: int) -> None:
    phase = Phase.objects.filter(task_force=tf).first()
    assert phase is not None
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [people["coordinator"].pk, tf.pk, phase.pk, count])
        cursor.execute("ANALYZE audit_entry")


@pytest.mark.long
@pytest.mark.parametrize("role", ["privacy", "observer"])
def test_a_page_costs_the_same_with_more_entries(
    client: Client, people: dict[str, User], tf: TaskForce, role: str
) -> None:
    client.force_login(people[role])
    costs = []
    for count in (60, 600):
        _fill(people, tf, count)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(LIST).status_code == 200
        costs.append(len(caught))
        assert not [query for query in caught if "COUNT(" in query["sql"] and "audit_entry" in query["sql"]]
    assert costs[0] == costs[1]


@pytest.mark.long
def test_fast_with_a_hundred_thousand_entries(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    """Each question in far less than a second, also the one that finds nothing."""
    _fill(people, tf, 100_000)
    questions = [
        Asked(),
        Asked(action="phase.extended"),
        Asked(person="Coordinator"),
        Asked(task_force_id=tf.pk, only="acts"),
        Asked(since=AT.date(), until=(AT + timedelta(days=1)).date()),
        Asked(person="Nobody"),
        Asked(kind="timeline.phase", number=1),
    ]
    for role in ("privacy", "observer"):
        for asked in questions:
            start = stopwatch()
            auditing.search(people[role], asked)
            assert stopwatch() - start < 0.5, (role, asked)
