"""Appeals, reports and blocks, and who decides about them. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from feedback.personal_data.purposes import (
    BLOCKING,
    MODERATING,
    PLACES,
    PURPOSE,
    READERS,
    REPORT_READERS,
    REPORTING,
    TOLD,
    UNTIL_WITHDRAWN,
)
from taskforce.core import personal
from taskforce.core.personal import NOBODY, ONESELF, Erasure, Place, Row


def appeals() -> None:
    """What was said against the hiding of a text, and who decided."""
    by_whom = _("for good, so that nobody decides about an appeal against themselves")
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackAppeal", ("words",),
            _("what you said against the hiding of your text"),
            UNTIL_WITHDRAWN, READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackAppeal", ("outcome", "reason"),
            _("what was decided about that, and why"),
            _("for good, so that an answer to it still leads somewhere"), READERS, TOLD, Erasure.KEEP,
        ),
        Row(
            MODERATING, "feedback.FeedbackItem", ("moderator",), _("which account published or hid a text last"),
            by_whom, NOBODY, frozenset(), Erasure.RENAME,
        ),
        Row(
            MODERATING, "feedback.FeedbackReply", ("moderator",), _("which account published or hid a reply last"),
            by_whom, NOBODY, frozenset(), Erasure.RENAME,
        ),
        Row(
            MODERATING, "feedback.FeedbackAppeal", ("hidden_by", "decided_by"),
            _("which account had hidden a text that was appealed for, and which one decided"),
            by_whom, NOBODY, frozenset(), Erasure.RENAME,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackAppeal", "id", "item", "reply", "made_at", "rule", "decided_at")


def reports() -> None:
    """What readers report of what others said; what moderators say of letting it stand."""
    until_old = _("until 90 days after the decision about it")
    personal.register(
        Row(
            REPORTING, "feedback.FeedbackReport", ("words",),
            _("what you wrote about something that you reported"),
            until_old, REPORT_READERS, PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            REPORTING, "feedback.FeedbackReport", ("reporter",),
            _("your account, if you were signed in when you reported something"),
            until_old, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            REPORTING, "feedback.FeedbackReport", ("browser_hash", "form_key"),
            _("codes by which the same form is not taken twice, and the same browser counts once where you were not "
              "signed in; no cookie is set for it"),
            until_old, NOBODY, frozenset(), Erasure.EXPIRE,
        ),
        Row(
            MODERATING, "feedback.FeedbackReport", ("closed_by",),
            _("which account decided about reports"),
            _("for good, as a part of the process"), REPORT_READERS - {ONESELF}, frozenset({Place.STAFF}),
            Erasure.RENAME,
        ),
        Row(
            MODERATING, "feedback.FeedbackReport", ("note",),
            _("what moderators said of letting a text stand that was reported"),
            _("for good, as a part of the process"), REPORT_READERS - {ONESELF}, frozenset({Place.STAFF}),
            Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackReport", "id", "item", "reply", "rule", "suspicion", "at", "outcome", "closed_at"
    )


def blocks() -> None:
    """By what whoever posts is told apart, and who is kept from it."""
    until_over = _("until 90 days after the block has ended or was lifted")
    personal.register(
        Row(
            BLOCKING, "feedback.FeedbackItem", ("poster",),
            _("a code of the network that you sent a text from, or of your mail address where the window asks for one, "
              "made for one task force alone; the address cannot be read from it"),
            _("7 days, of a mail address 90, also if you withdraw your text"), NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            BLOCKING, "feedback.FeedbackBlock", ("user",),
            _("your account, if moderators have blocked you"),
            until_over, frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.EMPTY,
        ),
        Row(
            BLOCKING, "feedback.FeedbackBlock", ("code",),
            _("the code of a text of yours, where you had no account and moderators have blocked its author"),
            until_over, NOBODY, frozenset(), Erasure.EXPIRE,
        ),
        Row(
            BLOCKING, "feedback.FeedbackBlock", ("reason",),
            _("why you are blocked: you read it when you post something"),
            _("for good, as a part of the process"), REPORT_READERS, PLACES, Erasure.KEEP, is_watched=True,
        ),
        Row(
            MODERATING, "feedback.FeedbackBlock", ("made_by", "lifted_by"),
            _("which account blocked somebody, and which one lifted that"),
            _("for good, as a part of the process"), NOBODY, frozenset(), Erasure.RENAME,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackBlock", "id", "task_force", "kind", "item", "reply", "rule", "made_at", "until", "lifted_at"
    )
