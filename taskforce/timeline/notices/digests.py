"""The daily mail: what happened on the topics that a mailbox follows, in one list."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import get_language

from taskforce.core import labels
from taskforce.notifications import kinds, rendering, services
from taskforce.notifications.enums import MailClass
from taskforce.notifications.models import Mailing
from taskforce.timeline.models import Subscription
from taskforce.timeline.notices import samples

logger = logging.getLogger(__name__)
DIGEST = "digest"
# Whoever leaves this topic by one click wants no daily mail any more, of no task force.
TOPIC = "digest"
USEFUL = timedelta(days=1)


class Reader(NamedTuple):
    """A mailbox, and how it reads: portal language and IANA zone."""

    mailbox: str
    language: str
    zone: str


Entry = dict[str, Any]


class Told:
    """The mailings that may stand in a daily mail; each is worked out once for a language and zone."""

    def __init__(self, mailings: Iterable[Mailing]) -> None:
        self._by_topic: dict[tuple[int | None, str], list[Mailing]] = {}
        for mailing in mailings:
            self._by_topic.setdefault((mailing.task_force_id, mailing.topic), []).append(mailing)
        self._is_true: dict[int, bool] = {}
        self._entries: dict[tuple[int, str, str], Entry | None] = {}

    def between(self, one: Subscription, since: datetime, until: datetime) -> list[Mailing]:
        """What happened on the topic in [since, until), and not before the mailbox followed it."""
        followed = one.confirmed_at or until
        found = self._by_topic.get((one.task_force_id, one.topic), [])
        return [each for each in found if max(since, followed) <= each.created_at < until and self._still_true(each)]

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
        subject = rendering.render(kind, context, reader.language, reader.zone).subject
    except Exception:
        logger.exception("mailing cannot stand in a daily mail", extra={"kind": mailing.kind})
        return None
    return _told(subject, context, mailing.created_at.isoformat())


def _told(subject: str, context: dict[str, Any], at: str) -> Entry:
    """An entry of the daily mail; what can be read nowhere else is told whole."""
    told = {"subject": subject, "url": str(context.get("url", "")), "at": at}
    return told | {name: context[name] for name in ("corrects", "body", "other_language") if context.get("whole")}


def digest(
    reader: Reader, subscriptions: Sequence[Subscription], told: Told, since: datetime, until: datetime, *, at: datetime
) -> bool:
    """Tell one mailbox what happened in [since, until); False, and no mail, where nothing did."""
    groups = _groups(reader, subscriptions, told, since, until)
    if not groups:
        return False
    services.enqueue(
        DIGEST,
        key=f"{DIGEST}:{hashlib.sha256(reader.mailbox.encode()).hexdigest()[:32]}:{until.isoformat()}",
        mailbox=reader.mailbox,
        language=reader.language,
        zone=reader.zone,
        context={"total": sum(len(group["entries"]) for group in groups), "groups": groups},
        at=at,
        valid_until=until + USEFUL,
        topic=TOPIC,
    )
    return True


def _groups(
    reader: Reader, subscriptions: Sequence[Subscription], told: Told, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """The entries by task force, each in the order in which things happened."""
    found: dict[int, list[Mailing]] = {}
    names = {}
    for one in subscriptions:
        found.setdefault(one.task_force_id, []).extend(told.between(one, since, until))
        names[one.task_force_id] = labels.label(one.task_force, "name", reader.language)._asdict()
    groups = []
    for task_force_id, mailings in sorted(found.items()):
        ordered = sorted(mailings, key=lambda each: (each.created_at, each.pk))
        entries = [entry for each in ordered if (entry := told.entry(each, reader))]
        if entries:
            groups.append({"task_force": names[task_force_id], "entries": entries})
    return groups


def _sample() -> dict[str, Any]:
    entries = []
    # As they are worked out: the subjects of the mails that others get at once.
    for name, at in [("phase-extended", "2022-02-14T09:30:00+00:00"), ("bulletin", "2022-02-14T16:00:00+00:00")]:
        kind = kinds.get(name)
        context = kind.sample()
        subject = rendering.render(kind, context, get_language() or "en").subject
        entries.append(_told(subject, context, at))
    return {"total": len(entries), "groups": [{"task_force": samples.place()["task_force"], "entries": entries}]}


def register() -> None:
    """Make the daily mail known to the outbox."""
    kinds.register(kinds.MailKind(name=DIGEST, mail_class=MailClass.ANNOUNCEMENT, sample=_sample))
