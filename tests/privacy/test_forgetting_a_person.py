"""After a request for deletion was carried out the person is nowhere but where the map says, and why, and how long.

Carried out is what the operator's own script does (`deploy/forget.sql`), statement by statement.
"""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import InternalError, connection, transaction

from deploy.places import ROOT
from feedback.models import FeedbackItem
from taskforce.accounts import deletions, notices, queries
from taskforce.accounts import services as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.services import own_parts
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


def forget(mailboxes: set[str], feedback: str = "", script: str = SCRIPT) -> list[list[tuple[Any, ...]]]:
    """Run the script as psql would, within the test's own transaction; the rows of each query at its end."""
    for name, value in (("mailboxes", " ".join(sorted(mailboxes))), ("feedback", feedback)):
        script = script.replace(f":'{name}'", f"'{value}'")
    statements = re.sub(r"^(BEGIN|COMMIT);$", "", script, flags=re.MULTILINE)
    assert not re.search(r":'\w+'", statements)
    with connection.cursor() as cursor:
        changing, look, showing = statements.partition("\n$$;\n")
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
    mailbox = request.mailbox
    had_before(person, canaries.mailboxes - set(queries.confirmed_mailboxes(person)))
    for helper in HELPERS:
        forget({helper}, script=script)
    forget({mailbox}, reference, script)
    request.refresh_from_db()
    mailbox = request.mailbox
    officer = User.objects.get(email="privacy@demo.example")
    accounts.answer_deletion(request.pk, "do", "Done.", actor=officer, at=NOW)
    assert OutboxMessage.objects.filter(mailbox__icontains=planting.MARK, kind="deletion-answered").update(state="sent")
    forget({mailbox}, script=script)


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
    EmailAddress.objects.create(user=other, email="shared@x.example", verified=True)
    notices.password_changed(other, at=NOW)
    person.refresh_from_db()
    request = accounts.ask_for_deletion(person, "", at=NOW)
    OutboxMessage.objects.update(state="sent")
    before = Entry.objects.latest("pk").pk
    forget({request.mailbox})
    rows = OutboxMessage.objects.filter(mailbox__endswith="@x.example")
    assert list(rows.values_list("kind", "mailbox")) == [("account-password-changed", "shared@x.example")]
    assert "@x.example" not in str(list(OutboxMessage.objects.values_list("context", flat=True)))
    removed, done = Entry.objects.filter(pk__gt=before).order_by("pk")
    assert (removed.action, removed.target_id, removed.task_force_id) == ("role.removed", person.pk, tf.pk)
    assert removed.details == {
        "role": "observer", "language": "", "granted_by": None, "granted_at": "2022-05-16T18:00:00.000000+00:00",
    }  # fmt: skip
    assert (done.action, done.target_id, done.details) == ("deletion.carried-out", request.pk, {})


# Without its look at what came of it.
TRUSTING = re.sub(r"^DO \$\$.*?^\$\$;$", "", SCRIPT, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("script", "stops"), [(SCRIPT, True), (TRUSTING, False)])
def test_a_typing_error_changes_nothing(world: World, script: str, stops: bool) -> None:
    """It ends before it is committed, even where others have changed rows before; the twin says that it was done."""
    assert len(TRUSTING) < len(SCRIPT)
    assert SCRIPT.index("RAISE EXCEPTION") < SCRIPT.index("\nCOMMIT;")
    accounts.create_account("ada@x.example", at=NOW, name="Ada")
    before = Entry.objects.count()
    if stops:
        with pytest.raises(InternalError, match="nothing is kept under these"), transaction.atomic():
            forget({"adda@x.example"}, "F-2222-2222", script)
    else:
        forget({"adda@x.example"}, "F-2222-2222", script)
    assert Entry.objects.count() - before == (0 if stops else 1)
    assert User.objects.get(name="Ada").email == "ada@x.example"


def test_it_says_what_it_has_found_and_changed(world: World) -> None:
    accounts.create_account("ada@x.example", at=NOW, name="Ada")
    accounts.create_account("bob@x.example", at=NOW, name="Bob")
    reference = FeedbackItem.objects.latest("pk").reference
    found, counts = forget({"ada@x.example", "bob@x.exmaple"}, f"F-2222-2222 {reference}")[:2]
    assert found == [(1, 1, "F-2222-2222")]
    rows = {table: (emptied, deleted) for table, emptied, deleted in counts}
    assert (rows["accounts_user"], rows["account_emailaddress"]) == ((1, 0), (0, 1))
    assert rows["feedback_feedbackitem"] == (1, 0)
    with pytest.raises(InternalError, match="nothing is kept under these"), transaction.atomic():
        forget({"ada@x.example"})


def test_the_answer_is_in_the_language_of_whoever_is_gone(world: World) -> None:
    """As their account last had it, with no way to a page that nobody can open; then nothing of it is kept."""
    person = accounts.create_account("ada@x.example", at=NOW, name="Ada")
    request = accounts.ask_for_deletion(person, "", at=NOW)
    assert (request.language, request.zone) == ("en", "UTC")
    User.objects.filter(pk=person.pk).update(language="ar", zone="Asia/Riyadh")
    forget({"ada@x.example"})
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
    for name in ("application_review", "call_decisions", "call_release"):
        shown.append(read(client, walking.address(TABLE[f"admin:recruitment_{name}"].path, canaries)))
    assert [book.name(word) for text in shown for word in book.found(text) if word in gone] == []


def test_what_others_keep_is_as_it_was(canaries: Canaries, person: User) -> None:
    known = User.objects.exclude(email__icontains=planting.MARK).exclude(email__in=HELPERS).order_by("pk")
    others = User.objects.filter(pk__in=[user.pk for user in sample(known, 6, of="others")])
    before = {user.pk: own_parts(user) for user in others}
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
    carry_out(canaries, person, script)
    found = {apps.get_model(model)._meta.db_table for model, _name in left() - stays()}
    assert found == {table}
