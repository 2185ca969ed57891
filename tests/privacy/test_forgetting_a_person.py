"""After a request for deletion was carried out the person is nowhere but where the map says, and why, and how long.

Carried out is what the operator's own script does (`deploy/forget.sql`), statement by statement.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import InternalError, connection, transaction

from deploy.places import ROOT
from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from taskforce.accounts import deletions, notices, queries
from taskforce.accounts import services as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import DeletionRequest, Invitation, User
from taskforce.accounts.services import own_parts
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core import personal
from taskforce.core.personal import Erasure
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import Hold, OutboxMessage
from taskforce.timeline.models import Bulletin, TaskForce
from tests.architecture.table import TABLE
from tests.architecture.walk import World
from tests.portal.making import read
from tests.privacy import keyspace, planting, walking
from tests.privacy.planting import NOW, Canaries, Field
from tests.privacy.search import Book
from tests.privacy.walking import CANARY, client_of
from tests.sampling import sample

pytestmark = pytest.mark.django_db
SCRIPT = (ROOT / "deploy" / "forget.sql").read_text()
# Of rows that stay without their person: what was asked and answered, and why all mail was stopped.
PROOF = {
    ("accounts.DeletionRequest", "reason"), ("accounts.DeletionRequest", "answer"), ("notifications.Hold", "reason"),
}  # fmt: skip
# In whose names some canaries had to be planted.
HELPERS = {"factor@demo.example", "reviewer1@demo.example"}
# Whose lists are looked at afterwards: together they show whatever staff may see of people.
ROLES = ("coordinator", "privacy")


def account(person: User) -> str:
    """As the page of the answer shows it."""
    return deletions.account_of(DeletionRequest(user=person))


def forget(
    accounts: set[str], mailboxes: set[str], feedback: str = "", script: str = SCRIPT
) -> list[list[tuple[Any, ...]]]:
    """Run the script as psql would, within the test's own transaction; the rows of each query at its end."""
    given = {"accounts": " ".join(sorted(accounts)), "mailboxes": " ".join(sorted(mailboxes)), "feedback": feedback}
    for name, value in given.items():
        script = script.replace(f":'{name}'", f"'{value}'")
    statements = re.sub(r"^(BEGIN|COMMIT);$", "", script, flags=re.MULTILINE)
    assert not re.search(r":'\w+'", statements)
    with connection.cursor() as cursor:
        changing, look, showing = statements.rpartition("\n$$;\n")
        cursor.execute(changing + look)
        shown = []
        for query in filter(str.strip, showing.split(";")):
            cursor.execute(query)
            shown.append(cursor.fetchall() if cursor.description else [])
    return shown


@pytest.fixture
def person(canaries: Canaries) -> User:
    """The canary, to whom also belongs here what the planting did as somebody else."""
    person = User.objects.get(memberships__name__startswith=planting.MARK)
    Hold.objects.update(actor_id=person.pk)
    second = User.objects.get(email="reviewer1@demo.example").pk
    Bulletin.objects.update(author_id=person.pk, editor_id=person.pk, second_id=second)
    return person


def carry_out(canaries: Canaries, person: User, script: str = SCRIPT) -> None:
    """Delete, answer, and delete the answer's own mail once it has gone."""
    reference = FeedbackItem.objects.get(pk=canaries.world["item"]).reference
    request = DeletionRequest.objects.get(pk=canaries.world["deletionrequest"])
    known = account(person)
    had_before(person, canaries.mailboxes - set(queries.confirmed_mailboxes(person)))
    for helper in HELPERS:
        forget({account(User.objects.get(email=helper))}, set(), script=script)
    forget({known}, set(), reference, script)
    request.refresh_from_db()
    mailbox = request.mailbox
    officer = User.objects.get(email="privacy@demo.example")
    accounts.answer_deletion(request.pk, "do", "Done.", actor=officer, at=NOW)
    assert OutboxMessage.objects.filter(mailbox__icontains=planting.MARK, kind="deletion-answered").update(state="sent")
    forget({known}, {mailbox}, reference, script)


def had_before(person: User, mailboxes: set[str]) -> None:
    """Addresses that were the person's and were removed, as all of them were told; no other trace is kept."""
    for mailbox in mailboxes:
        notices.address_removed(person, [mailbox], removed=mailbox, at=NOW)
    told = OutboxMessage.objects.filter(kind="account-address-removed")
    for message in told.filter(mailbox__in=mailboxes):
        message.context["removed"] = ""
        message.save()
    told.update(state="sent")


def left() -> set[Field]:
    """The fields in which a word still lies."""
    return {place for place, _text in planting.stored()}


def stays() -> set[Field]:
    """The fields that the map lets keep their value, or go by itself."""
    kept = (Erasure.KEEP, Erasure.EXPIRE)
    return {(row.model, name) for row in personal.rows() for name in row.fields if row.erasure in kept} | PROOF


def test_nothing_is_left_but_what_the_map_keeps(canaries: Canaries, book: Book, person: User) -> None:
    before = left()
    carry_out(canaries, person)
    assert left() <= stays()
    assert before - left() == before - stays(), "the map keeps more than stays"
    gone = {word for place, word in canaries.words.items() if place not in stays()}
    assert gone & set(book.found_coded(keyspace.held())) == set()
    packed = {book.name(word) for word in book.found_coded(keyspace.machinery() + keyspace.sessions())}
    assert packed == {"cache_default.value", "sessions.Session.session_data"}, "and these go by themselves, soon"


def test_an_address_that_was_removed_and_whoever_has_it_now(world: World) -> None:
    """Addresses that a person had go with them, known or named; what is another's by now stays, whole."""
    person = accounts.create_account("old@x.example", at=NOW, name="Vera")
    other, tf = User.objects.get(email="member@demo.example"), TaskForce.objects.get()
    accounts.grant_role(person, Role.OBSERVER, at=NOW, actor_id=None, task_force_id=tf.pk)
    for mailbox in ("new@x.example", "given.up@x.example", "shared@x.example"):
        EmailAddress.objects.create(user=person, email=mailbox, verified=True)
        notices.address_added(person, ["old@x.example"], added=mailbox, at=NOW)
    assert accounts.make_primary(person.pk, "new@x.example", at=NOW)
    for mailbox in ("old@x.example", "given.up@x.example", "shared@x.example"):
        assert accounts.remove_address(person.pk, mailbox, at=NOW)
    theirs, others = (
        Invitation.objects.create(
            mailbox="shared@x.example", role=role, task_force_id=tf.pk, mail_language="en", inviter_id=other.pk,
            made_at=NOW, told_at=NOW, expires_at=NOW + timedelta(days=14),
        )
        for role in (Role.MODERATOR, Role.DEPUTY)
    )  # fmt: skip
    log.record("invitation.accepted", theirs, at=NOW, actor_id=person.pk, task_force_id=tf.pk)
    log.record("invitation.accepted", others, at=NOW, actor_id=other.pk, task_force_id=tf.pk)
    EmailAddress.objects.create(user=other, email="shared@x.example", verified=True)
    notices.password_changed(other, at=NOW)
    person.refresh_from_db()
    request = accounts.ask_for_deletion(person, "", at=NOW)
    OutboxMessage.objects.update(state="sent")
    before = Entry.objects.latest("pk").pk
    forget({deletions.account_of(request)}, set())
    rows = OutboxMessage.objects.filter(mailbox__endswith="@x.example")
    assert list(rows.values_list("kind", "mailbox")) == [("account-password-changed", "shared@x.example")]
    assert "@x.example" not in str(list(OutboxMessage.objects.values_list("context", flat=True)))
    assert list(Invitation.objects.filter(mailbox="shared@x.example")) == [others]
    removed, done = Entry.objects.filter(pk__gt=before).order_by("pk")
    assert (removed.action, removed.target_id, removed.task_force_id) == ("role.removed", person.pk, tf.pk)
    assert removed.details == {
        "role": "observer", "language": "", "granted_by": None, "granted_at": "2022-05-16T18:00:00.000000+00:00",
    }  # fmt: skip
    assert (done.action, done.target_id, done.details) == ("deletion.carried-out", request.pk, {})


# Without its look at what came of it.
TRUSTING = re.sub(
    r"^DO \$\$\nBEGIN\n    IF NOT .*?^\$\$;$", "DO $$\nBEGIN\nEND\n$$;", SCRIPT, flags=re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("script", "stops"), [(SCRIPT, True), (TRUSTING, False)])
def test_a_typing_error_changes_nothing(world: World, script: str, stops: bool) -> None:
    """It ends before it is committed, even where others have changed rows before; the twin says that it was done."""
    assert len(TRUSTING) < len(SCRIPT)
    assert SCRIPT.index("RAISE EXCEPTION") < SCRIPT.index("\nCOMMIT;")
    ada = accounts.create_account("ada@x.example", at=NOW, name="Ada")
    number, _at, second = account(ada).partition("@")
    before = Entry.objects.count()
    for typed in (f"{ada.pk + 1}@{second}", f"{number}@2021-03-04T10:11:12Z"):
        if stops:
            with pytest.raises(InternalError, match="nothing is kept under these"), transaction.atomic():
                forget({typed}, {"adda@x.example"}, "F-2222-2222", script)
        else:
            forget({typed}, {"adda@x.example"}, "F-2222-2222", script)
    assert Entry.objects.count() == before, "what changed nothing is no entry, even where it is no error"
    assert User.objects.get(name="Ada").email == "ada@x.example"


def test_it_says_what_it_has_found_and_changed(world: World) -> None:
    ada = account(accounts.create_account("ada@x.example", at=NOW, name="Ada"))
    accounts.create_account("bob@x.example", at=NOW, name="Bob")
    reference = FeedbackItem.objects.filter(entered_by=None).exclude(search_text="").latest("pk").reference
    given = {ada, "1@1999-01-01T00:00:00Z"}, {"bob@x.example", "carl@x.example"}, f"F-2222-2222 {reference}"
    persons, found, counts = forget(*given)[:3]
    assert persons == [("1@1999-01-01T00:00:00Z", "not here"), (ada, "found")]
    assert found == [(1, "F-2222-2222", "bob@x.example")]
    rows = {table: (emptied, deleted) for table, emptied, deleted in counts}
    assert (rows["accounts_user"], rows["account_emailaddress"]) == ((1, 0), (0, 1))
    assert rows["feedback_feedbackitem"] == (1, 0)
    before = Entry.objects.count()
    again = forget({ada}, set())
    assert (again[0], again[2], Entry.objects.count()) == ([(ada, "nobody's already")], [], before)
    with pytest.raises(InternalError, match="nothing is kept under these"), transaction.atomic():
        forget(set(), {"ada@x.example", "bob@x.example"})


def test_what_waits_for_the_mail_of_its_author_goes_by_its_reference(world: World) -> None:
    """Its receipt shows it; nothing else leads there, since the address is in the mail alone."""
    for reference in ("F-2222-2222", "F-3333-3333"):
        FeedbackUnconfirmed.objects.create(
            window=FeedbackWindow.objects.earliest("pk"), form_key=reference, fields_digest="", token_hash=reference,
            said={"reference": reference}, answers=[], sent_at=NOW,
        )  # fmt: skip
    _persons, found, counts = forget(set(), set(), "F-2222-2222 F-4444-4444")[:3]
    assert found == [(1, "F-4444-4444", None)]
    assert counts == [("feedback_feedbackunconfirmed", 0, 1)]
    left = FeedbackUnconfirmed.objects.filter(form_key__in=["F-2222-2222", "F-3333-3333"])
    assert [row.form_key for row in left] == ["F-3333-3333"]


@pytest.mark.parametrize("given", ["12", "12@2026-03-04", "ada@x.example", "@2026-03-04T10:11:12Z"])
def test_an_account_is_given_with_its_second(world: World, given: str) -> None:
    with pytest.raises(InternalError, match="an account is given as its number and"), transaction.atomic():
        forget({given}, set())


# --- run again: what was theirs is another's by now ------------------------------------------------------------------

# As accounts were chosen before: by the addresses.
BY_ADDRESS = SCRIPT.replace(
    "CREATE TEMPORARY TABLE gone_others AS",
    """INSERT INTO gone
SELECT id, '', false FROM accounts_user WHERE lower(email) IN (SELECT mailbox FROM gone_mailboxes)
UNION SELECT user_id, '', false FROM account_emailaddress
WHERE verified AND lower(email) IN (SELECT mailbox FROM gone_mailboxes);
CREATE TEMPORARY TABLE gone_others AS""",
)
WAYS = pytest.mark.parametrize(("script", "keeps"), [(SCRIPT, True), (BY_ADDRESS, False)])


def moved() -> tuple[User, User]:
    """Vera, who was at old@x.example, and Bob, who is there now."""
    vera = accounts.create_account("old@x.example", at=NOW, name="Vera")
    EmailAddress.objects.create(user=vera, email="new@x.example", verified=True)
    notices.address_added(vera, ["old@x.example"], added="new@x.example", at=NOW)
    assert accounts.make_primary(vera.pk, "new@x.example", at=NOW)
    assert accounts.remove_address(vera.pk, "old@x.example", at=NOW)
    OutboxMessage.objects.update(state="sent")
    bob = accounts.create_account("old@x.example", at=NOW, name="Bob")
    accounts.grant_role(bob, Role.OBSERVER, at=NOW, actor_id=None, task_force_id=TaskForce.objects.get().pk)
    vera.refresh_from_db()
    return vera, bob


def is_whole(user: User, mailbox: str) -> bool:
    """Name, address and way in are as they were."""
    found = User.objects.get(pk=user.pk)
    held = EmailAddress.objects.filter(user=user, email=mailbox, verified=True)
    return (found.email, found.name, found.is_active) == (mailbox, user.name, True) and held.exists()


@WAYS
def test_a_second_run_leaves_whoever_has_the_address_now(world: World, script: str, keeps: bool) -> None:
    vera, bob = moved()
    accounts.ask_for_deletion(vera, "", at=NOW)
    known = account(vera)
    forget({known}, {"old@x.example"})
    assert is_whole(bob, "old@x.example")
    assert forget({known}, {"old@x.example"}, script=script)[0] == [(known, "nobody's already")]
    assert is_whole(bob, "old@x.example") == keeps
    assert bob.grants.exists() == keeps


@WAYS
def test_a_backup_from_before_the_request(world: World, script: str, keeps: bool) -> None:
    """No request says there whose the address was; who asked is erased, whoever has it now is not."""
    vera, bob = moved()
    known = account(vera)
    assert forget({known}, {"old@x.example"}, script=script)[0] == [(known, "found")]
    assert not is_whole(vera, "new@x.example")
    assert is_whole(bob, "old@x.example") == keeps


@WAYS
def test_whoever_signs_up_again_between_the_runs(world: World, script: str, keeps: bool) -> None:
    vera, _bob = moved()
    request = accounts.ask_for_deletion(vera, "", at=NOW)
    known = account(vera)
    forget({known}, set())
    officer = User.objects.get(email="privacy@demo.example")
    accounts.answer_deletion(request.pk, "do", "Done.", actor=officer, at=NOW)
    OutboxMessage.objects.update(state="sent")
    anew = accounts.create_account("new@x.example", at=NOW, name="Vera again")
    forget({known}, {"new@x.example"}, script=script)
    assert is_whole(anew, "new@x.example") == keeps


def test_a_number_that_was_given_again_after_a_restore(world: World) -> None:
    """Whoever has the number now was made in another second."""
    lost = account(accounts.create_account("ada@x.example", at=NOW, name="Ada"))
    bob = User.objects.get(name="Ada")
    User.objects.filter(pk=bob.pk).update(name="Bob", date_joined=bob.date_joined + timedelta(hours=1))
    bob.refresh_from_db()
    with pytest.raises(InternalError, match="nothing is kept under these"), transaction.atomic():
        forget({lost}, set())
    assert is_whole(bob, "ada@x.example")


# As it was before: whatever anybody has typed into the form that makes an account.
TYPED = re.sub(r" AND \(\n    last_login IS NOT NULL\n.*?\n\)\n", "\n", SCRIPT, flags=re.DOTALL)


@pytest.mark.parametrize("signs_up", [False, True])
@pytest.mark.parametrize(("script", "sees_through"), [(SCRIPT, True), (TYPED, False)])
def test_a_sign_up_that_nobody_confirmed_keeps_nothing(
    world: World, signs_up: bool, script: str, sees_through: bool
) -> None:
    """A stranger who types a former address of theirs makes it nobody's own; whoever has confirmed it does."""
    assert len(TYPED) < len(SCRIPT)
    vera, bob = moved()
    User.objects.filter(pk=bob.pk).delete()
    notices.password_changed(vera, at=NOW)
    OutboxMessage.objects.filter(mailbox="new@x.example").update(mailbox="old@x.example", context={})
    if signs_up:
        stranger = User.objects.create(email="old@x.example")
        EmailAddress.objects.create(user=stranger, email="old@x.example", verified=False)
    forget({account(vera)}, set(), script=script)
    left = OutboxMessage.objects.filter(mailbox="old@x.example").exists()
    assert left == (signs_up and not sees_through)


# By which somebody who has not confirmed the address of their account keeps it all the same.
REASONS = {
    "signed in": "last_login IS NOT NULL",
    "confirmed another": "EXISTS (SELECT FROM account_emailaddress WHERE verified AND user_id = person.id)",
    "has a role": "EXISTS (SELECT FROM accounts_rolegrant WHERE user_id = person.id)",
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("is_asked", [True, False])
def test_what_makes_an_address_an_accounts_own(world: World, reason: str, is_asked: bool) -> None:
    """Each reason by itself keeps what was sent there."""
    vera, bob = moved()
    bob.grants.all().delete()
    EmailAddress.objects.filter(user=bob).delete()
    EmailAddress.objects.create(user=bob, email="old@x.example", verified=False)
    User.objects.filter(pk=bob.pk).update(last_login=NOW if reason == "signed in" else None)
    if reason == "confirmed another":
        EmailAddress.objects.create(user=bob, email="another@x.example", verified=True)
    if reason == "has a role":
        accounts.grant_role(bob, Role.OBSERVER, at=NOW, actor_id=None, task_force_id=TaskForce.objects.get().pk)
    OutboxMessage.objects.all().delete()
    notices.password_changed(vera, at=NOW)
    OutboxMessage.objects.update(mailbox="old@x.example", context={}, state="sent")
    assert SCRIPT.count(REASONS[reason]) == 1
    script = SCRIPT if is_asked else SCRIPT.replace(REASONS[reason], "false")
    found = forget({account(vera)}, {"old@x.example"}, script=script)[1]
    assert OutboxMessage.objects.filter(mailbox="old@x.example").exists() is is_asked
    assert found[0][2] == ("old@x.example" if is_asked else None)


# With the address of an account that goes, whoever has shown that it is theirs.
UNASKED = SCRIPT.replace("DELETE FROM gone_mailboxes WHERE mailbox IN (SELECT mailbox FROM gone_others);", "")


@pytest.mark.parametrize(("script", "keeps"), [(SCRIPT, True), (UNASKED, False)])
def test_what_an_account_is_called_by_is_anothers_who_has_confirmed_it(world: World, script: str, keeps: bool) -> None:
    """Vera typed it when she signed up; Bob, who has it beside his main one, gets his mails there."""
    assert len(UNASKED) < len(SCRIPT)
    vera = User.objects.create(email="bob@x.example", name="Vera", date_joined=NOW)
    EmailAddress.objects.create(user=vera, email="bob@x.example", verified=False)
    bob = accounts.create_account("main@x.example", at=NOW, name="Bob")
    EmailAddress.objects.create(user=bob, email="bob@x.example", verified=True)
    notices.password_changed(bob, at=NOW)
    OutboxMessage.objects.update(state="sent")
    assert OutboxMessage.objects.filter(mailbox="bob@x.example").exists()
    persons, found = forget({account(vera)}, set(), script=script)[:2]
    assert persons == [(account(vera), "found")]
    assert OutboxMessage.objects.filter(mailbox="bob@x.example").exists() is keeps
    assert found[0][2] == "bob@x.example"


# As it was: emptied whether there was anything or not.
EMPTYING = re.sub(r" AND \(?(?!state)\w+ <> '[^;]*;$", ";", SCRIPT, flags=re.MULTILINE)


@pytest.mark.parametrize(("script", "is_done"), [(SCRIPT, True), (EMPTYING, False)])
def test_run_again_nothing_is_left_to_do(canaries: Canaries, person: User, script: str, is_done: bool) -> None:
    """Not for who had applied, reviewed, written and announced either, nor for a text that was named."""
    assert len(SCRIPT.splitlines()) == len(EMPTYING.splitlines())
    assert SCRIPT.count("<> '") - EMPTYING.count("<> '") == 42
    reference = FeedbackItem.objects.get(pk=canaries.world["item"]).reference
    known = {account(person), *(account(User.objects.get(email=helper)) for helper in HELPERS)}
    forget(known, set(), reference)
    before = Entry.objects.count()
    counts = forget(known, set(), reference, script)[2]
    assert (counts == [], Entry.objects.count() == before) == (is_done, is_done)
    if not is_done:
        emptied = {table for table, _emptied, _deleted in counts}
        assert emptied == {
            "recruitment_applicantidentity", "recruitment_applicantdemographics", "recruitment_applicantprofile",
            "recruitment_applicationanswers", "recruitment_snapshot", "recruitment_application", "recruitment_review",
            "feedback_feedbackitem", "feedback_feedbackanswer", "feedback_feedbackwording",
            "feedback_feedbackreply", "feedback_feedbacktranslation", "feedback_feedbackappeal", "announcements_member",
            "notifications_hold", "timeline_bulletin",
        }  # fmt: skip
        forget(set(), set(), reference, script)
        return
    with pytest.raises(InternalError, match="nothing is kept under these"), transaction.atomic():
        forget(set(), set(), reference)
    assert Entry.objects.count() == before


def test_the_answer_is_in_the_language_of_whoever_is_gone(world: World) -> None:
    """As their account last had it, with no way to a page that nobody can open; then nothing of it is kept."""
    person = accounts.create_account("ada@x.example", at=NOW, name="Ada")
    request = accounts.ask_for_deletion(person, "", at=NOW)
    assert (request.language, request.zone) == ("en", "UTC")
    User.objects.filter(pk=person.pk).update(language="ar", zone="Asia/Riyadh")
    forget({account(person)}, set())
    officer = User.objects.get(email="privacy@demo.example")
    request.refresh_from_db()
    seen = deletions.preview(request, "do", "Done.")
    accounts.answer_deletion(request.pk, "do", "Done.", actor=officer, at=NOW)
    mail = OutboxMessage.objects.get(kind="deletion-answered", mailbox="ada@x.example")
    assert (mail.language, mail.zone, mail.context["url"], seen.language) == ("ar", "Asia/Riyadh", "", "ar")
    text = rendering.render(kinds.get(mail.kind), mail.context, mail.language, mail.zone).text
    assert "Done." in text
    assert "/accounts/" not in f"{text}{seen.html}"
    request.refresh_from_db()
    assert (request.mailbox, request.language, request.zone, request.receipts) == ("", "", "", "")


@pytest.mark.long
def test_no_page_and_no_file_shows_what_is_gone(canaries: Canaries, book: Book, person: User) -> None:
    signed_in = client_of(CANARY)
    assert signed_in.get("/en/accounts/email/").status_code == 200
    carry_out(canaries, person)
    assert signed_in.get("/en/accounts/email/").status_code == 302, "whoever was signed in is so no more"
    gone = {word for place, word in canaries.words.items() if place not in stays()}
    shown = [read(client_of("anonymous"), f"/en/{path}") for path in ("", "privacy/", "tf/leadership-development/")]
    for role in ROLES:
        client = client_of(role)
        listed = [one for app in client.get("/en/admin/").context["available_apps"] for one in app["models"]]
        shown += [read(client, one["admin_url"]) for one in sample(listed, 5, of=f"lists left for {role}")]
        shown.append(str(own_parts(User.objects.get(email=f"{role}@demo.example"))))
    client = client_of("coordinator")
    # It was taken back: there is nothing to review any more.
    assert client.get(walking.address(TABLE["admin:recruitment_application_review"].path, canaries)).status_code == 404
    for name in ("call_decisions", "call_release"):
        shown.append(read(client, walking.address(TABLE[f"admin:recruitment_{name}"].path, canaries)))
    assert [book.name(word) for text in shown for word in book.found(text) if word in gone] == []


Parts = list[tuple[str, list[dict[str, Any]]]]


def answered(parts: Parts) -> Parts:
    """The same after the answer, which takes back what was to tell a data officer that this request waits.

    The canary's came last; another one's goes on waiting.
    """
    waiting = [
        row for _code, rows in parts for row in rows if row.get("kind") == "deletion-waits" and row["state"] == "queued"
    ]

    def then(row: dict[str, Any]) -> dict[str, Any]:
        # Two such mails may look alike.
        return row | {"state": "superseded"} if waiting and row is waiting[-1] else row

    return [(code, list(map(then, rows))) for code, rows in parts]


@pytest.mark.long
def test_what_others_keep_is_as_it_was(canaries: Canaries, person: User) -> None:
    known = User.objects.exclude(email__icontains=planting.MARK).exclude(email__in=HELPERS).order_by("pk")
    others = User.objects.filter(pk__in=[user.pk for user in sample(known, 6, of="others")])
    before = {user.pk: answered(own_parts(user)) for user in others}
    names = list(others.order_by("pk").values_list("email", "name"))
    carry_out(canaries, person)
    assert list(User.objects.filter(pk__in=before).order_by("pk").values_list("email", "name")) == names
    assert {user.pk: own_parts(user) for user in User.objects.filter(pk__in=before)} == before


# Tables in which a word lies that the map wants gone; the address of a request goes with its answer.
TABLES = sorted(
    ({apps.get_model(model)._meta.db_table for model, _name in planting.to_plant() - stays()}
     & set(re.findall(r"^(?:DELETE FROM|UPDATE) (\w+)", SCRIPT, re.MULTILINE))) - {"accounts_deletionrequest"}
)  # fmt: skip


@pytest.mark.parametrize("table", sample(TABLES, 3, of="forgetting"))
def test_what_the_script_forgets_to_delete_is_found(canaries: Canaries, person: User, table: str) -> None:
    script = re.sub(rf"^(DELETE FROM|UPDATE) {table}\b[^;]*;", "", SCRIPT, flags=re.MULTILINE)
    with transaction.atomic():
        carry_out(canaries, person, script)
        found = {apps.get_model(model)._meta.db_table for model, _name in left() - stays()}
        transaction.set_rollback(True)  # what is left may belong to what is gone
    assert found == {table}
