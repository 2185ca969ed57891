"""The map of personal data in words for the person it is about: what the privacy page shows, in the active language."""

from collections.abc import Iterable
from email.utils import parseaddr
from typing import NamedTuple

from babel import lists
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from taskforce.accounts.enums import Role
from taskforce.core import languages, personal
from taskforce.core.personal import Erasure

# What concerns most people stands first; what is not named here comes after, in the order of the apps.
_FIRST = ("account", "sign-in", "feedback", "application", "following", "mails", "members")


class Kept(NamedTuple):
    """Data that are treated alike: what they are, who reads them, how long they are kept.

    `is_watched`: each look of staff is noted.
    """

    what: list[str]
    readers: str
    kept: str
    is_watched: bool


class Shown(NamedTuple):
    """What is kept for one purpose."""

    code: str
    title: str
    why: str
    rows: list[Kept]


class Cookie(NamedTuple):
    """A cookie by its name."""

    name: str
    what: str
    kept: str


def purposes() -> list[Shown]:
    """Everything that is kept, by purpose; what only the demonstration keeps, only there."""
    found = [
        Shown(purpose.code, str(purpose.title), str(purpose.why), _kept(rows))
        for purpose, rows in personal.by_purpose()
        if settings.DEMO or not purpose.is_demo
    ]
    place = {code: number for number, code in enumerate(_FIRST)}
    return sorted(found, key=lambda one: place.get(one.code, len(_FIRST)))


def cookies() -> list[Cookie]:
    """Every cookie that the portal sets."""
    return [Cookie(one.name(), str(one.what), str(one.kept)) for one in personal.cookies()]


def tells_of_faults() -> bool:
    """Whether somebody else hears of faults (`core/faults.py`)."""
    return bool(settings.SENTRY_DSN)


def contact() -> str:
    """The address to write to: the one that all mails come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _kept(rows: Iterable[personal.Row]) -> list[Kept]:
    """The rows, those that are read by the same people for the same time together."""
    found: dict[tuple[str, str, bool], list[str]] = {}
    for row in rows:
        found.setdefault((readers(row.readers), str(row.kept), row.is_watched), []).append(str(row.what))
    return [Kept(what, *alike) for alike, what in found.items()]


def readers(codes: Iterable[str]) -> str:
    """Who reads something, as one text: you first, then roles in their own order."""
    found = set(codes)
    if personal.ANYBODY in found:
        return _("everybody")
    names = [_("you")] if personal.ONESELF in found else []
    names += [_("all staff")] if found >= set(Role) else [str(role.label) for role in Role if role in found]
    if not names:
        return _("nobody: only the portal itself uses it")
    return lists.format_list(names, locale=languages.locale_of(get_language() or "en"))


# What the map calls "yours", for staff who read about somebody else: by model and first field.
_OF_SOMEBODY = {
    "account.EmailAddress:email": gettext_lazy("further e-mail addresses of the person"),
    "accounts.DeletionRequest:language": gettext_lazy("the person’s language and time zone, for the answer"),
    "accounts.DeletionRequest:receipts": gettext_lazy("the references of feedback that the person named"),
    "accounts.DeletionRequest:user": gettext_lazy("that the person asked, when and why, and the answer"),
    "accounts.RoleGrant:user": gettext_lazy(
        "which role the person has, for which task force and language, since when and from whom"
    ),
    "accounts.User:email": gettext_lazy("the person’s e-mail address"),
    "accounts.User:language": gettext_lazy("the person’s language and time zone, and since when they have the account"),
    "accounts.User:name": gettext_lazy("the name that the person wants to be called by"),
    "accounts.User:password": gettext_lazy(
        "the person’s password, in a form from which it cannot be read, and when they signed in last"
    ),
    "announcements.Member:name": gettext_lazy("the person’s name as a member, if they agreed that it is published"),
    "announcements.Member:user": gettext_lazy("that the person is a member, and since when"),
    "audit.Entry:actor_id": gettext_lazy("the number of the person’s account at what they did"),
    "cache_default:cache_key": gettext_lazy("the person’s network address, to count attempts to sign in"),
    "feedback.FeedbackAnswer:text": gettext_lazy("what the person wrote and chose"),
    "feedback.FeedbackAgreement:user": gettext_lazy(
        "what of others the person agrees with, and since when; everybody sees how many agree, nobody who"
    ),
    "feedback.FeedbackAppeal:words": gettext_lazy("what the person said against the hiding of their text"),
    "feedback.FeedbackDraft:browser_hash": gettext_lazy(
        "a code by which the person’s browser finds what they typed and did not send"
    ),
    "feedback.FeedbackDraft:fields": gettext_lazy(
        "what the person typed in the form and did not send; whoever uses the same browser finds it"
    ),
    "feedback.FeedbackItem:author": gettext_lazy(
        "the person’s account, where a window asks for one; nobody but they can see that a text is theirs"
    ),
    "feedback.FeedbackBlock:code": gettext_lazy(
        "the code of a text of the person, where they had no account and moderators have blocked its author"
    ),
    "feedback.FeedbackBlock:reason": gettext_lazy("why the person is blocked"),
    "feedback.FeedbackBlock:user": gettext_lazy("the person’s account, if moderators have blocked them"),
    "feedback.FeedbackItem:poster": gettext_lazy(
        "a code of the network that the person sent a text from, or of their mail address, for one task force alone"
    ),
    "feedback.FeedbackItem:spoke_words": gettext_lazy(
        "who spoke, in words for staff, and when the person said that those who spoke know of it"
    ),
    "feedback.FeedbackReport:browser_hash": gettext_lazy(
        "codes by which a form of the person is not taken twice, and their browser counts once"
    ),
    "feedback.FeedbackReport:reporter": gettext_lazy(
        "the person’s account, if they were signed in when they reported something"
    ),
    "feedback.FeedbackReport:words": gettext_lazy("what the person wrote about something that they reported"),
    "feedback.SummaryDraft:hands": gettext_lazy(
        "that the person translated a part of a summary, or compared a translation of it with its source"
    ),
    "feedback.FeedbackItem:entered_by": gettext_lazy("that it was the person who entered it"),
    "feedback.FeedbackItem:translated_text": gettext_lazy(
        "translations of what the person wrote, without accents and capitals, so that a public text is found by them"
    ),
    "feedback.FeedbackReply:author": gettext_lazy(
        "the person’s account, from which a reply came; nobody but they can see that it is theirs"
    ),
    "feedback.FeedbackReply:fingerprint": gettext_lazy(
        "marks by which nearly equal texts are found; what was written cannot be read from them"
    ),
    "feedback.FeedbackTranslation:name": gettext_lazy(
        "the name to show with a translation, if the person gave one; everybody reads it"
    ),
    "feedback.FeedbackTranslation:translator": gettext_lazy(
        "the person’s account, and in which role they translated; everybody reads the role"
    ),
    "feedback.FeedbackUnconfirmed:form_key": gettext_lazy(
        "codes by which the same form is not taken twice and the person’s link leads to their text"
    ),
    "feedback.FeedbackUnconfirmed:fingerprint": gettext_lazy(
        "marks by which nearly equal texts are found; what was written cannot be read from them"
    ),
    "feedback.FeedbackUnconfirmed:said": gettext_lazy(
        "what the person wrote where a window asks for a mail address, until they follow the link in the mail"
    ),
    "feedback.ToldMailbox:sealed": gettext_lazy(
        "the person’s mail address, sealed, and their language, if they asked to be told what becomes of their text"
    ),
    "feedback.FeedbackWording:answers": gettext_lazy(
        "what the person wrote and chose before they changed it, without the name"
    ),
    "feedback.Sheet:pasted_by": gettext_lazy("that the person pasted a table, when, and what its columns are called"),
    "feedback.FeedbackItem:fingerprint": gettext_lazy(
        "marks by which nearly equal texts are found; what was written cannot be read from them"
    ),
    "feedback.FeedbackItem:form_key": gettext_lazy(
        "codes by which the same form is not taken twice and the person’s link leads to their text"
    ),
    "feedback.FeedbackReply:name": gettext_lazy("the name to show with a reply, if the person gave one"),
    "feedback.FeedbackReply:text": gettext_lazy("what the person replied to what others said"),
    "feedback.FeedbackItem:name": gettext_lazy("the name to show, if the person gave one"),
    "feedback.FeedbackItem:search_text": gettext_lazy(
        "what the person wrote, without accents and capitals, so that a public text is found by its words"
    ),
    "mfa.Authenticator:user": gettext_lazy(
        "the person’s second factor: the secret of their app, and the recovery codes"
    ),
    "notifications.OutboxMessage:error": gettext_lazy("whether a mail arrived, and what the person’s mail server said"),
    "notifications.RecipientDomain:domain": gettext_lazy(
        "the part of the person’s address behind the @, to pace what a mail server gets"
    ),
    "notifications.Suppression:mailbox": gettext_lazy("that the person’s mailbox refused mail, and in which words"),
    "proposals.Draft:editor_id": gettext_lazy(
        "that the person was the last to change a draft that is not published yet, and when"
    ),
    "proposals.UnitText:author_id": gettext_lazy(
        "that the person wrote, confirmed or reviewed a paragraph as it stands"
    ),
    "proposals.Revision:editor_id": gettext_lazy(
        "the name under which the person edited, when, and their summary of the edit"
    ),
    "recruitment.ApplicantIdentity:name": gettext_lazy("the person’s name, and whether it may be published"),
    "recruitment.Application:applicant": gettext_lazy("that the application is the person’s"),
    "recruitment.Application:number": gettext_lazy(
        "its number and state, and when the person saved, submitted or withdrew it, without their name"
    ),
    "recruitment.Application:reference": gettext_lazy("the reference on the person’s receipt"),
    "recruitment.ApplicationAnswers:typed": gettext_lazy("the answers of the person’s draft"),
    "recruitment.ApplicantIdentity:wiki_name": gettext_lazy(
        "the person’s user name on the wikis, what else may be published of them, and a text for it"
    ),
    "recruitment.ApplicantIdentity:not_reviewers": gettext_lazy("who should not review the person’s application"),
    "recruitment.ApplicantIdentity:typed": gettext_lazy("the draft of the person’s name, and of what may be published"),
    "recruitment.ApplicantDemographics:typed": gettext_lazy(
        "what the person says about their background, if they do: kept apart, and read of nobody alone"
    ),
    "recruitment.ApplicantProfile:typed": gettext_lazy(
        "the draft of where the person is, what they speak and when they have time"
    ),
    "recruitment.ApplicantIdentity:saved_at": gettext_lazy(
        "when each part of the person’s draft was saved, and a code of what was submitted of it"
    ),
    "recruitment.ApplicantDemographics:saved_at": gettext_lazy(
        "when each part of the person’s draft was saved, and a code of what was submitted of it"
    ),
    "recruitment.ApplicantProfile:saved_at": gettext_lazy(
        "when each part of the person’s draft was saved, and a code of what was submitted of it"
    ),
    "recruitment.ApplicationAnswers:saved_at": gettext_lazy(
        "when each part of the person’s draft was saved, and a code of what was submitted of it"
    ),
    "recruitment.Snapshot:profile": gettext_lazy(
        "where the person is, what they speak, when they have time and what they do, as they submitted it"
    ),
    "recruitment.NoReminders:applicant": gettext_lazy("that the person wants no reminders of it, and since when"),
    "recruitment.Decision:outcome": gettext_lazy(
        "what was decided about an application; the person is told when all are"
    ),
    "recruitment.Snapshot:answers": gettext_lazy("the answers that the person submitted, each version"),
    "recruitment.Snapshot:form_key": gettext_lazy(
        "the fingerprint of each version, by which the person can prove what they submitted"
    ),
    "sessions.Session:session_key": gettext_lazy("that a browser is signed in, how and when the person did that"),
    "socialaccount.SocialAccount:user": gettext_lazy(
        "the Wikimedia account with which the person signs in: its number and name, since when and when last"
    ),
    "timeline.Departure:mailbox_key": gettext_lazy(
        "that the person has left, under a code that cannot be turned back into their address"
    ),
    "timeline.DigestMark:mailbox": gettext_lazy("up to when the person’s daily mail has told them everything"),
    "timeline.Subscription:topic": gettext_lazy(
        "what the person follows, how often, in which language and time zone, since when and by which form"
    ),
}


class Work(NamedTuple):
    """What is to be done with some of what is kept about a person who asks to be forgotten."""

    words: str
    rows: list[str]


def by_hand() -> list[Work]:
    """The whole map by what becomes of each row at an erasure, in words about somebody else, each once.

    In which tables and columns that lies, `deploy/forget.sql` knows.
    """
    words = {
        Erasure.DELETE: _("is deleted"),
        Erasure.EMPTY: _("is emptied; that there was something stays"),
        Erasure.RENAME: _("stays, without the person"),
        Erasure.EXPIRE: _("goes by itself"),
        Erasure.KEEP: _("stays, and say so in the answer"),
    }
    found: dict[Erasure, dict[str, None]] = {each: {} for each in words}
    for row in personal.rows():
        if settings.DEMO or not row.purpose.is_demo:
            what = _OF_SOMEBODY.get(f"{row.model}:{row.fields[0]}", row.what)
            found[row.erasure][str(what)] = None
    return [Work(words[each], list(rows)) for each, rows in found.items() if rows]
