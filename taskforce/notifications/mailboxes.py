"""What a mailbox is: one plain address. How it is read, stored, shown, and given to a mail server."""

import re
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

LONGEST = 254
# RFC 5321, 4.5.3.1.1.
_LONGEST_USER = 64
_valid = EmailValidator(allowlist=())
_PLAIN_USER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
# White space and what stands around or between addresses: with any of it a server could read more than one, or another.
_NOT_ONE = re.compile(r"[\s,;:<>()\"\\\x00-\x1f\x7f]")


class UnusableMailbox(ValueError):
    """Not one plain address: two, a quoted one, one without a real domain. Its text says why, in words."""


def wire_address(mailbox: str, *, local: bool = False) -> str:
    """A mailbox with its domain in ASCII; `local` lets a domain without a dot pass (the portal's own sender).

    Raises `UnusableMailbox` for whatever a server could read as more than one address, or as none.
    """
    user, _at, domain = mailbox.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
        if not local:
            _valid(f"{user}@{domain}")
    except (UnicodeError, ValidationError):
        raise UnusableMailbox(_("This is not an address that mail can be sent to.")) from None
    if not _PLAIN_USER.fullmatch(user) or domain.startswith("["):
        raise UnusableMailbox(_("This is not an address that mail can be sent to."))
    return f"{user}@{domain}"


def checked(typed: str) -> str:
    """The mailbox that somebody typed, as it is stored: in lower case, its domain in ASCII.

    Raises `UnusableMailbox` with a text that says what is wrong.
    """
    typed = typed.strip()
    if len(typed) > LONGEST:
        # Before anything else looks at it: the longer a domain is, the slower its way into ASCII.
        raise UnusableMailbox(_("This is too long for an e-mail address: at most 254 characters."))
    if typed.count("@") > 1 or _NOT_ONE.search(typed):
        raise UnusableMailbox(_("Write one address only, without a name, quotes, spaces or brackets."))
    user, _at, domain = typed.rpartition("@")
    if not user or not domain:
        raise UnusableMailbox(_("An e-mail address has a part before and a part after the sign @."))
    if domain.startswith("[") or "." not in domain:
        raise UnusableMailbox(_("After the sign @ there must be the name of a mail domain, such as example.org."))
    address = wire_address(typed).lower()
    if len(address) > LONGEST or len(user) > _LONGEST_USER:
        raise UnusableMailbox(_("This is too long for an e-mail address: at most 254 characters."))
    return address


def masked(mailbox: str) -> str:
    """The mailbox for a page that is reached by a link alone: its owner knows it again, nobody else learns it."""
    user, _at, domain = mailbox.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("ascii").decode("idna")
    return f"{user[:1]}***@{domain}"
