"""What the map says goes when a person is forgotten is named in the script that does it, whatever kind of field it is.

`test_forgetting_a_person.py` plants words and looks for them: a date, a number or a key holds none. Likewise for what
the map lets people read of their own: it is named where the file of one's own data is made.
"""

import ast
import inspect
import re
from collections.abc import Iterable
from functools import cache

import pytest
from django.apps import apps
from django.db import models

from deploy.places import ROOT
from taskforce.core import personal
from taskforce.core.personal import ONESELF, Erasure, Place
from tests.privacy.planting import Field, textual

SCRIPT = (ROOT / "deploy" / "forget.sql").read_text()
# Emptied by the portal itself, in the transaction that answers the request or takes it back.
BY_THE_ANSWER = {("accounts.DeletionRequest", name) for name in ("mailbox", "language", "zone", "receipts")}
# Whose row it is: the file is theirs.
ONES_OWN = {"user", "user_id", "applicant", "reviewer", "entered_by", "pasted_by", "author", "reporter"}
# What one may read of one's own, and the file leaves out.
NOT_GIVEN = {
    ("notifications.OutboxMessage", "domain"): "the end of the mailbox, which is given",
    ("accounts.RoleGrant", "granted_by_id"): "somebody else",
    ("accounts.Invitation", "inviter_id"): "somebody else",
    ("recruitment.Snapshot", "form_key"): "a machine's; the version is proved by its sum, which is given",
    ("recruitment.Snapshot", "fields_digest"): "a machine's; the version is proved by its sum, which is given",
    ("feedback.FeedbackItem", "reference"): "no way leads from a person to a text",
    ("feedback.FeedbackAnswer", "choices"): "no way leads from a person to a text",
}
# UPDATE table [AS name] SET values [FROM …] [WHERE …];
_UPDATES = re.compile(r"^UPDATE (\w+)(?: AS \w+)?\s+SET\b([^;]*?)(?:\b(?:WHERE|FROM)\b[^;]*)?;", re.MULTILINE)


def not_deleted(fields: list[tuple[Field, Erasure]], script: str) -> list[str]:
    """What is wrong with a script that has to delete or empty these fields; a row that goes takes all along."""
    rows_go = {label for (label, _name), erasure in fields if erasure == Erasure.DELETE}
    deleted = set(re.findall(r"^DELETE FROM (\w+)", script, re.MULTILINE))
    emptied = {
        (table, column) for table, values in _UPDATES.findall(script) for column in re.findall(r"(\w+) = ", values)
    }
    found = []
    for (label, name), erasure in fields:
        table, columns = _stored(label, name)
        if erasure == Erasure.DELETE and table not in deleted:
            found.append(f"deploy/forget.sql deletes no row of {table} ({label}.{name}, DELETE on the map)")
        if erasure == Erasure.EMPTY and label not in rows_go:
            found += [
                f"deploy/forget.sql sets no {table}.{column} ({label}.{name}, EMPTY on the map)"
                for column in columns if (table, column) not in emptied
            ]  # fmt: skip
    return found


def _stored(label: str, name: str) -> tuple[str, list[str]]:
    """The table of a model, and the columns of a field; one that is translated has one for each language."""
    meta = apps.get_model(label)._meta
    return meta.db_table, [str(one.column) for one in meta.concrete_fields if _plain(one) == name]


def _plain(field: "models.Field[object, object]") -> str:
    translated = getattr(field, "translated_field", None)
    return str(translated.name if translated is not None else field.name)


def to_delete() -> list[tuple[Field, Erasure]]:
    """Every field of the map that goes, but what the demonstration alone keeps and what lies outside the models."""
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    return [
        ((row.model, name), row.erasure)
        for row in personal.rows() if row.model in known and not row.purpose.is_demo
        for name in row.fields if (row.model, name) not in BY_THE_ANSWER
    ]  # fmt: skip


def test_the_script_names_whatever_the_map_says_goes() -> None:
    assert not_deleted(to_delete(), SCRIPT) == []


JOINED = ("accounts.User", "date_joined")


@pytest.mark.parametrize(
    ("field", "erasure", "script", "said"),
    [
        (JOINED, Erasure.EMPTY, "UPDATE accounts_user\nSET name = '' WHERE date_joined = x;", "sets no accounts_user"),
        (JOINED, Erasure.EMPTY, "DELETE FROM accounts_user;", "sets no accounts_user.date_joined"),
        (("announcements.Member", "since"), Erasure.EMPTY, SCRIPT, "sets no announcements_member.since"),
        (("limits.Counter", "until"), Erasure.DELETE, SCRIPT, "deletes no row of limits_counter"),
        (("accounts.RoleGrant", "role"), Erasure.DELETE, "UPDATE accounts_rolegrant SET role = '';", "deletes no row"),
    ],
)  # fmt: skip
def test_what_it_does_not_name_is_found(field: Field, erasure: Erasure, script: str, said: str) -> None:
    (found,) = not_deleted([(field, erasure)], script)
    assert said in found


# --- one's own file --------------------------------------------------------------------------------------------------


def not_given(fields: Iterable[Field], named: set[str]) -> list[str]:
    """Which of these fields no part of one's own file names."""
    return [f"no part of one's own file gives {label}.{name}" for label, name in fields if name not in named]


@cache
def named_in(app: str) -> set[str]:
    """Every string and attribute in the functions of an app that give one's own data."""
    found: set[str] = set()
    for one in personal.collections():
        module = inspect.getmodule(one.rows)
        assert module is not None
        if apps.get_containing_app_config(module.__name__) is not apps.get_app_config(app):
            continue
        for node in ast.walk(ast.parse(inspect.getsource(one.rows))):
            found |= {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()
            found |= {node.attr} if isinstance(node, ast.Attribute) else set()
    return found


def app_of(label: str) -> str:
    """The app that gives what a model keeps; of packages the one that they stand beneath."""
    app = label.partition(".")[0]
    return "accounts" if app in ("account", "mfa", "socialaccount") else app


def own() -> list[Field]:
    """The fields without words that their own person may read."""
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    return [
        (row.model, name)
        for row in personal.rows()
        if row.model in known and ONESELF in row.readers and Place.OWN in row.places and not row.purpose.is_demo
        for name in row.fields
        if not textual(row.model, name) and name not in ONES_OWN and (row.model, name) not in NOT_GIVEN
    ]  # fmt: skip


def test_ones_own_file_names_whatever_is_ones_own() -> None:
    assert [problem for label, name in own() for problem in not_given([(label, name)], named_in(app_of(label)))] == []


def test_what_is_not_in_ones_own_file_is_found() -> None:
    """The twin: a date of the account, were it not given."""
    (found,) = not_given([JOINED], named_in("accounts") - {"date_joined"})
    assert "accounts.User.date_joined" in found
