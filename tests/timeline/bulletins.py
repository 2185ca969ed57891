"""What the tests of mails to followers share: a draft, one that was offered, one that was sent, followers."""

from typing import Any

from taskforce.accounts.models import User
from taskforce.timeline.enums import Frequency
from taskforce.timeline.models import Bulletin, Subscription, TaskForce
from taskforce.timeline.services import bulletins as services
from tests.conftest import utc

AT = utc(2022, 5, 17, 9)
SUBJECTS = {"en": "The first meeting", "zh-hant": "第一次會議"}
BODIES = {"en": "It is **on Thursday**.", "zh-hant": "在**星期四**舉行。"}


def follow(tf: TaskForce, mailbox: str, language: str = "en", **changes: Any) -> Subscription:
    """A confirmed follower of the updates, at once."""
    values: dict[str, Any] = {
        "topic": "updates",
        "confirmed_at": AT,
        "asked_at": AT,
        "frequency": Frequency.IMMEDIATE,
    } | changes
    return Subscription.objects.create(task_force=tf, mailbox=mailbox, language=language, **values)


def draft(tf: TaskForce, author: User, **changes: Any) -> Bulletin:
    """A draft in English and Chinese."""
    options: dict[str, Any] = {"topic": "updates", "subjects": SUBJECTS, "bodies": BODIES, "at": AT} | changes
    return services.draft(tf, actor=author, **options)


def offered(tf: TaskForce, author: User, **changes: Any) -> Bulletin:
    """A draft that its author has tested and offered."""
    made = draft(tf, author, **changes)
    services.test(made.pk, language="en", actor=author, version=made.version)
    return services.offer(made.pk, actor=author, version=made.version)


def sent(tf: TaskForce, author: User, second: User, **changes: Any) -> Bulletin:
    """One that a second person has sent, to whoever follows."""
    made = offered(tf, author, **changes)
    return services.send(made.pk, actor=second, version=made.version, count=10_000)
