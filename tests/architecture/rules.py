"""The house rules as functions: each gets a path and its text and returns what it found wrong.

Pure, so that every rule can be shown to fail (`test_rules.py` hands each one its own offence).
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("taskforce", "proposals", "feedback", "recruitment")
Rule = Callable[[str, str], list[str]]

# DESIGN 3, from the lowest floor up. Relations between models follow the same order as imports.
FLOORS = (
    ("core",),
    ("audit",),
    ("limits",),
    ("notifications",),
    ("accounts",),
    ("questions",),
    ("timeline",),
    ("announcements",),
    ("proposals", "recruitment"),
    ("feedback",),
    ("portal",),
)
_FLOOR = {label: height for height, labels in enumerate(FLOORS) for label in labels}


def sources() -> Iterator[tuple[str, str]]:
    """(path from the top, text) of every Python file of the portal but migrations."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def templates() -> Iterator[tuple[str, str]]:
    """(path from the top, text) of every template."""
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def points_up(label: str, target: str) -> bool:
    """Whether a relation from app `label` to app `target` leaves its own app for the same floor or a higher one."""
    if label == target or target not in _FLOOR or label not in _FLOOR:
        return False
    return _FLOOR[target] >= _FLOOR[label]


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


_STATUS = {"state", "status", "outcome"}
# Delivery and expansion are the outbox's machinery: they move mails through its table, under its locks.
_STATUS_WRITERS = re.compile(r"(^|/)services(\.py|/)|taskforce/notifications/(delivery|expansion)\.py$")


def status_outside_services(path: str, text: str) -> list[str]:
    """Only services assign a status: `x.state = …`, `update(state=…)`, `create(state=…)` elsewhere are found."""
    if _STATUS_WRITERS.search(path):
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign):
            found += [
                f"{path}:{node.lineno} assigns .{target.attr}"
                for target in node.targets
                if isinstance(target, ast.Attribute) and target.attr in _STATUS
            ]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            writes = node.func.attr in {"update", "create", "bulk_create", "update_or_create", "get_or_create"}
            names = {keyword.arg for keyword in node.keywords} & _STATUS
            if writes and names and "objects" in ast.unparse(node.func) + "objects" * (node.func.attr == "update"):
                found.append(f"{path}:{node.lineno} writes {names}")
    return found


_MAIL = re.compile(r"^(smtplib|django\.core\.mail)\b")


def mail_outside_delivery(path: str, text: str) -> list[str]:
    """Only `notifications/delivery.py` (and its SMTP connection) may import what sends mail."""
    if re.fullmatch(r"taskforce/notifications/(delivery|smtp)\.py", path):
        return []
    return [f"{path}:{line} imports {name}" for line, name in _imports(ast.parse(text)) if _MAIL.match(name)]


_CLOCKS = re.compile(
    r"^(timezone\.now|(datetime|datetime\.datetime|dt)\.(now|utcnow|today)|(date|datetime\.date)\.today"
    r"|time\.(time|monotonic|perf_counter)|(functions\.)?Now|(functions\.)?TransactionNow)$"
)


def time_outside_clock(path: str, text: str) -> list[str]:
    """Only `core/clock.py` asks the time, in Python and in SQL."""
    if path == "taskforce/core/clock.py":
        return []
    tree = ast.parse(text)
    found = [f"{path}:{node.lineno} calls {name}" for node, name in _calls(tree) if _CLOCKS.match(name)]
    found += [
        f"{path}:{node.value.lineno} passes {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "default" and "timezone.now" in ast.unparse(node)
    ]
    sql = re.compile(r"\b(SELECT|UPDATE|INSERT|WHERE)\b.*\b(now\(\)|CURRENT_TIMESTAMP|statement_timestamp)", re.S)
    found += [
        f"{path}:{node.lineno} asks the time in SQL"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and sql.search(_without_ours(node.value))
    ]
    return found


def _without_ours(statement: str) -> str:
    return statement.replace("app_now()", "")


def broker_use(path: str, text: str) -> list[str]:
    """No `eta=`, no `countdown=`, no `.delay()` or `.apply_async()`: what is due is a row, beat wakes the sweep."""
    found = []
    for node, name in _calls(ast.parse(text)):
        last = name.rsplit(".", 1)[-1]
        if last in {"delay", "apply_async", "send_task"}:
            found.append(f"{path}:{node.lineno} calls the broker by {last}")
        late = {keyword.arg for keyword in node.keywords} & {"eta", "countdown"}
        if late:
            found.append(f"{path}:{node.lineno} uses {late}")
    return found


def redis_in_requests(path: str, text: str) -> list[str]:
    """Nothing but the health page (which reports it) speaks to Redis, so no request can hang on the broker."""
    if path == "taskforce/portal/health.py":
        return []
    found = [(line, name) for line, name in _imports(ast.parse(text)) if re.match(r"(redis|kombu)\b", name)]
    return [f"{path}:{line} imports {name}" for line, name in found]


def own_signals(path: str, text: str) -> list[str]:
    """No signals of ours, nothing in `save()` or `delete()` of a model."""
    tree = ast.parse(text)
    found = [
        f"{path}:{line} imports {name}" for line, name in _imports(tree) if "dispatch" in name or "signals" in name
    ]
    if path.endswith("models.py"):
        found += [
            f"{path}:{node.lineno} overrides {node.name}()"
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "full_clean"}
        ]
    return found


def _may_mark_safe(path: str) -> bool:
    return path in {
        "taskforce/core/markdown.py",
        "taskforce/core/icons.py",
        "taskforce/notifications/values.py",
        "taskforce/notifications/templatetags/mail.py",
        "taskforce/portal/mailbox.py",
    }


def unescaped(path: str, text: str) -> list[str]:
    """`mark_safe` only where a cleaner or an escape has just run; `|safe` and `autoescape off` nowhere.

    A template of a mail's text part is plain text, which `autoescape off` is for; mails escape for Markdown instead.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if path.endswith(".py") and re.search(r"\bmark_safe\(|SafeString\(", line) and not _may_mark_safe(path):
            found.append(f"{path}:{number} marks as safe")
        if re.search(r"\|\s*safe\b|autoescape off", line) and not path.endswith(".py"):
            found.append(f"{path}:{number} is unescaped")
    return found


def untrimmed_blocktranslate(path: str, text: str) -> list[str]:
    """Every `blocktranslate` is `trimmed`, so that line breaks of the template are no part of the message."""
    tags = re.findall(r"{%\s*(blocktrans(?:late)?\b[^%]*)%}", text)
    return [f"{path}: {{% {tag}%}} is not trimmed" for tag in tags if "trimmed" not in tag.split()]


_INLINE = re.compile(
    r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")",
    re.I,
)


def inline_code(path: str, text: str) -> list[str]:
    """No inline script, style or event handler: the Content-Security-Policy allows none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if _INLINE.search(line):
            found.append(f"{path}:{number} has inline code: {line.strip()[:80]}")
    return found


PYTHON_RULES: tuple[Rule, ...] = (
    status_outside_services,
    mail_outside_delivery,
    time_outside_clock,
    broker_use,
    redis_in_requests,
    own_signals,
    unescaped,
)
TEMPLATE_RULES: tuple[Rule, ...] = (untrimmed_blocktranslate, inline_code, unescaped)
