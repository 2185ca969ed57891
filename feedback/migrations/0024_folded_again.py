"""What items are found by, in the form in which they are searched from now on: Arabic and Chinese letters folded."""

from typing import Any

from django.db import migrations
from django.db.models import Q

from feedback.search import folded

_COLUMNS = ("search_text", "translated_text")


def fold(apps: Any, _editor: Any) -> None:
    """The form of a text in this form is the text itself, so that what was folded before is folded further."""
    items = apps.get_model("feedback", "FeedbackItem").objects
    found = items.filter(~Q(search_text="", translated_text="")).only(*_COLUMNS)
    for item in found.iterator(chunk_size=500):
        words = {name: folded(getattr(item, name)) for name in _COLUMNS}
        if any(getattr(item, name) != text for name, text in words.items()):
            items.filter(pk=item.pk).update(**words)
    waiting = apps.get_model("feedback", "FeedbackUnconfirmed").objects
    for row in waiting.iterator():
        if row.said.get("search_text"):
            row.said["search_text"] = folded(row.said["search_text"])
            row.save(update_fields=["said"])


class Migration(migrations.Migration):
    dependencies = [("feedback", "0023_who_spoke")]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
