"""What saying something keeps: items, drafts, what waits, and cookies. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from feedback import browsers, sent
from feedback.personal_data.purposes import (
    PLACES,
    PURPOSE,
    READERS,
    TOLD,
    UNTIL_WITHDRAWN,
)
from taskforce.core import personal
from taskforce.core.personal import NOBODY, ONESELF, Erasure, Place, Row


def items() -> None:
    """What was said, as it stands and as it was worded before, and by what it is found."""
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackItem", ("name",),
            _("the name to show, if you gave one; with a public text everybody reads it"),
            _("until you withdraw your text"), READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackAnswer", ("text", "choices"),
            _("what you wrote and chose; a public text everybody reads among all that was said"),
            UNTIL_WITHDRAWN, READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackWording", ("answers",),
            _("what you wrote and chose before you changed it, without the name"),
            UNTIL_WITHDRAWN, READERS - {ONESELF}, frozenset({Place.STAFF}), Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("author",),
            _("your account, where a window asks for one; nobody but you can see that a text is yours"),
            _("until you ask for its deletion"), frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.RENAME,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("reference", "state_reason", "rule"),
            _("its reference, and why it was published or hidden; why a public text is hidden everybody reads"),
            _("for good, so that an answer to it still leads somewhere"), READERS, TOLD, Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("form_key", "fields_digest", "token_hash"),
            _("codes by which the same form is not taken twice and your link leads to your text"),
            UNTIL_WITHDRAWN, NOBODY, frozenset(), Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("search_text",),
            _("what you wrote, without accents and capitals, so that a public text is found by its words"),
            _("until you withdraw your text"), NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("fingerprint",),
            _("marks by which nearly equal texts are found; what you wrote cannot be read from them"),
            _("until you withdraw your text"), NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("suspicion",),
            _("what about it looked like a machine’s, where something did"),
            UNTIL_WITHDRAWN, READERS - {ONESELF}, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackItem", "id", "window", "revision", "unit", "language", "channel", "visibility", "state",
        "state_at", "received_at", "confirmed_at", "in_grace", "was_public", "answered", "said_on", "read_language",
        "read_state", "read_percent", "edits", "edited_at", "terms", "agreed", "replied", "alike", "standing", "became",
        "became_in",
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackAnswer", "id", "item", "question")
    personal.impersonal("feedback.FeedbackWording", "id", "item", "number", "said_at", "language", "visibility", "unit")


def drafts() -> None:
    """What was typed and not sent."""
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackDraft", ("fields",),
            _("what you typed in the form and did not send; whoever uses the same browser finds it"),
            _("until you send it or throw it away; at most 60 days, or 30 days after the close"),
            frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EXPIRE,
        ),
        Row(
            PURPOSE, "feedback.FeedbackDraft", ("browser_hash",),
            _("a code by which your browser finds what you typed and did not send"),
            _("as long as that"), NOBODY, frozenset(), Erasure.EXPIRE,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackDraft", "id", "window", "unit", "version", "kept_at")


def unconfirmed() -> None:
    """What waits for its author’s mail."""
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackUnconfirmed", ("said", "answers"),
            _("what you wrote where a window asks for a mail address, until you follow the link in the mail"),
            _("until you follow it or throw the text away; at most 7 days after the close"),
            frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EXPIRE,
        ),
        Row(
            PURPOSE, "feedback.FeedbackUnconfirmed", ("fingerprint",),
            _("marks by which nearly equal texts are found; what you wrote cannot be read from them"),
            _("as long as that"), NOBODY, frozenset(), Erasure.EXPIRE,
        ),
        Row(
            PURPOSE, "feedback.FeedbackUnconfirmed", ("form_key", "fields_digest", "token_hash", "together"),
            _("codes by which the same form is not taken twice and your link leads to your text"),
            _("as long as that"), NOBODY, frozenset(), Erasure.EXPIRE,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackUnconfirmed", "id", "window", "sent_at", "in_grace")


def told() -> None:
    """Where an author wants to be told what becomes of their text."""
    personal.register(
        Row(
            PURPOSE, "feedback.ToldMailbox", ("sealed", "language"),
            _("your mail address, sealed, and your language, if you asked to be told what becomes of your text"),
            _("until you stop it or withdraw your text; at most a year after the close or the last answers"),
            NOBODY, frozenset(), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.ToldMailbox", "id", "item")


def cookies() -> None:
    """What this browser keeps."""
    personal.sets(
        personal.Cookie(
            lambda: sent.NAME,
            _("the references of what you sent from this browser, so that the same text is not taken twice"),
            _("an hour, or until you sign out"),
        ),
        personal.Cookie(
            lambda: browsers.NAME,
            _("a random code by which this browser finds what you typed and did not send, once it is saved"),
            _("60 days after you last saved something"),
        ),
    )
