"""Rights in one shape: each app's `rules.py` has one table of them, `WHO`, and all tables are known here.

What a role may do is computed from them, so that nobody has to say a second time who may appoint whom.
"""

from typing import TYPE_CHECKING, NamedTuple

from taskforce.accounts.enums import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only


class Right(NamedTuple):
    """An action in plain words, the roles that may do it, and those that appoint people for it but may not do it.

    `is_everywhere`: only with a role for all task forces, since what it is done to belongs to none of them.
    """

    words: "str | _StrPromise"
    roles: frozenset[Role]
    appointed_by: frozenset[Role] = frozenset()
    is_everywhere: bool = False

    def is_given_by(self, grant: "Grant") -> bool:
        """Whether holding this role, where it is held, gives the right."""
        return grant.role in self.roles and (not self.is_everywhere or grant.task_force_id is None)


# By the code of the action, such as `phase.extend`.
Table = dict[str, Right]


class Grant(NamedTuple):
    """A role, where it holds (`task_force_id` None: everywhere) and in which language ("": every one)."""

    role: str
    task_force_id: int | None
    language: str

    def reaches(self, task_force_id: int | None, language: str) -> bool:
        """Whether it holds at the whole of a place and language: for all of them only what is held for all."""
        return self.task_force_id in (None, task_force_id) and self.language in ("", language)


class App(NamedTuple):
    """What an app is called to people, and its table."""

    title: "str | _StrPromise"
    table: Table


_apps: dict[str, App] = {}


def register(name: str, title: "str | _StrPromise", table: Table) -> None:
    """Make an app's table known; the same one again changes nothing. Called in `AppConfig.ready()`."""
    if _apps.setdefault(name, App(title, table)).table != table:
        raise ValueError(f"two tables of rights are called {name}")


def apps() -> dict[str, App]:
    """Every registered app by its name, in the order of the house, from below."""
    return dict(_apps)


def rights_of(grant: Grant) -> frozenset[tuple[str, str]]:
    """What a role may do where it is held: all (app, action) whose line gives it."""
    return frozenset((name, action) for name, action, right in _lines() if right.is_given_by(grant))


def entrusted_to(role: str) -> frozenset[tuple[str, str]]:
    """What a role may hand on: what it may do itself, and what the tables say it appoints people for."""
    return frozenset((name, action) for name, action, right in _lines() if role in right.roles | right.appointed_by)


def in_words(grant: Grant) -> list[tuple[str, str]]:
    """What a role may do where it is held: (what the app is called, the action in plain words), as the tables go."""
    return [(str(_apps[name].title), str(right.words)) for name, _action, right in _lines() if right.is_given_by(grant)]


def words_of(line: tuple[str, str]) -> str:
    """An (app, action) in plain words, in the active language."""
    name, action = line
    return str(_apps[name].table[action].words)


def _lines() -> list[tuple[str, str, Right]]:
    return [(name, action, right) for name, app in _apps.items() for action, right in app.table.items()]
