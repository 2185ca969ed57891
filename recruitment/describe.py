"""A call and an application as text, in the active language."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from recruitment import queries
from recruitment.enums import ApplicationState
from recruitment.models import Application, Decision, Snapshot
from recruitment.notices import applying, changing, deciding
from taskforce.core import languages
from taskforce.notifications import kinds, rendering
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage

# For how long after its cause a mail that has not gone out yet is said to be on its way.
_ON_ITS_WAY = timedelta(hours=1)
_COMING = (MessageState.QUEUED, MessageState.SENDING)


class MailNote(NamedTuple):
    """Where a mail to the applicant stands: sent to `address` at `sent_at`, or (None) on its way there."""

    address: str
    sent_at: datetime | None


def mail_note(key: str, caused_at: datetime, at: datetime) -> MailNote | None:
    """What is known of the mail under `key`: that it was sent, or, in the first hour, that it is on its way."""
    mail = OutboxMessage.objects.filter(key=key).first()
    if mail is None:
        return None
    if mail.state == MessageState.SENT and mail.sent_at is not None:
        return MailNote(mail.mailbox, mail.sent_at)
    if mail.state in _COMING and at - caused_at < _ON_ITS_WAY:
        return MailNote(mail.mailbox, None)
    return None


class Letter(NamedTuple):
    """A mail to the applicant: its subject in its own language, and what became of it when."""

    subject: str
    language: str
    state: str
    at: datetime

    @property
    def lang(self) -> str:
        """The language of its subject, for a page."""
        return languages.html_lang(self.language)

    @property
    def direction(self) -> str:
        """The direction in which its subject runs."""
        return languages.direction(self.language)


# More than these no page shows; the file of one's own data has them all.
MOST_LETTERS = 20


def letters(
    applications: Sequence[Application], decided: Collection[int], *, most: int | None = MOST_LETTERS
) -> list[Letter]:
    """The mails about these applications, which come with their snapshots, the newest first.

    About what was decided only of those in `decided`, whose outcome was told.
    """
    about = Q(pk__in=[])
    for one in applications:
        whole, begin = applying.keys(one, one.snapshots.all())
        whole += [deciding.decision_key(one)] if one.pk in decided else []
        about |= Q(key__in=whole) | changing.about(one)
        for start in begin:
            about |= Q(key__startswith=start)
    found = OutboxMessage.objects.filter(about).order_by("-created_at", "-pk")[:most]
    return [_letter(mail) for mail in found]


def _letter(mail: OutboxMessage) -> Letter:
    if mail.state == MessageState.SENT and mail.sent_at is not None:
        return Letter(_subject(mail), mail.language, _("sent"), mail.sent_at)
    said = {MessageState.FAILED: _("could not be delivered"), MessageState.EXPIRED: _("was not sent in time")}
    words = _("on its way") if mail.state in _COMING else said.get(MessageState(mail.state), _("not known to be sent"))
    return Letter(_subject(mail), mail.language, words, mail.created_at)


def _subject(mail: OutboxMessage) -> str:
    return rendering.subject(kinds.get(mail.kind), mail.context, mail.language, mail.zone)


class Standing(NamedTuple):
    """Where an application stands, as its applicant may know it: nothing here derives from a held decision."""

    application: Application | None
    snapshot: Snapshot | None
    told: Decision | None
    is_changed: bool

    @property
    def is_live(self) -> bool:
        """There is one that was not withdrawn."""
        return self.application is not None and self.application.state != ApplicationState.WITHDRAWN

    @property
    def is_submitted(self) -> bool:
        """There is one that was submitted and not withdrawn."""
        return self.is_live and self.snapshot is not None

    @property
    def has_draft(self) -> bool:
        """Something is stored that was not submitted, and still matters: once the outcome was told, nothing does."""
        if not self.is_live or self.told is not None:
            return False
        return self.is_changed if self.snapshot is not None else self.version > 0

    @property
    def can_withdraw(self) -> bool:
        """It can be taken back until its outcome is told."""
        return self.is_live and self.told is None

    @property
    def can_take_back(self) -> bool:
        """It was withdrawn, and is the last one: while the call is open, that can be taken back."""
        return self.application is not None and not self.is_live

    @property
    def version(self) -> int:
        """The version that a form shown now is typed on; 0 where nothing is stored."""
        return self.application.version if self.application is not None and self.is_live else 0


def is_live(application: Application) -> bool:
    """Whether it was not withdrawn."""
    return application.state != ApplicationState.WITHDRAWN


def standing(application: Application | None) -> Standing:
    """The standing of an application; `is_changed`: saved after it was submitted, and not submitted again."""
    if application is None:
        return Standing(None, None, None, is_changed=False)
    snapshot = queries.latest_snapshot(application)
    changed = snapshot is not None and queries.is_changed(application)
    return Standing(application, snapshot, queries.told(application), is_changed=changed)


def receipt_mail(mine: Standing, at: datetime) -> MailNote | None:
    """Where the receipt for what was submitted last stands."""
    if mine.snapshot is None:
        return None
    return mail_note(applying.receipt_key(mine.snapshot), mine.snapshot.submitted_at, at)


def outcome_mail(mine: Standing, at: datetime) -> MailNote | None:
    """Where the mail about the outcome stands; None before the outcome was told, whatever was decided."""
    if mine.application is None or mine.told is None or mine.told.released_at is None:
        return None
    return mail_note(deciding.decision_key(mine.application), mine.told.released_at, at)
