"""What agreeing and replying keep. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from feedback.personal_data.purposes import (
    PLACES,
    PURPOSE,
    READERS,
    TOLD,
    UNTIL_WITHDRAWN,
)
from taskforce.core import personal
from taskforce.core.personal import NOBODY, ONESELF, Erasure, Place, Row


def agreements() -> None:
    """Who agrees with what."""
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackAgreement", ("user", "item", "edits", "at"),
            _("what of others you agree with, and since when; everybody sees how many agree, nobody who"),
            _("until you take it back"), frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackAgreement", "id")


def replies() -> None:
    """What was replied."""
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackReply", ("name",),
            _("the name to show with a reply, if you gave one; everybody reads it"),
            _("until you withdraw your reply"), READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("text",),
            _("what you replied to what others said; everybody reads it"),
            UNTIL_WITHDRAWN, READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("author",),
            _("your account, from which a reply came; nobody but you can see that it is yours"),
            _("until you ask for its deletion"), frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.RENAME,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("reference", "state_reason", "rule"),
            _("its reference, and why it was published or hidden; why a reply is hidden everybody reads"),
            _("for good, so that an answer to it still leads somewhere"), READERS, TOLD, Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("form_key", "fields_digest"),
            _("codes by which the same form is not taken twice"),
            UNTIL_WITHDRAWN, NOBODY, frozenset(), Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("fingerprint",),
            _("marks by which nearly equal texts are found; what you wrote cannot be read from them"),
            _("until you withdraw your reply"), NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("suspicion",),
            _("what about it looked like a machine’s, where something did"),
            UNTIL_WITHDRAWN, READERS - {ONESELF}, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackReply", "id", "item", "is_answer", "language", "state", "state_at", "was_public",
        "received_at", "in_grace",
    )  # fmt: skip
