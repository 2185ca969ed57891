"""The daily mail: what happened on the topics that a mailbox follows, in one list."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import get_language

from taskforce.core import labels
from taskforce.notifications import kinds, rendering, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.models import Mailing
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Subscription
from taskforce.timeline.notices import dates, events, samples
from taskforce.timeline.queries import digests as queries
from taskforce.timeline.queries import reach

logger = logging.getLogger(__name__)
DIGEST = "digest"
# Whoever leaves this topic by one click wants no daily mail any more, of no task force.
TOPIC = "digest"
# Long enough for an outage or a hold: what is over by then is left out when the mail goes.
USEFUL = timedelta(days=7)
# What cannot be worked out is tried again on the mornings until it is so old.
PATIENCE = timedelta(days=2)


class Reader(NamedTuple):
    """A mailbox, and how it reads: portal language and IANA zone."""

    mailbox: str
    language: str
    zone: str


Entry = dict[str, Any]
# A task force and its entries.
Group = dict[str, Any]


class Done(NamedTuple):
    """Whether a daily mail was written, and the mailings that could not be worked out for it."""

    is_written: bool
    missed: list[Mailing]


# The mails that speak of an end which lies ahead, and where their context names it: they say nothing once it is over.
_ENDS = {
    events.OPENED: "closes_at",
    events.CLOSING_WEEK: "closes_at",
    events.CLOSING_DAY: "closes_at",
    dates.EXTENDED: "new_closes_at",
    dates.SHORTENED: "new_closes_at",
}
# What such a mail tells stays true when the end moves, which it then names as it is now.
_MOVES_ALONG = {events.OPENED}


class Told:
    """The mailings that may stand in a daily mail; each is worked out once for a language and zone.

    They are all there are from `since` on (None: as far back as anybody asks).
    """

    def __init__(self, mailings: Iterable[Mailing], since: datetime | None = None) -> None:
        self.since = since
        self._by_topic: dict[tuple[int | None, str], list[Mailing]] = {}
        for mailing in mailings:
            self._by_topic.setdefault((mailing.task_force_id, mailing.topic), []).append(mailing)
        self._is_true: dict[int, bool] = {}
        self._entries: dict[tuple[int, str, str], Entry | None] = {}

    def between(self, one: Subscription, since: datetime, until: datetime) -> list[Mailing]:
        """What happened on the topic in [since, until), not before the mailbox followed it, and is valid at the end."""
        first = max(since, one.confirmed_at or until)
        found = self._by_topic.get((one.task_force_id, one.topic), [])
        inside = [each for each in found if first <= each.created_at < until]
        valid = [each for each in inside if each.valid_until is None or each.valid_until > until]
        return [each for each in valid if self._still_true(each)]

    def entry(self, mailing: Mailing, reader: Reader) -> Entry | None:
        """What it says in the reader's language, where, and when it was; None where it cannot be worked out."""
        key = (mailing.pk, reader.language, reader.zone)
        if key not in self._entries:
            self._entries[key] = _entry(mailing, reader)
        return self._entries[key]

    def _still_true(self, mailing: Mailing) -> bool:
        if mailing.pk not in self._is_true:
            self._is_true[mailing.pk] = _still_true(mailing)
        return self._is_true[mailing.pk]


def _still_true(mailing: Mailing) -> bool:
    try:
        ask = kinds.get(mailing.kind).still_true
        return ask is None or ask(mailing.params)
    except Exception:
        logger.exception("mailing cannot be judged", extra={"kind": mailing.kind})
        return False


def _entry(mailing: Mailing, reader: Reader) -> Entry | None:
    try:
        kind = kinds.get(mailing.kind)
        context = kind.context(mailing.params, reader.language) if kind.context else {}
        told = _told(kind, context, reader.language, reader.zone)
    except Exception:
        logger.exception("mailing cannot stand in a daily mail", extra={"kind": mailing.kind})
        return None
    return told | {"mailing": mailing.pk, "topic": mailing.topic}


def _told(kind: MailKind, context: dict[str, Any], language: str, zone: str) -> Entry:
    """An entry of the daily mail: the subject, the address to read on, and what the lines below are made of.

    Made once here too, so that what cannot be written holds up no whole mail.
    """
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        subject = rendering.plain_subject(rendering.excerpt(kind, context).subject, language)
    return {
        "kind": kind.name,
        "subject": subject,
        "url": str(context.get("url", "")),
        "ends_at": context[_ENDS[kind.name]] if kind.name in _ENDS else "",
        "context": context,
    }


def digest(
    reader: Reader, subscriptions: Sequence[Subscription], told: Told, since: datetime, until: datetime, *, at: datetime
) -> Done:
    """Tell one mailbox what happened in [since, until) and it was not told yet; no mail where that is nothing."""
    news = [each for one in subscriptions for each in told.between(one, since, until)]
    name = f"{DIGEST}:{hashlib.sha256(reader.mailbox.encode()).hexdigest()[:32]}:"
    known = queries.told_already(reader.mailbox, news, digests=name) if news else set()
    news = [each for each in news if each.pk not in known]
    missed = [each for each in news if told.entry(each, reader) is None]
    news = _for_whom_they_are(reader, [each for each in news if each not in missed], name)
    groups = _groups(reader, subscriptions, told, news)
    if not groups:
        return Done(is_written=False, missed=missed)
    services.enqueue(
        DIGEST,
        key=f"{name}{until.isoformat()}:{groups[0]['entries'][0]['mailing']}",
        mailbox=reader.mailbox,
        language=reader.language,
        zone=reader.zone,
        context=_context(reader, groups, at),
        at=at,
        valid_until=until + USEFUL,
        topic=TOPIC,
    )
    return Done(is_written=True, missed=missed)


def _for_whom_they_are(reader: Reader, news: Sequence[Mailing], name: str) -> list[Mailing]:
    """Without what is for the readers of earlier mailings only, where this one had none of them and has none now."""
    meant = {each.pk: set(each.params.get("readers_of", ())) for each in news}
    asked = set().union(*meant.values())
    known = {each.pk for each in news} | (reach.heard(reader.mailbox, asked, prefix=name) if asked else set())
    return [each for each in news if not meant[each.pk] or meant[each.pk] & known]


def _context(reader: Reader, groups: list[Group], at: datetime) -> dict[str, Any]:
    """What the mail says at the moment: in its subject what matters most, how many more there are and from whom."""
    entries = [(group, entry) for group in groups for entry in group["entries"]]
    first, foremost = min(entries, key=lambda one: _urgency(one[1], at))
    return {
        "foremost": foremost["subject"],
        "more": len(entries) - 1,
        "others": [group["task_force"] for group in groups if group is not first],
        "groups": groups,
        "language": reader.language,
        "zone": reader.zone,
    }


def _urgency(entry: Entry, at: datetime) -> tuple[bool, datetime, bool]:
    """The nearest end that lies ahead comes first, then whatever else there is about dates, then the rest in order."""
    ends_at = _ahead(entry, at)
    return ends_at is None, ends_at or at, entry["topic"] != Topic.DEADLINES


def _ahead(entry: Entry, at: datetime) -> datetime | None:
    """The end of which an entry speaks, if it lies ahead."""
    ends_at = datetime.fromisoformat(entry["ends_at"]) if entry["ends_at"] else None
    return ends_at if ends_at and ends_at > at else None


def _groups(reader: Reader, subscriptions: Sequence[Subscription], told: Told, news: Iterable[Mailing]) -> list[Group]:
    """The entries by task force, each in the order in which things happened."""
    names = {one.task_force_id: labels.label(one.task_force, "name", reader.language) for one in subscriptions}
    found: dict[int, list[Entry]] = {}
    for mailing in sorted(news, key=lambda each: (each.created_at, each.pk)):
        entry = told.entry(mailing, reader)
        if mailing.task_force_id is not None and entry is not None:
            found.setdefault(mailing.task_force_id, []).append(entry)
    return [
        {"id": task_force_id, "task_force": names[task_force_id]._asdict(), "entries": entries}
        for task_force_id, entries in sorted(found.items())
    ]


def _freshened(
    context: dict[str, Any], mailbox: str, *, at: datetime, is_true: Callable[[Mailing], bool]
) -> dict[str, Any] | None:
    """Without what was stopped, is over or no longer true, or is followed no more since the mail was written."""
    reader = Reader(mailbox, context["language"], context["zone"])
    followed = queries.topics_of(mailbox)
    named = [entry["mailing"] for group in context["groups"] for entry in group["entries"]]
    holding = {each.pk: each for each in queries.tellable(at).filter(pk__in=named) if is_true(each)}
    groups = []
    for group in context["groups"]:
        kept = [
            _as_it_is_now(one, holding[one["mailing"]], reader)
            for one in group["entries"]
            if one["mailing"] in holding and (group["id"], one["topic"]) in followed
        ]
        if kept := [one for one in kept if not one["ends_at"] or _ahead(one, at)]:
            groups.append(group | {"entries": kept})
    return _context(reader, groups, at) if groups else None


def _as_it_is_now(entry: Entry, mailing: Mailing, reader: Reader) -> Entry:
    """The entry with the end as it is now; as it was where that cannot be worked out."""
    if entry["kind"] not in _MOVES_ALONG:
        return entry
    return _entry(mailing, reader) or entry


def _sample() -> dict[str, Any]:
    language = get_language() or "en"
    entries = []
    for name, topic in [("phase-extended", Topic.DEADLINES), ("bulletin", Topic.UPDATES)]:
        kind = kinds.get(name)
        entries.append(_told(kind, kind.sample(), language, "UTC") | {"topic": str(topic)})
    groups = [{"task_force": samples.place()["task_force"], "entries": entries}]
    return _context(Reader("", language, "UTC"), groups, datetime(2022, 2, 15, 6, tzinfo=UTC))


def register() -> None:
    """Make the daily mail known to the outbox."""
    kinds.register(kinds.MailKind(name=DIGEST, mail_class=MailClass.ANNOUNCEMENT, sample=_sample, freshened=_freshened))
