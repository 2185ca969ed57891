"""How whoever said something is reached, where anything of them is kept at all: by the confirmed address of an account.

Of most of what is said nothing is kept that leads to anybody: its author reads on the page of the receipt what became
of it. Who confirmed a text by mail may have asked to be told there. What was said elsewhere leads to the facilitator
who entered it, who carries word back.
"""

import base64
from collections.abc import Collection, Iterable
from typing import NamedTuple

from allauth.account.models import EmailAddress

from feedback import telling
from feedback.enums import Participation
from feedback.models import FeedbackItem, FeedbackWindow, ToldMailbox
from taskforce.core import keyed
from taskforce.timeline.notices.links import absolute


class Reader(NamedTuple):
    """Whom a mail goes to, and the language and zone in which they read the portal. `is_told`: they have no account,
    and asked for it."""

    mailbox: str
    language: str
    zone: str
    is_told: bool = False


def of_user(user_id: int | None) -> Reader | None:
    """The owner of an account; None for nobody, and for one who has confirmed no address."""
    return of_users([user_id]).get(user_id) if user_id is not None else None


def of_users(user_ids: Iterable[int]) -> dict[int, Reader]:
    """{account: its owner}, without those that nobody can be reached by; one statement."""
    found = EmailAddress.objects.filter(user__in=set(user_ids), user__is_active=True, verified=True)
    rows = found.order_by("user", "primary", "-pk").values_list("user", "email", "user__language", "user__zone")
    # The last of an account is its main address.
    return {user: Reader(mailbox, language, zone) for user, mailbox, language, zone in rows}


def of_author(item: FeedbackItem) -> Reader | None:
    """Whom a mail about an item goes to, with its window; no statement where nothing is kept that leads to anybody."""
    account = account_of(item)
    if account is not None or item.window.participation != Participation.MAIL:
        return of_user(account)
    return of_told([item.pk]).get(item.pk)


def of_told(items: Iterable[int]) -> dict[int, Reader]:
    """{item: its author}, of those who asked to be told as they confirmed it; one statement."""
    rows = ToldMailbox.objects.filter(item__in=items).values_list("item", "sealed", "language")
    opened = ((item, telling.mailbox_of(item, sealed), language) for item, sealed, language in rows)
    return {item: Reader(mailbox, language, "UTC", is_told=True) for item, mailbox, language in opened if mailbox}


def told_of_browser(item: FeedbackItem, references: Collection[str]) -> tuple[str, str] | None:
    """Where whoever sent an item is told of what they confirmed before, of these that its browser has sent, and in
    which language; None where they are not."""
    same = FeedbackItem.objects.filter(window=item.window_id, reference__in=references, poster=item.poster)
    found = of_told(same.order_by().values_list("pk", flat=True))
    return next(((one.mailbox, one.language) for one in found.values()), None)


def is_told(stop: telling.Stop) -> bool:
    """Whether anything is kept that a link to stop it would delete."""
    items = ToldMailbox.objects.filter(item__window=stop.window_id).values_list("item", flat=True)
    return any(reader.mailbox.lower() == stop.mailbox for reader in of_told(items).values())


def stop_url(window: FeedbackWindow, reader: Reader) -> str:
    """Where whoever asked to be told stops it, for the end of their mails; "" for whoever has an account."""
    if not reader.is_told:
        return ""
    token = telling.stop_token(window.pk, reader.mailbox)
    place = {"task_force": window.phase.task_force.slug, "window": window.slug, "token": token}
    return absolute("feedback:stop", reader.language, **place)


def account_of(item: FeedbackItem) -> int | None:
    """The account that an item leads to: of whoever said it, or of the facilitator who entered it."""
    return item.author_id or item.entered_by_id


def token_of(nonce: str) -> str:
    """The secret of the link to one's own text; made from the form's key, so that a repeated form leads to the same."""
    made = keyed.digest("feedback.mine", nonce)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def mark(about: str) -> str:
    """What stands for a text in the key of a mail, so that nobody learns from the key which text it is."""
    return keyed.hexdigest("feedback.moderation-mail", about)[:32]
