"""What else the log says of an entry, in words: every key of its details has a label, and a way to show its value.

The details are plain codes, numbers and instants of lower rooms; what they are called stands here, next to what shows
them. A key without words would be a fault, and is shown as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import TextChoices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from feedback.enums import FOR_STAFF, BrokenRule, Channel, ItemState, Outcome, Participation, Suspicion
from recruitment.enums import Reminding
from taskforce.accounts.enums import Role
from taskforce.audit.models import Entry
from taskforce.core import languages, personal
from taskforce.core.staff_columns import machine_text
from taskforce.core.templatetags.portal import number, utc_time
from taskforce.core.templatetags.staff import isolated
from taskforce.notifications.admin import kind_name
from taskforce.portal import audit_words
from taskforce.timeline import describe
from taskforce.timeline.admin.followers import DOORS
from taskforce.timeline.enums import EventKind, EventOutcome, Frequency, TaskForceState, Topic
from taskforce.timeline.models import Phase

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only

Target = tuple[str, int]
# More rows than these are counted, not listed.
_MOST = 10


class Known(NamedTuple):
    """What the values of a page's entries are called, looked up for all of them at once.

    `rows` are {(model, id): (name, page)} of what the reader may see, `people` {id: name}, `phases` by id.
    """

    people: dict[int, str]
    rows: dict[Target, tuple[SafeString, str]]
    phases: dict[int, Phase]


Show = Callable[[Any, Entry, Known], Any]


class Detail(NamedTuple):
    """What a key is called, and how its value is put into words."""

    label: "str | _StrPromise"
    show: Show


# --- ways to show a value --------------------------------------------------------------------------------------------


def _machine(value: Any, entry: Entry, known: Known) -> Any:
    return machine_text(str(value))


def _number(value: Any, entry: Entry, known: Known) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return isolated(number(value)) if is_number else _machine(value, entry, known)


def _said(value: Any, entry: Entry, known: Known) -> Any:
    """Words that people wrote."""
    return isolated(str(value))


def _words(words: dict[str, Any]) -> Show:
    """A word of the code, in those of people."""
    return lambda value, entry, known: str(words[value]) if value in words else _machine(value, entry, known)


def _yes_or_no(value: Any, entry: Entry, known: Known) -> Any:
    return gettext("yes") if value else gettext("no")


def _labels(labels: type[TextChoices]) -> Show:
    """A code, or several, by their labels."""
    return _worded(dict(labels.choices))


def _worded(labels: Mapping[Any, Any]) -> Show:
    """The same by words of their own."""
    words = {str(code): label for code, label in labels.items()}

    def show(value: Any, entry: Entry, known: Known) -> Any:
        codes = value if isinstance(value, list) else [value]
        return _listed(words.get(str(code)) or machine_text(str(code)) for code in codes)

    return show


def _languages(value: Any, entry: Entry, known: Known) -> Any:
    """By their own names."""
    return _listed(_language(str(code)) for code in (value if isinstance(value, list) else [value]))


def _language(code: str) -> str:
    if not languages.is_offered(code):
        return machine_text(code)
    direction = languages.direction(code)
    name = languages.OWN_NAMES[code]
    return format_html('<bdi lang="{}" dir="{}">{}</bdi>', languages.html_lang(code), direction, name)


def _instant(value: Any, entry: Entry, known: Known) -> Any:
    """In UTC; of a phase under its rule's name too."""
    try:
        moment = datetime.fromisoformat(str(value))
        shown = utc_time(moment)
    except ValueError:
        return _machine(value, entry, known)
    phase = known.phases.get(entry.target_id or 0) if entry.target_type == Phase._meta.label_lower else None
    return format_html("{} ({})", isolated(_rule(phase, moment)), shown) if phase and _rule(phase, moment) else shown


def _rule(phase: Phase, moment: datetime) -> str:
    if moment == phase.opens_at:
        return describe.opens_rule(phase)
    return describe.closes_rule(phase) if moment == phase.closes_at else describe.rule_of(moment, phase.zone)


def _person(value: Any, entry: Entry, known: Known) -> Any:
    return isolated(known.people.get(value) or f"#{value}")


def _rows(model: str) -> Show:
    """One row, or several, of a model ("": that of the entry itself), as links where the reader has their page."""

    def show(value: Any, entry: Entry, known: Known) -> Any:
        label, ids = model or entry.target_type, value if isinstance(value, list) else [value]
        more = [f"+ {number(len(ids) - _MOST)}"] if len(ids) > _MOST else []
        return _listed([*(_row(label, pk, known) for pk in ids[:_MOST]), *more])

    return show


def _row(label: str, pk: Any, known: Known) -> SafeString:
    name, page = known.rows.get((label, pk), ("", ""))
    shown = isolated(name or f"{audit_words.kind(label)} {pk}")
    return format_html('<a href="{}">{}</a>', page, shown) if page else shown


def _asked(value: Any, entry: Entry, known: Known) -> Any:
    """By which fields a list was asked, or how many addresses were."""
    if not isinstance(value, list):
        return _number(value, entry, known)
    return _listed(_field(str(name)) for name in value)


def _columns(value: Any, entry: Entry, known: Known) -> Any:
    """The names that stand above a table, which are the same in every language."""
    return _listed(map(machine_text, value))


def _field(name: str) -> Any:
    return _FIELDS.get(name) or (DETAILS[name].label if name in DETAILS else machine_text(name))


def _parts(value: Any, entry: Entry, known: Known) -> Any:
    """The parts of somebody's own data that held anything, with how much."""
    titles = {part.code: part.title for part in personal.collections()}
    return _counts({titles.get(code, code): count for code, count in value.items() if count})


def _warnings(value: Any, entry: Entry, known: Known) -> Any:
    return _counts({_WARNINGS.get(code, code): count for code, count in value.items()})


def _counts(counts: dict[Any, int]) -> SafeString:
    return _listed(f"{words} {number(count)}" for words, count in counts.items())


def _listed(values: Iterable[Any]) -> SafeString:
    return format_html_join(", ", "{}", ((value,) for value in values))


# --- what the keys are called ----------------------------------------------------------------------------------------

_FIELDS = {
    "action": _("What happened"),
    "only": _("Changes or views"),
    "person": _("Person"),
    "task_force": _("Task force"),
    "since": _("From"),
    "until": _("Until"),
    "mail_class": _("Class"),
    "mailing": _("Mailing"),
}
_WARNINGS = {
    "empty_seats": _("empty seats"),
    "undecided": _("not decided"),
    "unreviewed": _("without a review"),
    "reviewed_once": _("with one review"),
    "review_not_closed": _("review not closed"),
}
# Keys that name rows, of which model ("": that of the entry itself).
_ROWS = {"corrects": "", "ids": "notifications.outboxmessage", "window": "feedback.feedbackwindow"}
DETAILS = {
    "accepted": Detail(_("Accepted"), _number),
    "added": Detail(_("Brought in"), _number),
    "address": Detail(_("Number of the address"), _number),
    "again": Detail(_("Given twice"), _number),
    "answers": Detail(_("Answers"), _number),
    "asked": Detail(_("Asked"), _asked),
    "bad": Detail(_("Not readable"), _number),
    "became": Detail(_("What became of it"), _labels(Outcome)),
    "changed": Detail(_("Changed"), _number),
    "channel": Detail(_("Channel"), _labels(Channel)),
    "closes_at": Detail(_("Closes"), _instant),
    "columns": Detail(_("Columns"), _columns),
    "corrections": Detail(_("Corrections"), _number),
    "corrects": Detail(_("Corrects"), _rows(_ROWS["corrects"])),
    "damaged": Detail(_("Damaged"), _number),
    "days": Detail(_("For how many days (0: until it is lifted)"), _number),
    "declined": Detail(_("Declined"), _number),
    "ends_version": Detail(_("Version of its dates"), _number),
    "everybody": Detail(_("To all followers"), _yes_or_no),
    "failures": Detail(_("Failed attempts"), _number),
    "followers": Detail(_("Followers"), _number),
    "format": Detail(_("Format"), _machine),
    "frequency": Detail(_("How often"), _labels(Frequency)),
    "granted_at": Detail(_("Held since"), _instant),
    "granted_by": Detail(_("Given by"), _person),
    "ids": Detail(_("Which"), _rows(_ROWS["ids"])),
    "in_grace": Detail(_("In the grace after the close"), _yes_or_no),
    "inviter": Detail(_("Invited by"), _person),
    "is_read_first": Detail(_("Each text is read before it appears"), _yes_or_no),
    "joined": Detail(_("Joined into another"), _number),
    "kind": Detail(_("Kind"), lambda value, entry, known: kind_name(str(value))),
    "known": Detail(_("Follow already"), _number),
    "language": Detail(_("Language"), _languages),
    "languages": Detail(_("Languages"), _languages),
    "left": Detail(_("Had left"), _number),
    "left_open": Detail(_("Warnings that were read"), _columns),
    "limited": Detail(_("Over the limit"), _number),
    "mailed": Detail(_("Told by mail"), _yes_or_no),
    "members": Detail(_("Members"), _number),
    "minor": Detail(_("Minor for translators"), _yes_or_no),
    "named": Detail(_("With their name"), _yes_or_no),
    "new": Detail(_("New"), _number),
    "number": Detail(_("Number"), _number),
    "old_slug": Detail(_("Short name in the address until then"), _machine),
    "opens_at": Detail(_("Opens"), _instant),
    "outcome": Detail(_("What came of it"), _labels(EventOutcome)),
    "paragraph": Detail(_("Paragraph"), _number),
    "participation": Detail(_("Who can take part"), _labels(Participation)),
    "parts": Detail(_("What was in it"), _parts),
    "percent": Detail(_("Share wanted, in percent"), _number),
    "said": Detail(_("What it said"), _said),
    "says": Detail(_("What it says now"), _said),
    "place": Detail(_("Place"), _machine),
    "provider": Detail(_("Provider"), _words({"mediawiki": "Wikimedia"})),
    "refuses": Detail(_("Without it no feedback window"), _yes_or_no),
    "removed": Detail(_("Removed"), _number),
    "returned": Detail(_("Translations that came back"), _number),
    "revision": Detail(_("Revision"), _number),
    "role": Detail(_("Role"), _labels(Role)),
    "rule": Detail(_("Rule that was broken"), _labels(BrokenRule)),
    "searched": Detail(_("Letters searched for"), _number),
    "seats": Detail(_("Seats"), _number),
    "slug": Detail(_("Short name in the address"), _machine),
    "snapshot": Detail(_("Version"), _number),
    "source": Detail(_("Came by"), _words(DOORS)),
    "split": Detail(_("Split off"), _number),
    "state": Detail(_("State"), _labels(ItemState)),
    "successor": Detail(_("Replaced by"), _machine),
    "suspicion": Detail(_("Like a machine’s"), _labels(Suspicion)),
    "taken_back": Detail(_("Mails taken back"), _number),
    "topic": Detail(_("Topic"), _labels(Topic)),
    "topics": Detail(_("Topics"), _labels(Topic)),
    "unanswered": Detail(_("Not answered"), _number),
    "undecided": Detail(_("Undecided"), _number),
    "unit": Detail(_("Number of the paragraph"), _number),
    "units": Detail(_("Paragraphs"), _number),
    "version": Detail(_("Version"), _number),
    "visibility": Detail(_("Who may read it"), _worded(FOR_STAFF)),
    "waiting": Detail(_("Asked before"), _number),
    "wants_review": Detail(_("A second person reviews"), _yes_or_no),
    "warnings": Detail(_("Warnings that were read"), _warnings),
    "whose": Detail(_("Whose"), _person),
    "window": Detail(_("Window"), _rows(_ROWS["window"])),
}
_BEFORE, _AFTER = _("Before"), _("After")
# Where a key means something else, by the beginning of the act's code.
OF_ACTS: dict[str, dict[str, Detail]] = {
    "account.language": {"before": Detail(_BEFORE, _languages), "after": Detail(_AFTER, _languages)},
    "account.zone": {"before": Detail(_BEFORE, _machine), "after": Detail(_AFTER, _machine)},
    "call.rubric-edited": {"added": Detail(_("Added"), _number)},
    "application.reminded": {"kind": Detail(_("Kind"), _labels(Reminding)), "count": Detail(_("Mails"), _number)},
    "application.reminders": {"wanted": Detail(_("Wanted"), _yes_or_no)},
    "call.seats-changed": {"before": Detail(_BEFORE, _number), "after": Detail(_AFTER, _number)},
    "feedback.table-pasted": {"count": Detail(_("Lines"), _number)},
    "feedback.exported": {"count": Detail(_("Texts"), _number)},
    "feedback.held-together": {"count": Detail(_("Texts held"), _number)},
    "feedback.sorted": {"count": Detail(_("Texts moved"), _number)},
    "feedback.reports-left": {"count": Detail(_("Reports closed"), _number)},
    "feedback.answer-": {"count": Detail(_("Texts"), _number)},
    "feedback.": {"before": Detail(_BEFORE, _labels(ItemState))},
    "mail.": {"count": Detail(_("Mails"), _number)},
    "mailing.expanded": {"count": Detail(_("Mails"), _number)},
    "mailing.stopped": {"count": Detail(_("Mails taken back"), _number)},
    "phase.": {"kind": Detail(_("Kind"), _labels(EventKind)), "count": Detail(_("Received"), _number)},
    "task-force.": {
        "before": Detail(_BEFORE, _labels(TaskForceState)),
        "after": Detail(_AFTER, _labels(TaskForceState)),
    },
}
# Of a look at a list, whatever is in it. There is no word for a count as such: each act says what it counts.
_OF_LISTS = {"count": Detail(_("Entries shown"), _number)}
_PEOPLE = ("granted_by", "inviter", "whose")
# By what the portal knows a thing again; it says nothing that stands not beside it in words.
UNSAID = frozenset({"key"})


def detail(action: str, key: str) -> Detail | None:
    """What a key of an act's details is called; None where nobody has named it."""
    if action.endswith(".listed") and key in _OF_LISTS:
        return _OF_LISTS[key]
    for beginning, own in OF_ACTS.items():
        if action.startswith(beginning) and key in own:
            return own[key]
    return DETAILS.get(key)


def people(entries: Iterable[Entry]) -> set[int]:
    """The accounts that details name."""
    found = (entry.details.get(key) for entry in entries for key in _PEOPLE)
    return {one for one in found if isinstance(one, int)}


def rows(entries: Iterable[Entry]) -> set[Target]:
    """The rows that details name, as far as they are listed."""
    found: set[Target] = set()
    for entry in entries:
        for key, model in _ROWS.items():
            value = entry.details.get(key)
            ids = value[:_MOST] if isinstance(value, list) else [value]
            found |= {(model or entry.target_type, one) for one in ids if isinstance(one, int)}
    return found


def shown(entry: Entry, known: Known) -> list[tuple[str, Any]]:
    """(label, value) of everything that the log says and the page may, in the order of the labels."""
    found = []
    for key, value in audit_words.particulars(entry.action, entry.details).items():
        if key in UNSAID or value in (None, "", [], {}):
            continue
        named = detail(entry.action, key) or Detail(key, _machine)
        found.append((str(named.label), named.show(value, entry, known)))
    return sorted(found, key=lambda one: one[0])
