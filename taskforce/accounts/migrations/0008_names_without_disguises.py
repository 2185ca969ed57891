"""Names that were stored before `core.disguises` came, cleaned as a name is that comes in now.

By the function of the day, not by a copy: whenever this runs, a name is as if it came in then. A name of which nothing
would be left stays as it is; a second run finds nothing.
"""

from typing import Any

from django.db import migrations

from taskforce.core.text import clean_name

# So many rows are in memory at once.
BATCH = 1000


def clean(apps: Any, schema_editor: Any) -> None:
    """Clean the names of accounts; one that somebody changes meanwhile is theirs."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    longest, last = users.model._meta.get_field("name").max_length, 0
    while batch := list(users.filter(pk__gt=last).order_by("pk").values_list("pk", "name")[:BATCH]):
        for pk, name in batch:
            cleaned = clean_name(name)[:longest]
            if cleaned not in ("", name):
                users.filter(pk=pk, name=name).update(name=cleaned)
        last = batch[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_deletion_receipts"),
    ]

    operations = [
        migrations.RunPython(clean, migrations.RunPython.noop),
    ]
