"""One language and one zone for a person, in whatever the portal writes to their addresses.

Accounts know them; rooms above that keep them beside an address of their own are told when they change.
"""

from collections.abc import Callable, Collection

# Told of a person's confirmed mailboxes, with the language and the zone of all their mails, in the same transaction.
Told = Callable[[Collection[str], str, str], None]
_told: list[Told] = []


def register(told: Told) -> None:
    """Make known who wants to be told; once, in `AppConfig.ready()`."""
    _told[:] = [told]


def tell(mailboxes: Collection[str], language: str, zone: str) -> None:
    """These mailboxes are one person's, who is written to in this language and told times of this zone."""
    for told in _told:
        told(mailboxes, language, zone)
