"""What reviewing and deciding keeps. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from recruitment.personal_data.purposes import DECIDERS, OWN_AND_STAFF, PANEL, REVIEWING
from taskforce.core.personal import ONESELF, Erasure, Place, Row


def reviews() -> tuple[Row, ...]:
    """Of reviews, scores and decisions."""
    for_good = _("for good, as a part of how the process was run")
    return (
        Row(
            REVIEWING, "recruitment.Review", ("note",), _("a reviewer’s own notes"),
            for_good, frozenset({ONESELF}), frozenset({Place.STAFF, Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            REVIEWING, "recruitment.Review", ("reviewer", "state", "saved_at", "submitted_at"),
            _("who reviewed an application, and when"),
            for_good, PANEL, frozenset({Place.STAFF}), Erasure.RENAME,
        ),
        Row(
            REVIEWING, "recruitment.Score", ("value",), _("how an application was scored"),
            for_good, PANEL, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
        Row(
            REVIEWING, "recruitment.Decision", ("outcome", "state", "decided_at", "released_at"),
            _("what was decided about an application; you are told when all are"),
            for_good, DECIDERS | {ONESELF}, OWN_AND_STAFF | {Place.OWN_MAIL}, Erasure.KEEP,
        ),
        Row(
            REVIEWING, "recruitment.Decision", ("reason", "decided_by"), _("who decided, and with which reason"),
            for_good, DECIDERS, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip
