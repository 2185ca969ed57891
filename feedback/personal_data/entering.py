"""What facilitators bring in from elsewhere. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from feedback.personal_data.purposes import (
    ENTERING,
    PLACES,
    READERS,
)
from taskforce.core import personal
from taskforce.core.personal import NOBODY, ONESELF, Erasure, Place, Row


def entered() -> None:
    """What facilitators enter for whoever spoke elsewhere. It stays, as a part of the process, when they are gone."""
    personal.register(
        Row(
            ENTERING, "feedback.FeedbackItem", ("entered_by",), _("that it was you who entered it"),
            _("as long as you have the account"), READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            ENTERING, "feedback.FeedbackItem", ("place_url",),
            _("what somebody was when they spoke, and where it is to be read; of a public text that says so, everybody "
              "reads both"),
            _("for good, as a part of the process; once you take it back, it is gone"),
            READERS, PLACES, Erasure.KEEP, is_watched=True,
        ),
        Row(
            ENTERING, "feedback.FeedbackItem", ("spoke_words", "consent_at"),
            _("who spoke, in words that nobody but staff reads, and when you said that those who spoke know of it"),
            _("for good, as a part of the process; once you take it back, it is gone"),
            READERS, PLACES, Erasure.KEEP, is_watched=True,
        ),
    )  # fmt: skip
    # A word of a list, in which nobody is.
    personal.impersonal("feedback.FeedbackItem", "spoke")
    until_old = _("thirty days after you pasted it; of a line that is entered, until then")
    personal.register(
        Row(
            ENTERING, "feedback.Sheet", ("pasted_by", "names", "pasted_at", "shown_at"),
            _("that you pasted a table, when, and what its columns are called"),
            until_old, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
        Row(
            ENTERING, "feedback.SheetLine", ("cells",), _("its lines that are not entered"),
            until_old, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
        Row(
            ENTERING, "feedback.SheetLine", ("told",), _("what was read of such a line"),
            until_old, NOBODY, frozenset(), Erasure.DELETE,
        ),
        Row(
            ENTERING, "feedback.Sheet", ("form_key", "fields_digest"),
            _("codes by which the same table is not taken twice"), until_old, NOBODY, frozenset(), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.Sheet", "id", "window", "columns", "fallbacks", "in_grace")
    personal.impersonal("feedback.SheetLine", "id", "sheet", "number", "fault", "item")
