"""What the rooms that join the apps keep about people: the mailbox of the demonstration."""

from django.utils.translation import gettext_lazy as _

from taskforce.core import personal
from taskforce.core.personal import ANYBODY, Erasure, Place, Purpose, Row

DEMO = Purpose(
    "demonstration",
    _("Mailbox of the demonstration"),
    _("So that whoever tries the portal sees every mail it sends. A portal that is in use has no such mailbox."),
    is_demo=True,
)


def register() -> None:
    """Fill the map."""
    personal.register(
        Row(
            DEMO, "portal.DemoMail", ("raw", "recipient", "message_id"), _("every mail, whole"),
            _("until the demonstration is reset"), frozenset({ANYBODY}), frozenset({Place.DEMO}), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.impersonal("portal.DemoMail", "id", "received_at", "arrivals")
