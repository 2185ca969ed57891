"""What the mails share that staff write to followers: the mailing, whom it is for, and the test of one to oneself.

A text (`Bulletin`, `Announcement`) has a task force, a version, and the earlier text that it corrects; its kind of mail
is called as the param that names it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from taskforce.accounts.models import User
from taskforce.core import labels, languages
from taskforce.core.clock import app_now
from taskforce.notifications import kinds, services
from taskforce.notifications.enums import MailClass, MessageState
from taskforce.notifications.kinds import Context, Params
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import queries
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import TaskForce
from taskforce.timeline.queries import reach


class Text(Protocol):
    """A text that staff write to followers."""

    pk: int
    version: int
    task_force: TaskForce
    task_force_id: int

    @property
    def corrects(self) -> Any:
        """The earlier text that this one puts right."""
        ...


class Tested(NamedTuple):
    """A test of a text as it is: who had it, at which mailbox, in which language, since when, and its mail's state."""

    name: str
    mailbox: str
    language: str
    language_name: str
    at: datetime
    state: str


def published(kind: str, text: Text, *, topic: str, at: datetime, everybody: bool) -> Mailing:
    """One mailing: a correction to those who know what it corrects, unless it is for everybody who follows."""
    corrected = mailing_of(kind, text.corrects) if text.corrects else None
    params: Params = {kind: text.pk, "task_force": text.task_force_id, "topic": topic}
    if not everybody and (earlier := readers_of(kind, text)):
        params["readers_of"] = earlier
    return services.publish_mailing(
        kind,
        key=_key(kind, text),
        params=params,
        at=at,
        task_force_id=text.task_force_id,
        topic=topic,
        corrects_id=corrected.pk if corrected else None,
    )


def _key(kind: str, text: Text) -> str:
    return f"{kind}:{text.pk}"


def mailing_of(kind: str, text: Text) -> Mailing | None:
    """What sending or publishing it has made."""
    return Mailing.objects.filter(key=_key(kind, text)).first()


def readers_of(kind: str, text: Text) -> list[int]:
    """The mailings whose readers a correction is for: the one that it corrects and what that one corrects."""
    corrected = mailing_of(kind, text.corrects) if text.corrects else None
    return reach.line(corrected) if corrected else []


def tested(kind: str, text: Text, actor: User, language: str, context: Context, *, at: datetime) -> None:
    """To the acting person alone: the mail as readers of `language` would get it, once for each version of it."""
    services.enqueue(
        f"{kind}-test",
        key=f"{_tests(kind, text)}{actor.pk}:{language}",
        mailbox=actor.email,
        language=language,
        zone=actor.zone,
        context=context,
        at=at,
        task_force_id=text.task_force_id,
    )


def _tests(kind: str, text: Text) -> str:
    return f"{kind}-test:{text.pk}:{text.version}:"


def tests_of(kind: str, text: Text) -> list[Tested]:
    """The tests of the text as it is, in two statements, in the order in which they were asked for."""
    prefix = _tests(kind, text)
    mails = list(OutboxMessage.objects.filter(key__startswith=prefix).order_by("id"))
    whose = {mail.pk: int(mail.key.removeprefix(prefix).partition(":")[0]) for mail in mails}
    people = User.objects.in_bulk(set(whose.values()))
    return [
        Tested(
            str(people.get(whose[mail.pk], "")),
            mail.mailbox,
            mail.language,
            languages.OWN_NAMES[mail.language],
            mail.created_at,
            str(MessageState(mail.state).label),
        )
        for mail in mails
    ]


def other_language(body_language: str, language: str) -> str:
    """What the language calls itself in which a reader of `language` gets the text; "" where it is theirs."""
    return "" if body_language == language else languages.OWN_NAMES[body_language]


def corrected(earlier: Any, head: str, moment: str, language: str) -> Context:
    """Which text a mail corrects: its line `head` and the instant `moment` at which it went out; empty if none."""
    went_out_at = getattr(earlier, moment, None)
    if went_out_at is None:
        return {}
    return {moment: went_out_at.isoformat(), head: labels.label(earlier, head, language)._asdict()}


def _audience(params: Params) -> Iterator[list[kinds.Recipient]]:
    # What was published before a mailing named its topic was an announcement.
    topic = params.get("topic", Topic.ANNOUNCEMENTS)
    if earlier := params.get("readers_of"):
        return queries.readers_among(params["task_force"], topic, earlier, at=app_now())
    return queries.subscribers(params["task_force"], topic)


def register(kind: str, context: Callable[[Params, str], Context], sample: Callable[[], Context]) -> None:
    """Make the mail and its test known to the outbox."""
    kinds.register(
        kinds.MailKind(
            name=kind,
            mail_class=MailClass.ANNOUNCEMENT,
            context=context,
            audience=_audience,
            follows=queries.follows,
            sample=sample,
        )
    )
    kinds.register(kinds.MailKind(name=f"{kind}-test", mail_class=MailClass.TRANSACTIONAL, sample=sample))
