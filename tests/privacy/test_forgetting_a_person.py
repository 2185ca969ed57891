"""After a request for deletion was carried out the person is nowhere but where the map says, and why, and how long.

Carried out is what the operator's own script does (`deploy/forget.sql`), statement by statement.
"""

import re

import pytest
from django.apps import apps
from django.db import connection

from deploy.places import ROOT
from feedback.models import FeedbackItem
from taskforce.accounts import services as accounts
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.services import own_parts
from taskforce.core import personal
from taskforce.core.personal import Erasure
from taskforce.notifications.models import Hold, OutboxMessage
from taskforce.timeline.models import Bulletin
from tests.architecture.table import TABLE
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


def forget(mailboxes: set[str], feedback: str = "", script: str = SCRIPT) -> None:
    """Run the script as psql would, within the test's own transaction."""
    for name, value in (("mailboxes", " ".join(sorted(mailboxes))), ("feedback", feedback)):
        script = script.replace(f":'{name}'", f"'{value}'")
    statements = re.sub(r"^(BEGIN|COMMIT);$", "", script, flags=re.MULTILINE)
    assert not re.search(r":'\w+'", statements)
    with connection.cursor() as cursor:
        cursor.execute(statements)


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
    mailboxes = canaries.mailboxes | HELPERS
    forget(mailboxes, reference, script)
    officer = User.objects.get(email="privacy@demo.example")
    request = DeletionRequest.objects.get(pk=canaries.world["deletionrequest"])
    accounts.answer_deletion(request.pk, "do", "Done.", actor=officer, at=NOW)
    assert OutboxMessage.objects.filter(mailbox__icontains=planting.MARK, kind="deletion-answered").update(state="sent")
    forget(mailboxes, script=script)


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
