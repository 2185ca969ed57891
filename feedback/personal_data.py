"""What saying something keeps about people. No address is kept with it unless its author asks to be told there, and no
account unless a window asks for one, so nothing leads back to whoever said something elsewhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from feedback import browsers, sent
from feedback.enums import ItemState
from feedback.models import (
    FeedbackAgreement,
    FeedbackAppeal,
    FeedbackBlock,
    FeedbackItem,
    FeedbackReply,
    FeedbackReport,
    FeedbackTranslation,
    SheetLine,
    SummaryDraft,
)
from taskforce.accounts.enums import Role
from taskforce.core import personal
from taskforce.core.personal import ANYBODY, NOBODY, ONESELF, Erasure, Mailboxes, Place, Purpose, Row

PURPOSE = Purpose(
    "feedback",
    _("Your feedback"),
    _(
        "So that what you say is read, answered and taken into account. No address is kept with it unless you "
        "ask to be told there what becomes of it, and no account unless a window asks for one."
    ),
)
ENTERING = Purpose(
    "entering",
    _("What you entered for others"),
    _(
        "So that what people said elsewhere is read too, and it is known who brought it in. Whoever spoke is never "
        "named: only what they were then is kept."
    ),
)
MODERATING = Purpose(
    "moderating",
    _("Your decisions as a moderator"),
    _("So that what is published or hidden has somebody who answers for it."),
)
REPORTING = Purpose(
    "reports",
    _("What you reported"),
    _(
        "So that moderators look at what breaks a rule, and count each of you once. Nobody is shown who has reported "
        "something, moderators neither."
    ),
)
BLOCKING = Purpose(
    "blocks",
    _("Blocks"),
    _(
        "So that moderators can keep whoever breaks the rules from posting more in a task force, also where nobody "
        "knows who it is. Nobody is shown who is blocked, moderators neither."
    ),
)
TRANSLATING = Purpose(
    "translated-feedback",
    _("Translations of what was said"),
    _("So that everybody can read what others said, and knows who translated it."),
)
_PUBLIC = frozenset({Place.PUBLIC, Place.STAFF, Place.OWN})
_READERS = frozenset({ONESELF, Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.OBSERVER, Role.ADMINISTRATOR})
_REPORT_READERS = frozenset({ONESELF, Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.ADMINISTRATOR})
# What everybody may read (`queries.for_everybody`) is a choice of its author: whatever stands for it here holds for the
# texts of all others, and the search for leaks goes by it.
_PLACES = frozenset({Place.OWN, Place.STAFF})
_TOLD = _PLACES | {Place.OWN_MAIL}


def register() -> None:
    """Fill the map."""
    # What was withdrawn nobody is shown any more; the row stays, so that an answer to it still leads somewhere.
    until_withdrawn = _("for good, as a part of the process; once you withdraw it, nobody reads it any more")
    by_whom = _("for good, so that nobody decides about an appeal against themselves")
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
            PURPOSE, "feedback.FeedbackWording", ("answers",),
            _("what you wrote and chose before you changed it, without the name"),
            until_withdrawn, _READERS - {ONESELF}, frozenset({Place.STAFF}), Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("author",),
            _("your account, where a window asks for one; nobody but you can see that a text is yours"),
            _("until you ask for its deletion"), frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.RENAME,
        ),
        Row(
            PURPOSE, "feedback.FeedbackItem", ("reference", "state_reason", "rule"),
            _("its reference, and why it was published or hidden; why a public text is hidden everybody reads"),
            _("for good, so that an answer to it still leads somewhere"), _READERS, _TOLD, Erasure.KEEP,
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
    personal.register(
        Row(
            PURPOSE, "feedback.ToldMailbox", ("sealed", "language"),
            _("your mail address, sealed, and your language, if you asked to be told what becomes of your text"),
            _("until you stop it or withdraw your text; at most a year after the close or the last answers"),
            NOBODY, frozenset(), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.impersonal("feedback.ToldMailbox", "id", "item")
    personal.impersonal("feedback.FeedbackUnconfirmed", "id", "window", "sent_at", "in_grace")
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackAgreement", ("user", "item", "edits", "at"),
            _("what of others you agree with, and since when; everybody sees how many agree, nobody who"),
            _("until you take it back"), frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackReply", ("name",),
            _("the name to show with a reply, if you gave one; everybody reads it"),
            _("until you withdraw your reply"), _READERS, _PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("text",),
            _("what you replied to what others said; everybody reads it"),
            until_withdrawn, _READERS, _PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("author",),
            _("your account, from which a reply came; nobody but you can see that it is yours"),
            _("until you ask for its deletion"), frozenset({ONESELF}), frozenset({Place.OWN}), Erasure.RENAME,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("reference", "state_reason", "rule"),
            _("its reference, and why it was published or hidden; why a reply is hidden everybody reads"),
            _("for good, so that an answer to it still leads somewhere"), _READERS, _TOLD, Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("form_key", "fields_digest"),
            _("codes by which the same form is not taken twice"),
            until_withdrawn, NOBODY, frozenset(), Erasure.KEEP,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("fingerprint",),
            _("marks by which nearly equal texts are found; what you wrote cannot be read from them"),
            _("until you withdraw your reply"), NOBODY, frozenset(), Erasure.EMPTY,
        ),
        Row(
            PURPOSE, "feedback.FeedbackReply", ("suspicion",),
            _("what about it looked like a machine’s, where something did"),
            until_withdrawn, _READERS - {ONESELF}, frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackReply", "id", "item", "is_answer", "language", "state", "state_at", "was_public",
        "received_at", "in_grace",
    )  # fmt: skip
    personal.register(
        Row(
            TRANSLATING, "feedback.FeedbackTranslation", ("name",),
            _("the name to show with a translation, if you gave one; everybody reads it"),
            _("until you ask for its deletion"), frozenset({ANYBODY}), _PUBLIC, Erasure.EMPTY,
        ),
        Row(
            TRANSLATING, "feedback.FeedbackTranslation", ("translator", "role"),
            _("your account, and in which role you translated; everybody reads the role"),
            _("for good, as a part of the process; once you ask for its deletion, nobody’s"),
            frozenset({ANYBODY}), _PUBLIC, Erasure.RENAME,
        ),
        Row(
            TRANSLATING, "feedback.FeedbackTranslation", ("texts",),
            _("a translation of what somebody said; everybody reads it, as long as they read what it translates"),
            _("for good, as a part of the process, but where what it translates goes"),
            frozenset({ANYBODY}), _PUBLIC, Erasure.KEEP,
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
    personal.impersonal("feedback.FeedbackAgreement", "id")
    personal.impersonal("feedback.FeedbackDraft", "id", "window", "unit", "version", "kept_at")
    personal.register(
        Row(
            PURPOSE, "feedback.FeedbackAppeal", ("words",),
            _("what you said against the hiding of your text"),
            until_withdrawn, _READERS, _PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            PURPOSE, "feedback.FeedbackAppeal", ("outcome", "reason"),
            _("what was decided about that, and why"),
            _("for good, so that an answer to it still leads somewhere"), _READERS, _TOLD, Erasure.KEEP,
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
    _register_entering()
    _register_reporting()
    _register_blocking()
    personal.impersonal(
        "feedback.FeedbackWindow", "id", "phase", "proposal", "questions", "slug", "title", "introduction",
        "terms", "published_at", "participation", "is_read_first",
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackItem", "id", "window", "revision", "unit", "language", "channel", "visibility", "state",
        "state_at", "received_at", "confirmed_at", "in_grace", "was_public", "answered", "said_on", "read_language",
        "read_state", "read_percent", "edits", "edited_at", "terms", "agreed", "replied", "alike", "standing", "became",
        "became_in",
    )  # fmt: skip
    personal.impersonal("feedback.FeedbackAnswer", "id", "item", "question")
    personal.impersonal("feedback.FeedbackWording", "id", "item", "number", "said_at", "language", "visibility", "unit")
    # Written by those who answer for the task force, for everybody to read.
    personal.impersonal("feedback.Theme", "id", "window", "title", "description", "position", "version")
    personal.impersonal("feedback.ThemedItem", "id", "item", "theme", "waits")
    personal.impersonal(
        "feedback.FinalCall", "id", "proposal", "number", "revision", "at", "left", "readable", "statements",
    )  # fmt: skip
    personal.impersonal("feedback.Release", "id", "window", "number", "at")
    personal.impersonal(
        "feedback.Disposition", "id", "item", "theme", "outcome", "revision", "answers", "release", "stands",
        "seen", "joins",
    )  # fmt: skip
    personal.impersonal(
        "feedback.SummaryDraft", "id", "window", "source", "texts", "made_from", "days", "version", "kept_at"
    )
    personal.impersonal(
        "feedback.Summary", "id", "window", "number", "source", "texts", "outdated", "reviewed", "changes", "tally",
        "counted_at", "at",
    )  # fmt: skip
    personal.impersonal("feedback.SummaryReminder", "id", "window", "ends_version", "at")
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
    personal.give(personal.Collection("feedback", _("What you said"), own_items))
    personal.give(personal.Collection("agreements", _("What you agree with"), own_agreements))
    personal.give(personal.Collection("replies", _("What you replied"), own_replies))
    personal.give(personal.Collection("reports", _("What you reported"), own_reports))
    personal.give(personal.Collection("translations-of-feedback", _("What you translated of it"), own_translations))


def _register_entering() -> None:
    """What facilitators enter for whoever spoke elsewhere. It stays, as a part of the process, when they are gone."""
    personal.register(
        Row(
            ENTERING, "feedback.FeedbackItem", ("entered_by",), _("that it was you who entered it"),
            _("as long as you have the account"), _READERS, _PLACES, Erasure.EMPTY, is_watched=True,
        ),
        Row(
            ENTERING, "feedback.FeedbackItem", ("place_url",),
            _("what somebody was when they spoke, and where it is to be read; of a public text that says so, everybody "
              "reads both"),
            _("for good, as a part of the process; once you take it back, it is gone"),
            _READERS, _PLACES, Erasure.KEEP, is_watched=True,
        ),
        Row(
            ENTERING, "feedback.FeedbackItem", ("spoke_words", "consent_at"),
            _("who spoke, in words that nobody but staff reads, and when you said that those who spoke know of it"),
            _("for good, as a part of the process; once you take it back, it is gone"),
            _READERS, _PLACES, Erasure.KEEP, is_watched=True,
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
    personal.give(personal.Collection("entered", _("What you entered for others"), own_entered))
    personal.give(personal.Collection("tables", _("Tables that you pasted, until they are entered"), own_tables))


def _register_reporting() -> None:
    """What readers report of what others said; what moderators say of letting it stand."""
    until_old = _("until 90 days after the decision about it")
    personal.register(
        Row(
            REPORTING, "feedback.FeedbackReport", ("words",),
            _("what you wrote about something that you reported"),
            until_old, _REPORT_READERS, _PLACES, Erasure.EMPTY, is_watched=True,
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
            _("for good, as a part of the process"), _REPORT_READERS - {ONESELF}, frozenset({Place.STAFF}),
            Erasure.RENAME,
        ),
        Row(
            MODERATING, "feedback.FeedbackReport", ("note",),
            _("what moderators said of letting a text stand that was reported"),
            _("for good, as a part of the process"), _REPORT_READERS - {ONESELF}, frozenset({Place.STAFF}),
            Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal(
        "feedback.FeedbackReport", "id", "item", "reply", "rule", "suspicion", "at", "outcome", "closed_at"
    )


def _register_blocking() -> None:
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
            _("for good, as a part of the process"), _REPORT_READERS, _PLACES, Erasure.KEEP, is_watched=True,
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
    personal.give(personal.Collection("blocks", _("Blocks"), own_blocks))


def own_blocks(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What keeps them, or kept them, from posting."""
    found = FeedbackBlock.objects.filter(user=user).order_by("id")
    return personal.plain(found.values("task_force__slug", "rule", "reason", "made_at", "until", "lifted_at"))


def own_reports(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What they reported of what others said, until it is forgotten that it was they."""
    found = FeedbackReport.objects.filter(reporter=user).order_by("id")
    return personal.plain(found.values("item__reference", "reply__reference", "rule", "words", "at", "outcome"))


def own_entered(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What a facilitator has entered: under which reference, what it was and whom it was of, without the words."""
    found = FeedbackItem.objects.filter(entered_by=user).order_by("id")
    return personal.plain(
        found.values(
            "reference",
            "state",
            "language",
            "channel",
            "said_on",
            "spoke",
            "spoke_words",
            "place_url",
            "consent_at",
            "received_at",
        )
    )


def own_tables(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The lines of a facilitator's tables that are not entered, each with the names of its columns."""
    found = SheetLine.objects.filter(sheet__pasted_by=user, item=None).order_by("sheet", "number")
    rows = found.values_list("sheet__pasted_at", "sheet__shown_at", "sheet__names", "number", "cells", "fault")
    names = ("pasted_at", "shown_at", "names", "number", "cells", "fault")
    return [dict(zip(names, row, strict=True)) for row in rows]


def own_items(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What came from the account, as it stands now; of what was withdrawn, that it was."""
    found = FeedbackItem.objects.filter(author=user).order_by("id").prefetch_related("answers")
    about = ("reference", "window__slug", "received_at", "language", "visibility", "name", "state")
    rows = found.values(*about, "state_reason", "rule")
    appeals = FeedbackAppeal.objects.filter(item__author=user)
    appealed = _by_reference(appeals, "item__reference")
    answers: dict[str, list[dict[str, Any]]] = {}
    for item in found.exclude(state=ItemState.WITHDRAWN):
        answers[item.reference] = [
            {"question": one.question_id, "text": one.text, "choices": one.choices} for one in item.answers.all()
        ]
    return [
        {**row, "answers": answers.get(row["reference"], []), "appeals": appealed.get(row["reference"], [])}
        for row in personal.plain(rows)
    ]


def _by_reference(appeals: QuerySet[FeedbackAppeal], reference: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in personal.plain(appeals.order_by("id").values(reference, "made_at", "words", "outcome", "reason")):
        found.setdefault(one[reference], []).append(one)
    return found


def own_agreements(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What of others they agree with."""
    found = FeedbackAgreement.objects.filter(user=user).order_by("id")
    return [
        {"item": one.item.reference, "window": one.item.window.slug, "edits": one.edits, "at": one.at}
        for one in found.select_related("item__window")
    ]


def own_replies(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What they replied to what others said; of what was withdrawn, that it was."""
    found = FeedbackReply.objects.filter(author=user).order_by("id").select_related("item__window")
    appeals = FeedbackAppeal.objects.filter(reply__author=user)
    appealed = _by_reference(appeals, "reply__reference")
    return [
        {
            "reference": one.reference,
            "item": one.item.reference,
            "window": one.item.window.slug,
            "received_at": one.received_at,
            "language": one.language,
            "name": one.name,
            "state": one.state,
            "state_reason": one.state_reason,
            "rule": one.rule,
            "appeals": appealed.get(one.reference, []),
            "text": "" if one.state == ItemState.WITHDRAWN else one.text,
        }
        for one in found
    ]


def own_translations(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What of others they translated, and of summaries."""
    summaries = [
        {
            "summary_of": draft.window.slug,
            "language": code,
            "wrote": user.pk in hand["writers"],
            "reviewed": hand["reviewed_by"] == user.pk,
        }
        for draft in SummaryDraft.objects.exclude(hands={}).order_by("id").select_related("window")
        for code, hand in draft.hands.items()
        if user.pk in (*hand["writers"], hand["reviewed_by"])
    ]
    return summaries + _own_translations(user)


def _own_translations(user: Any) -> list[dict[str, Any]]:
    found = FeedbackTranslation.objects.filter(translator=user).order_by("id").select_related("item__window")
    return [
        {
            "item": one.item.reference,
            "window": one.item.window.slug,
            "language": one.language,
            "number": one.number,
            "role": one.role,
            "name": one.name,
            "texts": one.texts,
            "at": one.at,
        }
        for one in found
    ]
