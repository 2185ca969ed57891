"""What stood in the database before applications were kept by groups of fields: nothing of it is lost, either way."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import salted_hmac

from recruitment import mailboxes, queries, services
from recruitment.forms.applying import made_draft
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.portal.demo import clock
from taskforce.questions.forms import Answer
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase
from tests import databases, rows
from tests.recruitment.conftest import AT, OPEN, key, publish

# When the answers of an application were rows: with calls in full, and before those.
BEFORE = ("0003_calls_in_full", "0002_several_choices")
_APPLICATION = (
    "number, reference, language, state, version, saved_at, submitted_at, withdrawn_at, applicant_id, call_id"
)
_SNAPSHOT = "number, form_key, fields_digest, language, answers, sha256, submitted_at, in_grace, application_id"
_CALL = "phase_id, questions_id, title_en, title_zh_hant, purpose_en, seats, published_at"
# What a table held before, and still does.
KEPT = {
    "recruitment_application": _APPLICATION,
    "recruitment_snapshot": _SNAPSHOT,
    "recruitment_call": _CALL,
    "recruitment_criterion": "call_id, position, label_en, label_zh_hant, help_text_en, weight",
    "audit_entry": "action, target_type, target_id, details, at",
}
WORDS = "What I began to write: 信任 \U0001f600 ثقة"
ASKED: list[dict[str, Any]] = [
    {"kind": "long-text", "labels": {"en": "Why?"}, "required": True},
    {"kind": "one-choice", "labels": {"en": "When?"}, "choices": [("two", {"en": "Two"}), ("four", {"en": "Four"})]},
    {"kind": "several", "labels": {"en": "What can you do?"}, "choices": [(c, {"en": c * 3}) for c in "abc"]},
    {"kind": "language", "labels": {"en": "What do you speak?"}},
    {"kind": "short-text", "labels": {"en": "In a line?"}},
]


@pytest.fixture
def _own_database(transactional_db: None) -> Iterator[None]:
    """A database of this test's own, in which it may do everything."""
    with databases.another():
        yield


def migrated(name: str | None = None) -> Any:
    """Migrate recruitment to there (None: everything to the last), and return the models as they are then."""
    executor = MigrationExecutor(connection)
    goals = executor.loader.graph.leaf_nodes() if name is None else [("recruitment", name)]
    executor.migrate(goals)
    return MigrationExecutor(connection).loader.project_state(goals).apps


def stand(table: str, columns: str) -> list[Any]:
    """These columns of a table, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {columns} FROM {table} ORDER BY id")  # noqa: S608 - our own tables
        return list(cursor.fetchall())


def kept() -> dict[str, list[Any]]:
    """All of it."""
    return {table: stand(table, columns) for table, columns in KEPT.items()}


def filled() -> Call:
    """A published call, with applications in every state that there was."""
    made = rows.stored()
    for name in ("model case", "applicant", "member", "coordinator"):
        made[name].write()
    clock.set_to(OPEN, back=True)
    call = publish(Phase.objects.get(slug="recruitment"), create_set("every", ASKED, at=AT))
    why, when, what, spoken, line = call.questions.questions.order_by("position").values_list("pk", flat=True)
    every = [
        Answer(why, WORDS), Answer(when, choices=("two",)), Answer(what, choices=("a", "c")),
        Answer(spoken, "Atayal", ("mis",)), Answer(line, "One line"),
    ]  # fmt: skip

    def sent(*answers: Answer, **fields: Any) -> services.Draft:
        return made_draft(call, answers, form_key=key(call), language="en", **fields)

    # Submitted, and not touched since; submitted, and changed since; submitted twice; withdrawn; begun and not sent.
    for name in ("ada", "bo", "cy", "di"):
        person = User.objects.create(email=f"{name}@example.org", name=name.title())
        services.submit(call.pk, person, sent(*every, name=person.name, publish_name=name != "bo"))
    people = {one.name: one for one in User.objects.filter(email__endswith="@example.org")}
    services.save_draft(call.pk, people["Bo"], sent(Answer(why, f"{WORDS} And more."), name="Bo B.", publish_name=True))
    services.submit(call.pk, people["Cy"], sent(Answer(why, "Second."), every[3], name="Cy"))
    services.withdraw(Application.objects.get(applicant=people["Di"]).pk, people["Di"], at=app_now())
    services.save_draft(
        call.pk, User.objects.get(email="applicant@demo.example"), sent(*every, name="A", publish_name=True)
    )
    services.open_application(call.pk, User.objects.get(email="member@demo.example"), language="en")
    return call


@pytest.mark.long
@pytest.mark.usefixtures("_own_database")
def test_applications_that_stood_there_are_as_they_were() -> None:
    """From now to then, with answers as rows, and on to now again: what there was a place for is the same in all."""
    # Then no fingerprint was bound to anything; one that is has no place there.
    with patch("recruitment.queries.bound", return_value={}):
        call = filled()
    first, typed, unsent = kept(), said(), changed()
    assert sum(unsent.values()) > 0
    for name in BEFORE:
        then = migrated(name)
        assert kept() == first, name
        assert rows_of_answers(then) == typed, name
    migrated()
    assert kept() == first
    assert said() == typed
    assert changed() == unsent
    goes_on(Call.objects.get(pk=call.pk))


def said() -> dict[str, Any]:
    """The drafts of the answers, the name and whether it may be published, as they are typed, by reference."""
    found = {}
    for one in queries.with_groups(Application.objects.all()):
        identity = one.identity.typed
        named = ("".join(identity.get("name", [])), "publish_name" in identity)
        found[one.reference] = (one.answers.typed, *named)
    return found


def rows_of_answers(then: Any) -> dict[str, Any]:
    """The same, of the tables as they were."""
    found = {}
    for one in then.get_model("recruitment", "Application").objects.select_related("identity"):
        typed: dict[str, list[str]] = {}
        for row in then.get_model("recruitment", "ApplicationAnswer").objects.filter(application=one):
            name, other = f"q-{row.question_id}", row.question.kind == "language" and row.text
            typed |= {name: ["+"], f"{name}-other": [row.text]} if other else {name: [*row.choices] or [row.text]}
        found[one.reference] = (typed, one.identity.name, one.identity.publish_name)
    return found


def changed() -> dict[str, bool]:
    """Whose draft is another than what they have submitted, by reference."""
    return {one.reference: queries.is_changed(one) for one in queries.with_groups(Application.objects.all())}


def goes_on(call: Call) -> None:
    """What was submitted is what its hash says, and whoever applied before sends theirs again."""
    for one in Snapshot.objects.all():
        assert one.sha256 == queries.fingerprint(one)
    person = User.objects.get(email="bo@example.org")
    why = call.questions.questions.get(position=1).pk
    again = made_draft(call, [Answer(why, WORDS)], form_key=key(call), language="en", name="Bo")
    assert services.submit(call.pk, person, again).number == 2


def former(mailbox: str) -> str:
    """The code of a mailbox as it was made when tag and dots stood in it."""
    return str(salted_hmac("recruitment.mailbox", mailbox, algorithm="sha256").hexdigest())


@pytest.mark.long
@pytest.mark.usefixtures("_own_database")
def test_the_code_of_a_mailbox_is_made_anew_where_the_account_still_has_it() -> None:
    filled()
    ada, bo, cy = (Application.objects.get(applicant__email=f"{name}@example.org") for name in ("ada", "bo", "cy"))
    migrated("0008_words_by_acts")
    # One as it is, one that has moved since, and one whose other spelling has applied before.
    for one, mailbox, was in (
        (ada, "A.da+call@Example.org", "a.da+call@example.org"),
        (bo, "bo@example.org", "b.o@elsewhere.example"),
        (cy, "ada+other@example.org", "ada+other@example.org"),
    ):
        User.objects.filter(pk=one.applicant_id).update(email=mailbox)
        Application.objects.filter(pk=one.pk).update(mailbox_key=former(was))
    migrated()
    found = dict(Application.objects.values_list("pk", "mailbox_key"))
    assert found[ada.pk] == mailboxes.key("ada@example.org")
    assert found[bo.pk] == former("b.o@elsewhere.example")
    assert found[cy.pk] == former("ada+other@example.org")
