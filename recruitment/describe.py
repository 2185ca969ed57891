"""A call and an application as text, in the active language."""

from typing import NamedTuple

from recruitment import queries
from recruitment.enums import ApplicationState
from recruitment.models import Application, Decision, Snapshot


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
    def can_withdraw(self) -> bool:
        """It can be taken back until its outcome is told."""
        return self.is_live and self.told is None

    @property
    def version(self) -> int:
        """The version that a form shown now is typed on; 0 where nothing is stored."""
        return self.application.version if self.application is not None and self.is_live else 0


def standing(application: Application | None) -> Standing:
    """The standing of an application; `is_changed`: saved after it was submitted, and not submitted again."""
    if application is None:
        return Standing(None, None, None, is_changed=False)
    snapshot = queries.latest_snapshot(application)
    changed = snapshot is not None and queries.draft_content(application) != snapshot.answers
    return Standing(application, snapshot, queries.told(application), is_changed=changed)
