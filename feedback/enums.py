"""Codes of feedback; labels are translated at display."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """Where something was said."""

    WEB = "web", _("this portal")
    TALK_PAGE = "talk-page", _("talk page")
    CHAT = "chat", _("chat")
    CALL = "call", _("community call")
    ONE_TO_ONE = "one-to-one", _("one-to-one meeting")
    MAIL = "mail", _("mail")
    EVENT = "event", _("event")


# Where people spoke who did not write here themselves: what facilitators enter was said there.
ELSEWHERE = tuple(each for each in Channel if each is not Channel.WEB)


class Speaker(models.TextChoices):
    """What somebody was when they spoke elsewhere: all that everybody reads of who it was. No words of anybody's stand
    here, so nobody's name does."""

    CONTRIBUTOR = "contributor", _("Contributor")
    ORGANIZER = "organizer", _("Organizer")
    AFFILIATE = "affiliate", _("Board or staff of an affiliate")
    TRANSLATOR = "translator", _("Translator")
    TECHNICAL = "technical", _("Technical volunteer")
    FUNCTIONARY = "functionary", _("Moderator or functionary")
    NEWCOMER = "newcomer", _("Newcomer")
    READER = "reader", _("Reader")
    PARTNER = "partner", _("Partner organization")
    GROUP = "group", _("A group as a whole")
    OTHER = "other", _("Somebody else")


class Participation(models.TextChoices):
    """Who can say something in a window."""

    ANYBODY = "anybody", _("Anybody, without an account")
    ACCOUNT = "account", _("Whoever has an account")
    MAIL = "mail", _("Whoever confirms a mail address")


class Visibility(models.TextChoices):
    """Who may read an item, and whether with a name."""

    PUBLIC = "public", _("Public, with the name I give")
    NAMELESS = "nameless", _("Public, without a name")
    STAFF = "staff", _("Only for the people who run the process")


# The same for staff, who read it of others.
FOR_STAFF = {
    Visibility.PUBLIC: _("Everybody, with the name that was given"),
    Visibility.NAMELESS: _("Everybody, without a name"),
    Visibility.STAFF: _("Only the people who run the process"),
}
# The same of what was said elsewhere, where it is not one's own name that is shown.
OF_ELSEWHERE = {
    Visibility.PUBLIC: _("Public, with who spoke and where it is to be read"),
    Visibility.NAMELESS: _("Public, without who spoke and where it is to be read"),
    Visibility.STAFF: _("Only for the people who run the process"),
}
# What everybody reads, once it stands.
FOR_EVERYBODY = frozenset({Visibility.PUBLIC, Visibility.NAMELESS})


class ItemState(models.TextChoices):
    """Whether staff let an item stand. Who may read one that stands is its `Visibility`."""

    HELD = "held", _("held")
    PUBLISHED = "published", _("published")
    HIDDEN = "hidden", _("hidden")
    WITHDRAWN = "withdrawn", _("withdrawn")


class BrokenRule(models.TextChoices):
    """Why staff hide an item, as everybody reads it in its place."""

    OFF_TOPIC = "off-topic", _("It is not about the text or its questions")
    ATTACK = "attack", _("It attacks a person or a group")
    PRIVATE = "private", _("It tells private things about somebody")
    ADVERTISING = "advertising", _("It advertises something")
    MACHINE = "machine", _("It was made by a machine")
    ILLEGAL = "illegal", _("It is against the law")
    OTHER = "other", _("It breaks another rule")


class AppealOutcome(models.TextChoices):
    """What came of an author's appeal against the hiding of their item."""

    UPHELD = "upheld", _("It stays hidden")
    PUT_BACK = "put-back", _("It is published again")
    WITHDRAWN = "withdrawn", _("Its author has withdrawn it")


class ReportOutcome(models.TextChoices):
    """What came of a report by a reader."""

    HIDDEN = "hidden", _("It was hidden")
    LEFT = "left", _("It stands: it breaks no rule")
    GONE = "gone", _("Its author has withdrawn it")


class BlockKind(models.TextChoices):
    """By what somebody is blocked who posted something."""

    ACCOUNT = "account", _("their account")
    MAILBOX = "mailbox", _("their mail address")
    NETWORK = "network", _("the network that it came from")


class ReadState(models.TextChoices):
    """What somebody had before them, of a whole text the worst of it."""

    ORIGINAL = "original", _("the original")
    CURRENT = "current", _("a translation that was up to date")
    OUTDATED = "outdated", _("an outdated translation")
    MISSING = "missing", _("not translated, or not all of it")


class Suspicion(models.TextChoices):
    """What about an item looked like a machine's."""

    TRAP = "trap", _("a field was filled in that people do not see")
    FAST = "fast", _("sent within seconds")
    MANY = "many", _("very many from one network address")
    REPEATED = "repeated", _("nearly the same text as another one")
    FAST_REPEATED = "both", _("sent within seconds, and nearly the same text as another one")
    LINKS = "links", _("links to other sites")
    UNCHECKED = "unchecked", _("the check itself failed")


# Signs that people show too, now and then: each alone lets an item stand, many at once do not.
SLIGHT = frozenset({Suspicion.FAST, Suspicion.REPEATED, Suspicion.FAST_REPEATED})
NEARLY_THE_SAME = frozenset({Suspicion.REPEATED, Suspicion.FAST_REPEATED})


class LineFault(models.TextChoices):
    """Why a line of a pasted table was not entered."""

    WRONG = "wrong", _("something in it is wrong")
    REFUSED = "refused", _("when its turn came, it could not be entered any more")
    FAILED = "failed", _("it failed by our own fault")


class Outcome(models.TextChoices):
    """What became of something that was said."""

    ADOPTED = "adopted", _("adopted")
    PARTLY = "partly", _("adopted in part")
    NOTED = "noted", _("noted")
    DECLINED = "declined", pgettext_lazy("feedback", "declined")
    OUT_OF_SCOPE = "out-of-scope", _("out of scope")


# What names the revision of the text that has taken it up; "in part" may, and need not.
IN_A_REVISION = frozenset({Outcome.ADOPTED, Outcome.PARTLY})
