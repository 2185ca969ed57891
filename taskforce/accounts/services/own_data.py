"""Everything of one's own in one file, collected from all apps; that it was taken along is an entry of the log."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from taskforce.accounts import queries
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import personal


@transaction.atomic
def take_along(user: User, *, at: datetime) -> dict[str, Any]:
    """The file as plain values: where it is from, when it was made, and each part with its title and rows."""
    parts = own_parts(user)
    log.record("account.data-taken", user, at=at, actor_id=user.pk, parts={code: len(rows) for code, rows in parts})
    titles = {one.code: str(one.title) for one in personal.collections()}
    return {
        "from": settings.SITE_URL,
        "made_at": at,
        "parts": {code: {"title": titles[code], "rows": rows} for code, rows in parts},
    }


def own_parts(user: User) -> list[tuple[str, list[dict[str, Any]]]]:
    """(code, rows) of each part: what is the person's own and was told to them, also what confirmed mailboxes hold."""
    mailboxes = queries.confirmed_since(user)
    return [(one.code, one.rows(user, mailboxes)) for one in personal.collections()]
