"""The rule that only `core/clock.py` asks the time: in Python, in SQL and in templates."""

import ast
import re

from tests.architecture.reading import calls, imports, nodes, parsed, uses

_CLOCKS = re.compile(
    r"^((django\.utils\.)?timezone\.now|(datetime\.)?(datetime|date)\.(now|utcnow|today)"
    r"|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|gmtime|localtime|ctime|clock_gettime)"
    r"|([\w.]+\.)?functions\.(Now|TransactionNow)|Now|TransactionNow)$"
)
# These ask the time unless they are given one.
_CLOCKS_BY_DEFAULT = re.compile(r"^(django\.utils\.)?timezone\.(localtime|localdate)$")
_DISTANCES = re.compile(r"^(django\.utils\.)?timesince\.(timesince|timeuntil)$")
_HUMAN = re.compile(r"^django\.contrib\.humanize\b")
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
    tree = parsed(text)
    found = sql_time_outside_clock(path, text) + _stamps(path, tree)
    if path == _CLOCK:
        return found
    found += [f"{path}:{line} uses {name}" for line, name in uses(tree) if _CLOCKS.match(name)]
    found += [f"{path}:{line} imports {name}" for line, name in imports(tree) if _HUMAN.match(name)]
    found += [f"{path}:{node.lineno} calls {name} without a moment" for node, name in calls(tree) if _asks(node, name)]
    return found


def _asks(call: ast.Call, name: str) -> bool:
    """Whether a call that takes a moment is given none."""
    named = {keyword.arg for keyword in call.keywords}
    if _CLOCKS_BY_DEFAULT.match(name):
        return not call.args and "value" not in named
    return bool(_DISTANCES.match(name)) and len(call.args) < 2 and "now" not in named


def sql_time_outside_clock(path: str, text: str) -> list[str]:
    """No statement but the clock's own asks the server's time; also the migrations follow this."""
    if _MAY_ASK_IN_SQL.match(path):
        return []
    tree = parsed(text)
    spoken = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    return [
        f"{path}:{node.lineno} asks the time in SQL"
        for node in nodes(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in spoken and _SQL_CLOCKS.search(node.value)
    ]


def _stamps(path: str, tree: ast.AST) -> list[str]:
    """Columns that Django fills with its own time."""
    found = []
    for node in nodes(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            stamps = {keyword.arg for keyword in node.value.keywords} & {"auto_now", "auto_now_add"}
            if stamps and (path, ast.unparse(target)) not in _MAY_STAMP:
                found.append(f"{path}:{node.lineno} uses {stamps}")
    return found


_TAG = re.compile(r"{%.*?%}|{{.*?}}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# `timesince` and `timeuntil` ask the time unless a moment stands behind a colon; the others always do.
_TEMPLATE_CLOCKS = re.compile(
    r"^{%\s*now\b|(\||\bfilter\s)\s*((timesince|timeuntil)\b(?!:)|natural(time|day)\b)|^{%\s*load\b.*\bhumanize\b"
)


def time_in_templates(path: str, text: str) -> list[str]:
    """No tag or filter of a template asks the time; what is shown comes with the context."""
    return [
        f"{path}:{number} asks the time: {tag}"
        for number, line in enumerate(text.splitlines(), 1)
        for tag in _TAG.findall(line)
        if _TEMPLATE_CLOCKS.search(_QUOTED.sub('""', tag))
    ]
