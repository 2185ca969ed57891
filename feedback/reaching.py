"""How whoever said something is reached, where anything of them is kept at all: by the confirmed address of an account.

Of most of what is said nothing is kept that leads to anybody: its author reads on the page of the receipt what became
of it. What was said elsewhere leads to the facilitator who entered it, who carries word back.
"""

import base64
from collections.abc import Iterable
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.utils.crypto import salted_hmac

from feedback.models import FeedbackItem


class Reader(NamedTuple):
    """Whom a mail goes to, and the language and zone in which they read the portal."""

    mailbox: str
    language: str
    zone: str


def of_user(user_id: int | None) -> Reader | None:
    """The owner of an account; None for nobody, and for one who has confirmed no address."""
    return of_users([user_id]).get(user_id) if user_id is not None else None


def of_users(user_ids: Iterable[int]) -> dict[int, Reader]:
    """{account: its owner}, without those that nobody can be reached by; one statement."""
    found = EmailAddress.objects.filter(user__in=set(user_ids), user__is_active=True, verified=True)
    rows = found.order_by("user", "primary", "-pk").values_list("user", "email", "user__language", "user__zone")
    # The last of an account is its main address.
    return {user: Reader(mailbox, language, zone) for user, mailbox, language, zone in rows}


def account_of(item: FeedbackItem) -> int | None:
    """The account that an item leads to: of whoever said it, or of the facilitator who entered it."""
    return item.author_id or item.entered_by_id


def token_of(nonce: str) -> str:
    """The secret of the link to one's own text; made from the form's key, so that a repeated form leads to the same."""
    made = salted_hmac("feedback.mine", nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def mark(about: str) -> str:
    """What stands for a text in the key of a mail, so that nobody learns from the key which text it is."""
    return salted_hmac("feedback.moderation-mail", about, algorithm="sha256").hexdigest()[:32]
