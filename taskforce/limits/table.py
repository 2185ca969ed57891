"""How often whoever may do what: every limit of the portal stands here once, and in docs/limits.md (a test compares).

Counted is what was done, not what was refused: whoever waits as long as the page says gets through.
"""

import enum
from datetime import timedelta
from typing import NamedTuple

# So many times as often as one /64 may a whole /48 of IPv6.
WIDER = 2

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Per(enum.Enum):
    """Whose acts are counted together."""

    # The address that the outermost proxy of ours saw; of IPv6 the /64, and more loosely the /48 (`limits/clients.py`).
    ADDRESS = "address"
    # Each address for each mailbox on its own.
    ADDRESS_AND_MAILBOX = "address and mailbox"
    # One that has signed in to the account before (`accounts/known_browsers.py`).
    BROWSER = "known browser"
    # One that has kept what was typed in a window, told by what it finds that with (`feedback/browsers.py`).
    DRAFTS = "browser, in each window"
    # Without case, tag and dots (`limits/mailboxes.py`).
    MAILBOX = "mailbox"
    ACCOUNT = "account"
    # One that came by mail, in whatever windows; and the page that waits for one (`accounts/code_tries.py`).
    CODE = "code"
    EVERYBODY = "everybody together"


class Limit(NamedTuple):
    """At most `most` times in any span of the length `within`; `what` names the counter, `act` says it in docs."""

    what: str
    act: str
    per: Per
    most: int
    within: timedelta


# Many people may share one address (a school, a meeting, a carrier's network). From the next one on a text is held for
# people to read it first; nobody is refused by this. What shows any sign of a machine does not count here, so
# that a machine at the same address takes nobody's place.
FEEDBACK = Limit("feedback", "send feedback that stands at once", Per.ADDRESS, 60, timedelta(minutes=10))
HELD_FEEDBACK = Limit("held-feedback", "send feedback that is held", Per.ADDRESS, 600, timedelta(minutes=10))
# What shows a slight sign only (`feedback/enums.py`) stands, as long as it is few: counted for each window.
ODD_FEEDBACK = Limit(
    "odd-feedback", "send feedback that looks a little like a machine's", Per.EVERYBODY, 60, timedelta(minutes=10)
)
# Of these, what says nearly the same: a flood of one text leaves half of the places to what others have agreed to say.
ALIKE_FEEDBACK = Limit(
    "alike-feedback", "send feedback that says nearly the same", Per.EVERYBODY, 30, timedelta(minutes=10)
)
# The very same words, too short to be nearly like others: "Yes" is what many say who come together, a sentence of one's
# own is not. What is counted here are the texts themselves.
COMMON_WORDS = Limit(
    "common-words", "send feedback of the same one or two words", Per.EVERYBODY, 120, timedelta(minutes=10)
)
FEW_WORDS = Limit("few-words", "send feedback of the same short sentence", Per.EVERYBODY, 60, timedelta(minutes=10))
EDITED_FEEDBACK = Limit("edited-feedback", "change one's own feedback", Per.ADDRESS, 60, timedelta(minutes=10))
# Saved by a button, and by itself while somebody types, every ten seconds at most: three tabs of one browser never meet
# this. Those who type in one hall are at one address, where so many may type without a pause; a first draft is a row.
FEEDBACK_DRAFT = Limit("feedback-draft", "save a draft of feedback", Per.DRAFTS, 180, timedelta(minutes=10))
FIRST_DRAFT = Limit("first-draft", "save a first draft of feedback", Per.ADDRESS, 600, timedelta(minutes=10))
DRAFTS_FROM = Limit("drafts-from", "save changes of drafts of feedback", Per.ADDRESS, 3000, timedelta(minutes=10))
AGREEMENT = Limit("agreement", "agree with what others said", Per.ACCOUNT, 60, timedelta(minutes=10))
REPLY = Limit("reply", "reply to feedback", Per.ACCOUNT, 20, timedelta(minutes=10))
# Counted for each window, apart from its texts: from the next one on replies with a slight sign are held.
ODD_REPLY = Limit(
    "odd-reply", "reply in a way that looks a little like a machine's", Per.EVERYBODY, 30, timedelta(minutes=10)
)
# Many may be at one address, and a flood of reports does nothing by itself but work for moderators.
REPORT = Limit("report", "report what others said", Per.ADDRESS, 30, timedelta(minutes=10))
FOLLOW = Limit("follow", "ask to follow a task force", Per.ADDRESS, 30, timedelta(minutes=10))
# Each is a row in the database.
KEPT_FORM = Limit("kept-form", "send a form that is kept for the sign-in", Per.ADDRESS, 20, timedelta(minutes=10))
APPLICATION = Limit(
    "application", "save, submit or withdraw an application, or take that back", Per.ACCOUNT, 60, timedelta(minutes=10)
)
# What is typed saves itself, every eight seconds at most: two tabs of one account never meet this.
APPLICATION_DRAFT = Limit(
    "application-draft", "have an application saved by itself", Per.ACCOUNT, 300, timedelta(minutes=10)
)
# Also by a link from a mail: its token is the mailbox's own, wherever the request comes from.
CHOICES = Limit("choices", "confirm, choose or stop the mails of a mailbox", Per.MAILBOX, 60, _HOUR)
# Each is a session in the database. Generous too: people learn of it together, at a meeting.
TO_THE_WIKI = Limit("to-the-wiki", "begin to sign in with Wikimedia", Per.ADDRESS, 60, timedelta(minutes=10))
OWN_DATA = Limit("own-data", "download one's own data", Per.ACCOUNT, 10, _HOUR)
# Whoever sits at somebody's open browser could try passwords here. The owner signs in anew, which proves it too.
PROOF = Limit("proof", "try to prove again who one is", Per.ACCOUNT, 60, _DAY)
PASSWORD_CHANGE = Limit("password-change", "try to change one's password", Per.ACCOUNT, 20, _DAY)

# Mails that a stranger can cause, over all forms together: sign-up, code, reset, following.
MAILS_OF_SENDER = Limit("mails-of-sender", "have mails sent to mailboxes", Per.ADDRESS, 60, _HOUR)
MAILS_TO_UNCONFIRMED = Limit("unconfirmed-mail", "get mails that nobody has confirmed", Per.MAILBOX, 3, _DAY)
# One address alone, also where it is a whole /48, causes fewer by all forms: somebody at another can still sign up.
# Whoever asks for more is told what everybody is told.
UNCONFIRMED_FROM = Limit(
    "unconfirmed-mail-from", "have mails sent that nobody has confirmed", Per.ADDRESS_AND_MAILBOX, 2, _DAY
)
# Of these one may be without a code for an account (a question whether one wants to follow, word that there is no
# account): so whoever has followed by mail, and tried a code, still gets the code when they sign up.
WITHOUT_CODE_FROM = Limit(
    "without-code-from", "have mails without a code sent that nobody has confirmed", Per.ADDRESS_AND_MAILBOX, 1, _DAY
)
# Apart, so that strangers do not keep staff from inviting somebody.
MAILS_OF_STAFF = Limit("staff-mail", "get invitations by staff that nobody has confirmed", Per.MAILBOX, 3, _DAY)
# Those to an account's own mailbox are more, for its owner asks for them; and few enough that nobody's mailbox is
# flooded. Whoever uses them up needs several addresses for it, and closes the way by mail to browsers that are new to
# the account: in one that they have used before the owner has a count of their own, and the password opens anywhere.
CODES_FROM = Limit("codes-from", "ask for a code", Per.ADDRESS_AND_MAILBOX, 4, _HOUR)
LINKS_FROM = Limit("links-from", "ask for a new password, or sign up", Per.ADDRESS_AND_MAILBOX, 4, _HOUR)
CODES_TO_ACCOUNT = Limit("account-codes", "get codes for an account", Per.MAILBOX, 12, _DAY)
LINKS_TO_ACCOUNT = Limit("account-links", "get links for an account", Per.MAILBOX, 12, _DAY)
CODES_TO_KNOWN = Limit("known-codes", "get codes for an account", Per.BROWSER, 10, _HOUR)
LINKS_TO_KNOWN = Limit("known-links", "get links for an account", Per.BROWSER, 10, _HOUR)
CODES_TO_KNOWN_A_DAY = Limit("known-codes-a-day", "get codes for an account", Per.BROWSER, 12, _DAY)
LINKS_TO_KNOWN_A_DAY = Limit("known-links-a-day", "get links for an account", Per.BROWSER, 12, _DAY)
PROOF_CODES = Limit("proof-codes", "get codes to prove again who one is", Per.ACCOUNT, 5, timedelta(minutes=10))
# Longer than any code works. As many as django-allauth says, whose own count lies in the session (a test compares).
CODE_TRIES = Limit("code-tries", "type a code that came by mail", Per.CODE, 3, _HOUR)
MAILS_OF_ALL = Limit("mails-of-all", "have mails sent by these forms", Per.EVERYBODY, 5000, _HOUR)

# Counted by django-allauth, in the cache that lies in the database; its names of the acts stand in front.
OF_SIGN_IN: dict[str, tuple[Limit, ...]] = {
    "signup": (Limit("", "sign up", Per.ADDRESS, 20, _MINUTE),),
    "login": (Limit("", "send the page of signing in", Per.ADDRESS, 30, _MINUTE),),
    "login_failed": (
        Limit("", "type a wrong password or app code", Per.ADDRESS, 10, _MINUTE),
        Limit("", "have a wrong password or app code typed", Per.ACCOUNT, 5, timedelta(minutes=5)),
        Limit("", "have a wrong password or app code typed", Per.ACCOUNT, 50, _DAY),
    ),
    "request_login_code": (Limit("", "ask for a code", Per.ADDRESS, 20, _MINUTE),),
    "reset_password": (Limit("", "ask for a new password", Per.ADDRESS, 20, _MINUTE),),
    "reset_password_from_key": (Limit("", "set a new password by a link", Per.ADDRESS, 20, _MINUTE),),
    # Not by allauth: it would refuse a second click, and who signs up where a stranger has just typed their address.
    # The mails are counted above, by whoever has them sent.
    "confirm_email": (),
    "manage_email": (Limit("", "change one's addresses", Per.ACCOUNT, 10, _MINUTE),),
    "change_password": (Limit("", "change one's password", Per.ACCOUNT, 5, _MINUTE),),
    "reauthenticate": (Limit("", "prove again who one is", Per.ACCOUNT, 10, _MINUTE),),
}
_OWN = (
    FEEDBACK,
    HELD_FEEDBACK,
    ODD_FEEDBACK,
    ALIKE_FEEDBACK,
    COMMON_WORDS,
    FEW_WORDS,
    EDITED_FEEDBACK,
    FEEDBACK_DRAFT,
    FIRST_DRAFT,
    DRAFTS_FROM,
    AGREEMENT,
    REPLY,
    ODD_REPLY,
    REPORT,
    FOLLOW,
    KEPT_FORM,
    APPLICATION,
    APPLICATION_DRAFT,
    CHOICES,
    TO_THE_WIKI,
    OWN_DATA,
    PROOF,
    PASSWORD_CHANGE,
    MAILS_OF_SENDER,
    MAILS_TO_UNCONFIRMED,
    UNCONFIRMED_FROM,
    WITHOUT_CODE_FROM,
    MAILS_OF_STAFF,
    CODES_FROM,
    LINKS_FROM,
    CODES_TO_ACCOUNT,
    LINKS_TO_ACCOUNT,
    CODES_TO_KNOWN,
    LINKS_TO_KNOWN,
    CODES_TO_KNOWN_A_DAY,
    LINKS_TO_KNOWN_A_DAY,
    PROOF_CODES,
    CODE_TRIES,
    MAILS_OF_ALL,
)


def all_limits() -> list[Limit]:
    """The portal's own, then those of signing in."""
    return [*_OWN, *(limit for limits in OF_SIGN_IN.values() for limit in limits)]


def rates_of_sign_in() -> dict[str, str]:
    """`OF_SIGN_IN` as django-allauth's setting: for each act rates such as `20/60s/ip`, with a comma between."""
    return {act: ",".join(_rate(act, limit) for limit in limits) for act, limits in OF_SIGN_IN.items()}


def _rate(act: str, limit: Limit) -> str:
    # Whoever is not signed in yet is known to allauth by what they typed, which it calls the key.
    is_key = limit.per is Per.MAILBOX or act == "login_failed"
    whose = "ip" if limit.per is Per.ADDRESS else "key" if is_key else "user"
    return f"{limit.most}/{int(limit.within.total_seconds())}s/{whose}"
