"""A call and an application as text, in the active language."""

from collections.abc import Sequence
from typing import NamedTuple

from recruitment import mailed, queries
from recruitment.enums import ApplicationState
from recruitment.models import Application, Decision, Snapshot
from recruitment.notices import applying, deciding


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


def standing(application: Application | None, versions: Sequence[Snapshot] | None = None) -> Standing:
    """The standing of an application, with what was submitted of it where that is at hand, the first one before the
    others; `is_changed`: saved after it was submitted, and not submitted again."""
    if application is None:
        return Standing(None, None, None, is_changed=False)
    snapshot = queries.latest_snapshot(application) if versions is None else next(reversed(versions), None)
    changed = snapshot is not None and queries.is_changed(application)
    return Standing(application, snapshot, queries.told(application), is_changed=changed)


def receipt_mail(mine: Standing, letters: Sequence[mailed.Letter]) -> mailed.MailNote | None:
    """What became of the receipt for what was submitted last, which is among these mails."""
    return mailed.note_of(applying.receipt_key(mine.snapshot), letters) if mine.snapshot is not None else None


def outcome_mail(mine: Standing, letters: Sequence[mailed.Letter]) -> mailed.MailNote | None:
    """What became of the mail about the outcome; None before the outcome was told, whatever was decided."""
    if mine.application is None or mine.told is None:
        return None
    return mailed.note_of(deciding.decision_key(mine.application), letters)
