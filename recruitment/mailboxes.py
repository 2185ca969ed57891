"""One application to a call for each mailbox: whoever changes the address of their account and makes another account
with the former one applies no second time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from taskforce.core.errors import Refused
from taskforce.limits.mailboxes import folded

CONSTRAINT = "one_application_of_a_mailbox"


def key(mailbox: str) -> str:
    """What an application keeps of the mailbox that it was submitted from: enough to tell that it is the same.

    As it is counted everywhere: without case, tag and dots, so that one mailbox is one however it is written.
    """
    return salted_hmac("recruitment.mailbox", folded(mailbox), algorithm="sha256").hexdigest()


@contextmanager
def one_each() -> Iterator[None]:
    """What the database refuses to be the second of one mailbox is `Refused`, with what can be done."""
    try:
        yield
    except IntegrityError as error:
        if CONSTRAINT not in str(error):
            raise
        raise Refused(
            _(
                "From the e-mail address of your account somebody has applied to this call already, with another "
                "account, and each address can apply once. If that was you, go on with that account, or withdraw the "
                "application there and submit this one. If it was not, write to those who coordinate the task force."
            )
        ) from error
