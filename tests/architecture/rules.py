"""The house rules as functions: each gets a path and its text and returns what it found wrong.

Pure, so that every rule can be shown to fail (`test_rules.py` hands each one its own offence).
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
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


def migrations() -> Iterator[tuple[str, str]]:
    """(path from the top, text) of every migration."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("migrations/*.py")):
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
    known = _origins(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, _full_name(node.func, known)


def _origins(tree: ast.AST) -> dict[str, str]:
    """{name in the file: what it was imported as}, so that `import x as y` hides nothing."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom):
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return known


def _full_name(node: ast.expr, known: dict[str, str]) -> str:
    first, dot, rest = ast.unparse(node).partition(".")
    return known.get(first, first) + dot + rest


def _uses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, full name) of every name and attribute that is read, called or handed on."""
    known = _origins(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.lineno, _full_name(node, known)


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


_STATUS = {"state", "status", "outcome"}
# Delivery and expansion are the outbox's machinery: they move mails through its table, under its locks.
_STATUS_WRITERS = re.compile(r"(^|/)services(\.py|/)|taskforce/notifications/(delivery|expansion)\.py$")


_WRITES = {"update", "create", "bulk_create", "update_or_create", "get_or_create"}
_WRITES |= {f"a{name}" for name in _WRITES}


@lru_cache(maxsize=1)
def _models() -> frozenset[str]:
    """The names of all classes of the portal's `models.py`."""
    trees = [ast.parse(path.read_text("utf-8")) for package in PACKAGES for path in (ROOT / package).rglob("models.py")]
    return frozenset(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))


def status_outside_services(path: str, text: str) -> list[str]:
    """Only services write a status: by assignment, `setattr`, a queryset's or manager's method, or a new row."""
    if _STATUS_WRITERS.search(path):
        return []
    tree = ast.parse(text)
    found = [
        f"{path}:{node.lineno} assigns .{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in _STATUS
    ]
    for node, name in _calls(tree):
        last = name.rsplit(".", 1)[-1]
        if last in {"setattr", "bulk_update", "abulk_update"}:
            written = _strings(node)
        elif last in _WRITES or last in _models():
            written = _written(node)
        else:
            continue
        if written & _STATUS:
            found.append(f"{path}:{node.lineno} writes {written & _STATUS}")
    return found


def _written(call: ast.Call) -> set[str]:
    """The fields that a call names: its keywords, and the keys of dictionaries that are handed to it."""
    names = {keyword.arg for keyword in call.keywords if keyword.arg}
    dictionaries = [node for keyword in call.keywords for node in ast.walk(keyword.value) if isinstance(node, ast.Dict)]
    keys = {key.value for node in dictionaries for key in node.keys if isinstance(key, ast.Constant)}
    made = {inner.arg for keyword in call.keywords for inner in _keywords_of_dict(keyword.value)}
    return names | {key for key in keys if isinstance(key, str)} | {name for name in made if name}


def _keywords_of_dict(value: ast.expr) -> list[ast.keyword]:
    is_dict = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict"
    return value.keywords if is_dict and isinstance(value, ast.Call) else []


def _strings(call: ast.Call) -> set[str]:
    """Every literal string among the arguments of a call, also inside lists."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return {
        node.value
        for value in values
        for node in ast.walk(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


_MAIL = re.compile(r"^(smtplib|django\.core\.mail)\b")


def mail_outside_delivery(path: str, text: str) -> list[str]:
    """Only `notifications/delivery.py` may import what sends mail."""
    if path == "taskforce/notifications/delivery.py":
        return []
    return [f"{path}:{line} imports {name}" for line, name in _imports(ast.parse(text)) if _MAIL.match(name)]


_CLOCKS = re.compile(
    r"^((django\.utils\.)?timezone\.now|(datetime\.)?(datetime|date)\.(now|utcnow|today)"
    r"|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|gmtime|localtime|ctime|clock_gettime)"
    r"|([\w.]+\.)?functions\.(Now|TransactionNow)|Now|TransactionNow)$"
)
# These ask the time unless they are given one.
_CLOCKS_BY_DEFAULT = re.compile(r"^(django\.utils\.)?timezone\.(localtime|localdate)$")
_SQL_CLOCKS = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(CURRENT_(TIMESTAMP|DATE|TIME)|LOCALTIMESTAMP|LOCALTIME)\b|'(now|today)'::",
    re.I,
)
_CLOCK = "taskforce/core/clock.py"
# The demo's clock is set there, against the server's own.
_MAY_ASK_IN_SQL = re.compile(r"taskforce/(core/(clock\.py|migrations/)|portal/demo/clock\.py$)")
# The sign-up library makes accounts by itself; the day is only kept, and no rule reads it.
_MAY_STAMP = {("taskforce/accounts/models.py", "date_joined")}


def time_outside_clock(path: str, text: str) -> list[str]:
    """Only `core/clock.py` asks the time, in Python and in SQL."""
    tree = ast.parse(text)
    found = sql_time_outside_clock(path, text) + _stamps(path, tree)
    if path == _CLOCK:
        return found
    found += [f"{path}:{line} uses {name}" for line, name in _uses(tree) if _CLOCKS.match(name)]
    found += [
        f"{path}:{node.lineno} calls {name} without a moment"
        for node, name in _calls(tree)
        if _CLOCKS_BY_DEFAULT.match(name)
        and not node.args
        and not any(keyword.arg == "value" for keyword in node.keywords)
    ]
    return found


def sql_time_outside_clock(path: str, text: str) -> list[str]:
    """No statement but the clock's own asks the server's time; also the migrations follow this."""
    if _MAY_ASK_IN_SQL.match(path):
        return []
    tree = ast.parse(text)
    spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        f"{path}:{node.lineno} asks the time in SQL"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in spoken and _SQL_CLOCKS.search(node.value)
    ]


def _stamps(path: str, tree: ast.AST) -> list[str]:
    """Columns that Django fills with its own time."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            stamps = {keyword.arg for keyword in node.value.keywords} & {"auto_now", "auto_now_add"}
            if stamps and (path, ast.unparse(target)) not in _MAY_STAMP:
                found.append(f"{path}:{node.lineno} uses {stamps}")
    return found


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
        "taskforce/core/wholedates.py",
        "taskforce/notifications/values.py",
        "taskforce/notifications/templatetags/mail.py",
        "taskforce/portal/mailbox.py",
    }


def unescaped(path: str, text: str) -> list[str]:
    """`mark_safe` only where a cleaner or an escape has just run; `|safe` and `autoescape off` nowhere.

    A template of a mail's text part is plain text, which `autoescape off` is for; mails escape for Markdown instead.
    """
    if not path.endswith(".py"):
        off = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+off|{%\s*filter\s+safe")
        return [f"{path}:{number} is unescaped" for number, line in enumerate(text.splitlines(), 1) if off.search(line)]
    if _may_mark_safe(path):
        return []
    tree = ast.parse(text)
    marks = [(line, name) for line, name in _uses(tree) if name.rsplit(".", 1)[-1] in {"mark_safe", "html_safe"}]
    marks += [
        (node.lineno, name) for node, name in _calls(tree) if name.rsplit(".", 1)[-1] in {"SafeString", "SafeText"}
    ]
    return [f"{path}:{line} marks as safe by {name}" for line, name in marks]


def untrimmed_blocktranslate(path: str, text: str) -> list[str]:
    """Every `blocktranslate` is `trimmed`, so that line breaks of the template are no part of the message."""
    tags = re.findall(r"{%\s*(blocktrans(?:late)?\b[^%]*)%}", text)
    return [f"{path}: {{% {tag}%}} is not trimmed" for tag in tags if "trimmed" not in tag.split()]


_INLINE = re.compile(
    r"<style\b|(?<![\w-])(style|srcdoc|on[a-z]+)\s*=|javascript:"
    r"|<script\b(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")",
    re.I,
)
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.S)


def inline_code(path: str, text: str) -> list[str]:
    """No inline script, style or event handler, quoted or not: the Content-Security-Policy allows none."""
    # What stands in a template's tags is no HTML; a blank of as many lines takes its place.
    html = _TAGS.sub(lambda tag: " " + "\n" * tag[0].count("\n"), text)
    return [
        f"{path}:{html.count(chr(10), 0, found.start()) + 1} has inline code: {found[0]}"
        for found in _INLINE.finditer(html)
    ]


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
