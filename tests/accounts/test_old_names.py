"""Names that were stored before names were cleaned are cleaned by a migration, once and for all."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import User
from taskforce.core.text import clean_name

pytestmark = pytest.mark.django_db
MIGRATION = import_module("taskforce.accounts.migrations.0008_names_without_disguises")
# As they lie there, and as they come out: what a script needs stays, though nobody sees it.
OLD = {
    "A\u200bda\u202e": "Ada",
    "Z\u0336\u0336\u0336\u0336\u0336\u0336\u0336oe": "Z\u0336oe",
    "  Bo\u00adb  B. ": "Bob B.",
    "می\u200cخواهم": "می\u200cخواهم",
    "\u202e\u200b": "\u202e\u200b",
    "": "",
    "Vera": "Vera",
}


def migrate() -> int:
    """Run it; how many statements that took."""
    with CaptureQueriesContext(connection) as made:
        MIGRATION.clean(apps, SimpleNamespace(connection=connection))
    return len(made)


def test_old_names_are_cleaned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches, whatever their size; one of which nothing would be left stays, and a second run changes nothing."""
    monkeypatch.setattr(MIGRATION, "BATCH", 3)
    rows = {name: User.objects.create_user(f"a{turn}@x.example", name=name) for turn, name in enumerate(OLD)}
    first = migrate()
    found = {name: User.objects.get(pk=row.pk).name for name, row in rows.items()}
    assert found == OLD
    assert {name for name in found.values() if clean_name(name) not in ("", name)} == set()
    assert first - migrate() == sum(old != new for old, new in OLD.items())
    assert {name: User.objects.get(pk=row.pk).name for name, row in rows.items()} == OLD
