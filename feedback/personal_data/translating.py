"""What translating what others said keeps. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from feedback.personal_data.purposes import (
    PUBLIC,
    TRANSLATING,
)
from taskforce.core import personal
from taskforce.core.personal import ANYBODY, NOBODY, ONESELF, Erasure, Place, Row


def translations() -> None:
    """Translations, and who made them."""
    personal.register(
        Row(
            TRANSLATING, "feedback.FeedbackTranslation", ("name",),
            _("the name to show with a translation, if you gave one; everybody reads it"),
            _("until you ask for its deletion"), frozenset({ANYBODY}), PUBLIC, Erasure.EMPTY,
        ),
        Row(
            TRANSLATING, "feedback.FeedbackTranslation", ("translator", "role"),
            _("your account, and in which role you translated; everybody reads the role"),
            _("for good, as a part of the process; once you ask for its deletion, nobody’s"),
            frozenset({ANYBODY}), PUBLIC, Erasure.RENAME,
        ),
        Row(
            TRANSLATING, "feedback.FeedbackTranslation", ("texts",),
            _("a translation of what somebody said; everybody reads it, as long as they read what it translates"),
            _("for good, as a part of the process, but where what it translates goes"),
            frozenset({ANYBODY}), PUBLIC, Erasure.KEEP,
        ),
        Row(
            TRANSLATING, "feedback.SummaryDraft", ("hands",),
            _("that you translated a part of a summary, or compared a translation of it with its source"),
            _("as long as the draft of the summary is kept; once you ask for its deletion, nobody’s"),
            frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.KEEP,
        ),
        Row(
            TRANSLATING, "feedback.FeedbackItem", ("translated_text",),
            _("translations of what you wrote, without accents and capitals, so that a public text is found by them"),
            _("until you withdraw your text or ask for its deletion"), NOBODY, frozenset(), Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackTranslation", "id", "item", "language", "number", "edits", "at")
