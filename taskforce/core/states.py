"""Transition tables: pure data {(status, action): status}, looked up here and nowhere else."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from taskforce.core.errors import Conflict

Table = Mapping[tuple[str, str], str]


def step(table: Table, status: str, action: str) -> str:
    """The status after `action`; `Conflict` (409) where the table has no such step: it has the label of a member."""
    try:
        return table[(str(status), action)]
    except KeyError:
        name = status.label if isinstance(status, TextChoices) else status
        raise Conflict(_("This was already handled: its state is now “%(state)s”.") % {"state": name}) from None
