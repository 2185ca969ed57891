"""What became of the mails to an applicant, said as the outbox knows it and no better."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from recruitment import queries
from recruitment.enums import Fate
from recruitment.models import Application
from recruitment.notices import applying, changing, deciding
from taskforce.core import languages
from taskforce.notifications import kinds, rendering
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage

# For how long a mail that has not gone out yet is said to be on its way; then it waits, and that is said.
_ON_ITS_WAY = timedelta(hours=1)
_ENDED = {
    MessageState.SENT: Fate.SENT,
    MessageState.UNKNOWN: Fate.UNSURE,
    MessageState.FAILED: Fate.FAILED,
    MessageState.EXPIRED: Fate.LATE,
    MessageState.SUPERSEDED: Fate.DROPPED,
}
# More than these no page shows; the file of one's own data has them all.
MOST_LETTERS = 20


class MailNote(NamedTuple):
    """What became of a mail to `address`: `at` it was sent, or was to be sent."""

    address: str
    fate: Fate
    at: datetime


class Letter(NamedTuple):
    """A mail to the applicant: under which key, its subject in its own language, and what became of it."""

    key: str
    subject: str
    language: str
    note: MailNote

    @property
    def lang(self) -> str:
        """The language of its subject, for a page."""
        return languages.html_lang(self.language)

    @property
    def direction(self) -> str:
        """The direction in which its subject runs."""
        return languages.direction(self.language)

    def as_row(self) -> dict[str, Any]:
        """For programs; its state as a code."""
        note = self.note
        told = {"address": note.address, "state": str(note.fate), "at": note.at}
        return {"subject": self.subject, "language": self.language, **told}


def note_of(key: str, letters: Sequence[Letter]) -> MailNote | None:
    """What became of the mail under `key`; None where it is not among these (any more)."""
    return next((one.note for one in letters if one.key == key), None)


def letters(
    applications: Sequence[Application], decided: Collection[int], at: datetime, *, most: int | None = MOST_LETTERS
) -> list[Letter]:
    """The mails about these applications, of which the versions are at hand, as they stand `at`; the newest first.

    About what was decided only of those in `decided`, whose outcome was told.
    """
    if not applications:
        return []
    about = Q(pk__in=[])
    for one in applications:
        whole, begin = applying.keys(one, queries.versions(one))
        whole += [deciding.decision_key(one)] if one.pk in decided else []
        about |= Q(key__in=whole) | changing.about(one)
        for start in begin:
            about |= Q(key__startswith=start)
    found = OutboxMessage.objects.filter(about).order_by("-created_at", "-pk")[:most]
    return [Letter(mail.key, _subject(mail), mail.language, _note(mail, at)) for mail in found]


def in_words(fate: Fate) -> str:
    """What became of a mail, in a word or two, for a file that is read."""
    return {
        Fate.SENT: _("sent"),
        Fate.COMING: _("on its way"),
        Fate.WAITING: _("waiting to be sent"),
        Fate.UNSURE: _("not known to be sent"),
        Fate.FAILED: _("could not be delivered"),
        Fate.LATE: _("was not sent in time"),
        Fate.DROPPED: _("not sent: it was no longer needed"),
    }[fate]


def _note(mail: OutboxMessage, at: datetime) -> MailNote:
    fate = _ENDED.get(MessageState(mail.state)) or _fate_ahead(mail, at)
    return MailNote(mail.mailbox, fate, mail.sent_at or mail.created_at)


def _fate_ahead(mail: OutboxMessage, at: datetime) -> Fate:
    """Of what a sender has, or will have: nobody calls a mail that has stood there for weeks on its way."""
    if mail.valid_until is not None and mail.valid_until <= at:
        return Fate.LATE
    return Fate.COMING if at - mail.created_at < _ON_ITS_WAY else Fate.WAITING


def _subject(mail: OutboxMessage) -> str:
    return rendering.subject(kinds.get(mail.kind), mail.context, mail.language, mail.zone)
