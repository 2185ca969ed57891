"""What saying something keeps about people. No account and no address is kept with it, so nothing leads back to one."""

from django.utils.translation import gettext_lazy as _

from feedback import sent
from taskforce.accounts.enums import Role
from taskforce.core import personal
from taskforce.core.personal import NOBODY, ONESELF, Erasure, Place, Purpose, Row

PURPOSE = Purpose(
    "feedback",
    _("Your feedback"),
    _("So that what you say is read, answered and taken into account. No account and no address is kept with it."),
)
_READERS = frozenset({ONESELF, Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.OBSERVER, Role.ADMINISTRATOR})
# What everybody may read (`queries.for_everybody`) is a choice of its author: whatever stands for it here holds for the
# texts of all others, and the search for leaks goes by it.
_PLACES = frozenset({Place.OWN, Place.STAFF})


def register() -> None:
    """Fill the map."""
    # What was withdrawn nobody is shown any more; the row stays, so that an answer to it still leads somewhere.
    until_withdrawn = _("for good, as a part of the process; once you withdraw it, nobody reads it any more")
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackItem", ("name",),
            _("the name to show, if you gave one; with a public text everybody reads it"),
            _("until you withdraw your text"), _READERS, _PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackAnswer", ("text", "choices"),
            _("what you wrote and chose; a public text everybody reads among all that was said"),
            until_withdrawn, _READERS, _PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("reference", "state_reason"),
            _("its reference, and why it was published or hidden; why a public text is hidden everybody reads"),
            _("for good, so that an answer to it still leads somewhere"), _READERS, _PLACES, Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("form_key", "fields_digest", "token_hash"),
            _("codes by which the same form is not taken twice and your link leads to your text"),
            until_withdrawn, NOBODY, frozenset(), Erasure.KEEP,
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
            until_withdrawn, _READERS - {ONESELF}, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackWindow", "id", "phase", "proposal", "questions", "slug", "title", "introduction",
        "published_at",
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackItem", "id", "window", "revision", "unit", "language", "channel", "visibility", "state",
        "state_at", "received_at", "in_grace", "was_public", "answered", "read_language",
        "read_state", "read_percent",
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackAnswer", "id", "item", "question")
    personal.sets(
        personal.Cookie(
            lambda: sent.NAME,
            _("the references of what you sent from this browser, so that the same text is not taken twice"),
            _("an hour"),
        )
    )
