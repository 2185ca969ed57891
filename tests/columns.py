"""The columns of the database that hold words, and words written into each of them.

Written as a restored or stolen database would hold them: past every service, rule and trigger.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import OperationalError, connection, models, transaction
from psycopg2.errors import DeadlockDetected

from proposals.models import UnitText
from taskforce.core import markdown
from tests.databases import log_unguarded

# Why words of anybody cannot stand in a column, by the name of such fields or by `app.Model.field`. Passed over are
# also fields with choices, whose codes the pages look up, and slugs, which are parts of the pages' own addresses.
NO_WORDS = {
    "names a language of the portal or a zone of its clock: without it there is no page": {
        *("language", "mail_language", "reason_language", "source_language", "read_language", "zone"),
        *("feedback.SummaryDraft.source", "feedback.Summary.source", "feedback.Summary.outdated"),
    },
    "names what the code has: a kind, a topic, a model, a way in, an act, a limit": {
        *("notifications.Mailing.kind", "notifications.Mailing.topic", "notifications.OutboxMessage.kind"),
        *("notifications.OutboxMessage.topic", "auth.Permission.codename", "contenttypes.ContentType.app_label"),
        *("contenttypes.ContentType.model", "socialaccount.SocialAccount.provider", "audit.Entry.action"),
        *("audit.Entry.target_type", "limits.Counter.what", "auth.Group.name", "choices", "feedback.Sheet.columns"),
    },
    "a key, a count's name or a digest that a machine has made and looks up again": {
        *("form_key", "fields_digest", "saved_form_key", "saved_digest", "sha256", "token_hash", "mailbox_key"),
        *("account.EmailConfirmation.key", "limits.Counter.key", "notifications.Mailing.key", "message_id"),
        *("feedback.FeedbackBlock.code", "feedback.FeedbackItem.poster"),
        *("notifications.OutboxMessage.key", "notifications.RecipientDomain.domain", "reference"),
        *("notifications.OutboxMessage.domain", "notifications.Mailing.params"),
    },
    "what is written anew from another column": {"html"},
    "sealed or hashed: with other words in it nobody is signed in any more": {
        *("sessions.Session.session_key", "sessions.Session.session_data", "mfa.Authenticator.data"),
        "accounts.User.password",
    },
    "the mailbox of the demonstration, which whole mails with such words reach": {
        *("portal.DemoMail.raw", "portal.DemoMail.recipient"),
    },
}
# Of a JSON value, what is no word of anybody.
CODES = re.compile(r"(language|zone|kind|shape)$|^(topic|slug|code|choice|more|number|key|joined|source|made)$")
_MAILBOXES = {"email", "mailbox"}
# By a rule of the database nothing stands here of what was said on the portal itself.
_ONLY_ELSEWHERE = {"feedback.FeedbackItem.spoke_words", "feedback.FeedbackItem.place_url"}
# Of a long table the oldest rows and the newest, which pages show first.
_AT_EITHER_END = 40
# Until it is given up to come through beside the portal at work.
_TIMES = 3

# What to write, for the name of a column and how many characters fit into it (None: any number).
Words = Callable[[str, int | None], str]
Column = Any


def excuse(column: Column) -> str:
    """Why no words stand in a column of texts; "" where they can."""
    if isinstance(column, models.SlugField):
        return "a part of an address"
    if (column.base_field if isinstance(column, ArrayField) else column).choices:
        return "a code"
    label = f"{column.model._meta.label}.{column.name}"
    return next((why for why, names in NO_WORDS.items() if column.name in names or label in names), "")


def of_texts() -> Iterator[Column]:
    """Every column of every table that can hold a text."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            kind = column.base_field if isinstance(column, ArrayField) else column
            if isinstance(kind, models.CharField | models.TextField | models.JSONField | models.BinaryField):
                yield column


def write(words: Words, keep: Iterable[str] = ()) -> int:
    """As below; again where it met the portal at work, which takes the same rows and the log in its own order."""
    kept = list(keep)
    for _time in range(_TIMES - 1):
        try:
            return _write(words, kept)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return _write(words, kept)


def _write(words: Words, keep: Iterable[str]) -> int:
    """Write words into every column that can hold some, of every table; returns how many were written.

    One mailbox becomes the same words wherever it stands, but those to `keep`; HTML that the portal made from Markdown
    is made again.
    """
    written = 0
    mailboxes = {mailbox: mailbox for mailbox in keep}
    by_model: dict[Any, list[Column]] = {}
    for column in of_texts():
        if not excuse(column):
            by_model.setdefault(column.model, []).append(column)
    with transaction.atomic(), connection.cursor() as cursor, log_unguarded(cursor):
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model, columns in by_model.items():
            rows = list(model._default_manager.order_by("pk").values("pk", *(each.attname for each in columns)))
            for row in rows[:_AT_EITHER_END] + rows[_AT_EITHER_END:][-_AT_EITHER_END:]:
                values = {each.attname: _value(each, row[each.attname], words, mailboxes) for each in columns}
                if model is UnitText:
                    values["html"] = markdown.render_inline(values["text"])
                model._default_manager.filter(pk=row["pk"]).update(**values)
                written += len(values)
        _follow(by_model, mailboxes)
        cursor.execute("SET LOCAL session_replication_role = origin")
    return written


def _follow(by_model: dict[Any, list[Column]], mailboxes: dict[str, str]) -> None:
    """One that has become other words becomes the same in the rows between: by it people find what they may see."""
    changed = {before: after for before, after in mailboxes.items() if before != after}
    for model, columns in by_model.items():
        for each in (one.attname for one in columns if one.name in _MAILBOXES):
            left = model._default_manager.filter(**{f"{each}__in": changed})
            for pk, before in list(left.values_list("pk", each)):
                model._default_manager.filter(pk=pk).update(**{each: changed[before]})


def _value(column: Column, before: Any, words: Words, mailboxes: dict[str, str]) -> Any:
    name = f"{column.model._meta.label}.{column.name}"
    if isinstance(column, models.JSONField):
        return inside("", before, lambda inner: words(f"{name}.{inner}", None))
    if isinstance(column, ArrayField):
        return [words(name, None) for _each in before]
    if name in _ONLY_ELSEWHERE and not before:
        return before
    if column.name in _MAILBOXES:
        if before and before not in mailboxes:
            # Unlike each other, as the database wants them.
            text = words("mailbox", 180).replace("\n", " ").lower()
            mailboxes[before] = f'"{text}"{len(mailboxes)}@evil.test'
        return mailboxes.get(before, before)
    text = words(name, column.max_length)
    return text[: column.max_length] if column.max_length else text


def inside(name: str, value: Any, words: Callable[[str], str], codes: re.Pattern[str] = CODES) -> Any:
    """A JSON value with words in the place of every text but codes (by their names), instants and addresses."""
    if isinstance(value, dict):
        return {key: inside(str(key), inner, words, codes) for key, inner in value.items()}
    if isinstance(value, list):
        return [inside(name, inner, words, codes) for inner in value]
    if not isinstance(value, str) or codes.search(name) or value.startswith("http"):
        return value
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return words(name)
    return value
