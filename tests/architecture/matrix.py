"""The access matrix: address x role x state x verb, each with the answer that it must get, and what it may change.

Generated from the table (`table.py`), the states (`states.py`), the URLconf and the admin registry.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from tests.architecture.demo_urls import urlpatterns
from tests.architecture.routes import all_routes, is_stock
from tests.architecture.states import NEIGHBOURS, STATES, World, key
from tests.architecture.table import ELSEWHERE, OUTSIDE, ROLES, STAFF, TABLE, Row
from tests.architecture.walk import is_absent, stock_addresses
from tests.fuzz.caller import Answer, Caller, Sent

EVERYBODY = (*ROLES, *NEIGHBOURS)
# Verbs that nothing on the portal answers to.
UNKNOWN_VERBS = ("PUT", "PATCH", "DELETE")
# What a refused request may leave behind: who asked, when, how often.
_LEFT_BEHIND = ("django_session", "limits_counter", "audit_entry", "cache_default", "accounts_user")
_CHANGED = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND relname <> ALL(%s)
"""


# Where the row does not say more.
_NO_ERROR = frozenset({200, 302, 303, 400, 403, 404, 405, 409, 429})


class Cell(NamedTuple):
    """One question to the portal: who asks what of which row in which state, and which statuses are right."""

    name: str
    role: str
    state: str
    verb: str
    address: str
    right: frozenset[int]
    may_write: bool = False

    @property
    def title(self) -> str:
        """For the report."""
        return f"{self.role}: {self.verb} {self.address} ({self.name}{', ' if self.state else ''}{self.state})"


def states_of(row: Row) -> tuple[str, ...]:
    """The states in which the matrix walks a row, the usual one first."""
    return (*dict.fromkeys(["", *(state for kind in _kinds(row) for state in STATES.get(kind, ()))]),)


def address_of(row: Row, state: str, world: World) -> str:
    """A row's address for its object in a state."""
    names = {kind: world[key(kind, state if state in STATES.get(kind, ()) else "")] for kind in _kinds(row)}
    path = row.path.format(**names)
    return path if path.startswith("/") else f"/en/{path}"


def _kinds(row: Row) -> list[str]:
    return re.findall(r"{(\w+)}", row.path)


# What is no task force's own; whatever else has no row elsewhere is the walk's task force's.
_EVERYBODYS = {"hold", "user"}
# What only a role for all task forces opens, which staff of another one have not.
_FOR_ALL = ("admin/accounts/deletionrequest/",)


def expected(row: Row, role: str, state: str, *, post: bool = False) -> Any:
    """The status for anybody, also for staff of another task force only."""
    ask = Row.expected_by_post if post else Row.expected
    if role not in NEIGHBOURS:
        return ask(row, role, state)
    if not row.path.startswith("admin/"):
        return ask(row, "privacy", state)
    if state != ELSEWHERE and set(_kinds(row)) - _EVERYBODYS:
        return row.everybody
    if row.path.startswith(_FOR_ALL):
        return row.expected("moderator")
    like = ("coordinator", "reviewer1") if role == "neighbour" else STAFF
    best = min(like, key=row.expected)
    if post and state in row.post_in and row.expected(best) == 200:
        return row.post_in[state]
    return ask(row, best)


def cells(world: World) -> Iterator[Cell]:
    """The matrix of the addresses that have a row."""
    for name, row in TABLE.items():
        for state in states_of(row):
            address = address_of(row, state, world)
            for role in EVERYBODY:
                read = expected(row, role, state)
                posted = expected(row, role, state, post=True)
                yield Cell(name, role, state, "GET", address, frozenset({read}))
                answers = _NO_ERROR if posted is None else frozenset({posted})
                yield Cell(name, role, state, "POST", address, answers, row.writes and posted in (None, row.post))
            for verb, role in _other_verbs(f"{name}{state}"):
                right = expected(row, role, state) if verb == "HEAD" else 405
                yield Cell(name, role, state, verb, address, frozenset({right}))


def _other_verbs(name: str) -> Iterator[tuple[str, str]]:
    """Reading the head alone as three of all people, the verbs that nothing knows as one, others at each address."""
    first = sum(map(ord, name))
    for number, verb in enumerate(("HEAD", *UNKNOWN_VERBS)):
        steps = (0, 5, 10) if verb == "HEAD" else (0,)
        yield from ((verb, EVERYBODY[(first + number + step) % len(EVERYBODY)]) for step in steps)


def stock_cells(world: World) -> Iterator[Cell]:
    """The matrix of Django's and allauth's own addresses: outsiders get nothing of the admin, nobody deletes in it."""
    for route in all_routes(urlpatterns):
        if not is_stock(route) or route.name in TABLE:
            continue
        for role in EVERYBODY:
            as_role = role if role in ROLES else "coordinator"
            for state, address in _stock_places(route.name, stock_addresses(route, as_role, world), world):
                right = _NOTHING if is_absent(address) else _right_of_stock(route.name, role, state)
                yield Cell(route.name, role, state, "GET", address, right)
                yield Cell(route.name, role, state, "POST", address, right | {403, 405})
                for verb, who in _other_verbs(f"{route.name}{state}"):
                    if who == role and verb in UNKNOWN_VERBS:
                        yield Cell(route.name, role, state, verb, address, frozenset({405}))


def _stock_places(name: str, addresses: list[str], world: World) -> Iterator[tuple[str, str]]:
    """The addresses of a stock route, one about a row for each of its states."""
    yield from (("", address) for address in addresses)
    found = re.fullmatch(r"admin:\w+?_(\w+)_(change|delete)", name)
    kind = found.group(1) if found else ""
    for state in STATES.get(kind, ()):
        yield state, addresses[0].replace(f"/{world[kind]}/", f"/{world[key(kind, state)]}/")


# allauth's: a page, a way to sign in or on, or nothing there; never an error of ours.
_SIGN_IN = frozenset({200, 302, 303, 400, 403, 404, 405})
# Whoever is not staff: to the sign-in, or told that this is not for them.
_OUTSIDE = frozenset({302, 403})
_NOTHING = frozenset({302, 403, 404})


def _right_of_stock(name: str, role: str, state: str) -> frozenset[int]:
    if not name.startswith("admin:"):
        return _SIGN_IN
    if role in OUTSIDE:
        return _OUTSIDE if name != "admin:jsi18n" else _OUTSIDE | {200}
    if name in _OPEN_TO_STAFF:
        return _NOTHING | {200, 405}
    if name.endswith("_change"):
        seen = TABLE.get(f"{name.removesuffix('_change')}_changelist", Row("", 404))
        return frozenset({200}) if expected(_one_of(seen, name), role, state) == 200 else _NOTHING
    return _NOTHING


_OPEN_TO_STAFF = {"admin:index", "admin:jsi18n", "admin:logout", "admin:app_list"}


def _one_of(seen: Row, name: str) -> Row:
    """The page of one row of a list: for whoever sees the list, and nobody else."""
    kind = name.removesuffix("_change").rpartition("_")[2]
    return Row(f"{seen.path}{{{kind}}}/", 404, seen.exceptions)


def cell_problems(cell: Cell, caller: Caller) -> list[str]:
    """What is wrong with the answer to a cell's question, and with what it changed."""
    before = changed()
    answer: list[Answer] = []
    sent = Sent(cell.address, cell.state, cell.verb)
    found = caller.problems([sent], cell.name, keep=answer)
    status = answer[0].status
    if not found and status not in cell.right:
        found.append(f"{cell.title}: {status} instead of {', '.join(map(str, sorted(cell.right)))}")
    if not cell.may_write and (written := changed_since(before)):
        found.append(f"{cell.title}: {status}, and changed {', '.join(written)}")
    return found


def changed() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, taken back or not."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [list(_LEFT_BEHIND)])
        return dict(cursor.fetchall())


def changed_since(before: dict[str, int]) -> list[str]:
    """The tables that were written to since then."""
    return sorted(table for table, count in changed().items() if count != before.get(table, 0))
