"""The way through all pages as every role, and what was met on it: asked for once, judged by several tests.

A whole run (`FUZZ=all`) walks every page as every role; `make test` walks what several roles get alike by turns.
"""

import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction

from taskforce.accounts.models import User
from tests.architecture.table import ROLES, TABLE
from tests.clients import Client
from tests.privacy import planting
from tests.privacy.planting import Canaries
from tests.privacy.search import Book, answer_problems, listening
from tests.sampling import WHOLE, sample

CANARY = "canary"
WALKERS = (*ROLES, CANARY)
# What a link in a mail opens is its reader's own, whoever they are.
LINKED = re.compile(r"\{(token|choose|leave|ask)\}")


@dataclass
class Way:
    """What one role met: what was wrong, the cookies that were set, the log."""

    problems: list[str] = field(default_factory=list)
    cookies: set[str] = field(default_factory=set)
    logged: list[str] = field(default_factory=list)


class Walk:
    """The ways of all roles, each walked when it is first asked for."""

    def __init__(self, canaries: Canaries, book: Book) -> None:
        self._canaries, self._book = canaries, book
        self._ways: dict[str, Way] = {}

    def of(self, role: str) -> Way:
        """The way of one role."""
        if role not in self._ways:
            self._ways[role] = _walked(role, self._canaries, self._book)
        return self._ways[role]

    def all(self) -> list[Way]:
        """The ways of all."""
        return [self.of(role) for role in WALKERS]


def client_of(role: str) -> Client:
    """The browser of somebody with a role, of the canary, or of nobody in particular."""
    client = Client(raise_request_exception=False)
    if role == CANARY:
        client.force_login(User.objects.get(memberships__name__startswith=planting.MARK))
    elif role != "anonymous":
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
    return client


def paths_of(role: str) -> list[str]:
    """The patterns that a role walks in a whole run, all; else a sample of what it gets and few others do.

    What several roles get alike they walk by turns.
    """
    found = []
    for number, row in enumerate(TABLE.values()):
        alike = [other for other in ROLES if row.expected(other) == row.expected(role)] if role in ROLES else [role]
        if row.path.startswith("/demo/"):
            continue  # the demonstration's mailbox shows every mail to everybody, and a real portal has none
        if WHOLE or len(alike) < 4 or (row.expected(role) == 200 and number % len(alike) == alike.index(role)):
            found.append(row.path)
    return sample(found, 16 if role == CANARY else 8, of=f"pages {role}")


def address(pattern: str, canaries: Canaries) -> str:
    """Where a row of the table leads to, with the canary's rows in its places."""
    path = pattern.format(**canaries.world)
    return path if path.startswith("/") else f"/en/{path}"


def _walked(role: str, canaries: Canaries, book: Book) -> Way:
    """Open all of a role's pages; nothing of it stays."""
    made, client = Way(), client_of(role)
    with transaction.atomic(), listening() as lines:
        for pattern in paths_of(role):
            response: Any = client.get(path := address(pattern, canaries))
            is_own = role == CANARY or bool(LINKED.search(pattern))
            made.problems += answer_problems(book, response, path, role, is_own=is_own)
            made.cookies |= names(response)
        made.logged = lines.lines
        transaction.set_rollback(True)
    return made


def names(response: Any) -> set[str]:
    """The cookies that an answer sets."""
    cookies: SimpleCookie = response.cookies
    return set(cookies)
