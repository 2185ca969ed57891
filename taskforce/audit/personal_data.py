"""What the audit log keeps about people."""

from django.utils.translation import gettext_lazy as _

from taskforce.core import personal
from taskforce.core.personal import Erasure, Place, Purpose, Row

READERS = frozenset({"coordinator", "deputy", "observer", "data-officer", "administrator"})
PURPOSE = Purpose(
    "acts",
    _("Who did what"),
    _("So that everybody who runs a process can be held to it: nothing is changed in secret, and who looked is known."),
)


def register() -> None:
    """Fill the map."""
    staff = frozenset({Place.STAFF})
    for_good = _("for good; your name is not in it and goes with your account")
    personal.register(
        Row(
            PURPOSE, "audit.Entry", ("actor_id", "target_id"), _("the number of your account at what you did"),
            for_good, READERS, staff, Erasure.RENAME, is_watched=True,
        ),
        Row(
            PURPOSE, "audit.Entry", ("reason", "details"),
            _("reasons that staff gave, and facts about an act; never what somebody wrote, never an address"),
            for_good, READERS, staff, Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal("audit.Entry", "id", "at", "action", "task_force_id", "target_type", "is_read")
