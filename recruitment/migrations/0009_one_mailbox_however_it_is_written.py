"""The code of a mailbox is made without tag and dots by now: those that are kept are made anew.

The code tells no mailbox, so it is made of an address of the applicant's account, and only where the former code was
made of that very address. Where none of them is it, the code stays as it was: it still tells the mailbox as it was
written then. So it does where an account applied from each of two spellings: neither application is undone.
"""

from typing import Any

from django.db import migrations
from django.utils.crypto import salted_hmac

from taskforce.limits.mailboxes import folded


def _key(mailbox: str) -> str:
    return salted_hmac("recruitment.mailbox", mailbox, algorithm="sha256").hexdigest()


def fold(apps: Any, schema_editor: Any) -> None:
    """Each code, the earlier application before the later one."""
    applications = apps.get_model("recruitment", "Application")
    addresses = apps.get_model("account", "EmailAddress")
    for row in applications.objects.exclude(mailbox_key="").select_related("applicant").order_by("submitted_at", "pk"):
        known = [row.applicant.email, *addresses.objects.filter(user=row.applicant_id).values_list("email", flat=True)]
        made_of = next((one for one in known if _key(one.strip().lower()) == row.mailbox_key), None)
        if made_of is None:
            continue
        new = _key(folded(made_of))
        if applications.objects.filter(call=row.call_id, mailbox_key=new).exclude(pk=row.pk).exists():
            continue
        applications.objects.filter(pk=row.pk).update(mailbox_key=new)


class Migration(migrations.Migration):
    dependencies = [
        ("recruitment", "0008_words_by_acts"),
        ("account", "0001_initial"),
    ]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
