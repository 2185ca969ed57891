"""Every act that the code records has its words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskforce.portal import audit_words

ROOT = Path(__file__).resolve().parents[2]
# Where the code is put together: the function that records, and all that it can come to.
_MADE = {
    "account.{name}": {"account.language", "account.zone"},
    "deletion.{action}": {"deletion.do", "deletion.refuse"},
    "invitation.{what}": {f"invitation.{state}" for state in ("invited", "accepted", "declined", "withdrawn")},
    "feedback.{action}": {"feedback.publish", "feedback.hide"},
    "task-force.{action}": {"task-force.announce", "task-force.cancel", "task-force.end"},
    "mail.{action}": {"mail.release", "mail.requeue", "mail.resolve-sent", "mail.resolve-failed"},
    "phase.{act.value}": {"phase.extended", "phase.shortened", "phase.closed", "phase.cancelled"},
    "{watched}.listed": set(),
    "{watched}.read": set(),
}
_WRITERS = {"record", "record_read", "log_act", "_record"}
# Modules whose own writer puts this before the words it is given.
_PREFIXED = {
    "taskforce/timeline/services/bulletins.py": "bulletin.",
    "taskforce/timeline/services/following.py": "subscription.",
}


def _files() -> Iterator[Path]:
    for app in ("taskforce", "proposals", "feedback", "recruitment"):
        yield from (path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def recorded(source: str, path: str = "") -> set[str]:
    """The codes that a module records; of those that are put together the pattern."""
    found = set()
    prefix = _PREFIXED.get(path, "")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or _name(node.func) not in _WRITERS:
            continue
        for argument in node.args[:2]:
            found |= {f"{prefix}{code}" if prefix and "." not in code else code for code in _codes(argument)}
    return {code for code in found if "." in code}


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _codes(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, ast.IfExp):
        yield from _codes(argument.body)
        yield from _codes(argument.orelse)
    elif isinstance(argument, ast.JoinedStr):
        yield ast.unparse(argument)[2:-1]


def _watched() -> set[str]:
    """What pages that are watched write."""
    found = set()
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and _name(node.targets[0]) == "watched":
                word = ast.literal_eval(node.value)
                found |= {f"{word}.listed", f"{word}.read"} if word else set()
            if isinstance(node, ast.Call) and _name(node.func) in ("note_list", "note_row") and len(node.args) > 1:
                kind = "listed" if _name(node.func) == "note_list" else "read"
                found |= {f"{code}.{kind}" for code in _codes(node.args[1])}
    return found


def every_code() -> set[str]:
    """All codes that can come into the log."""
    found = _watched()
    for path in _files():
        for code in recorded(path.read_text("utf-8"), str(path.relative_to(ROOT))):
            if "{" not in code:
                found.add(code)
            elif not any(code.startswith(start) for start in ("bulletin.", "subscription.")):
                assert code in _MADE, f"{path}: nobody says what {code} can come to"
                found |= _MADE[code]
    return found


def test_every_act_has_its_words() -> None:
    assert every_code() - set(audit_words.ACTIONS) == set()


@pytest.mark.parametrize("missing", ["phase.extended", "identity.read", "application.listed", "bulletin.sent"])
def test_an_act_without_words_is_found(missing: str) -> None:
    """The twin: each way of writing an entry is seen."""
    assert missing in every_code()


def test_a_new_act_is_found() -> None:
    assert recorded('log.record("thing.done" if x else "thing.undone", at=at)') == {"thing.done", "thing.undone"}
    assert recorded("log.record(f'thing.{act}', at=at)") == {"thing.{act}"}
