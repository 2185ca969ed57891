"""What changing a call keeps. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from recruitment.personal_data.purposes import CALLING
from taskforce.core.personal import ANYBODY, Erasure, Place, Row


def changes() -> tuple[Row, ...]:
    """Who changed what a published call had promised."""
    public = frozenset({Place.PUBLIC, Place.STAFF, Place.OWN, Place.OWN_MAIL, Place.OTHER_MAIL})
    return (
        Row(
            CALLING, "recruitment.CallChange", ("actor_id", "actor_name", "reason"),
            _("who of the staff changed the seats or the criteria of a call, and why"),
            _("for good, as a part of how the process was run"), frozenset({ANYBODY}), public, Erasure.KEEP,
        ),
    )  # fmt: skip
