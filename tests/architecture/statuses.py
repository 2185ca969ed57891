"""The rule that only services write a status, whatever door somebody takes."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.reading import calls, last, model_names, nodes, parsed, strings, written_texts

_STATUS = {"state", "status", "outcome"}
# Delivery and expansion are the outbox's machinery: they move mails through its table, under its locks.
_WRITERS = re.compile(r"(^|/)services(\.py|/)|taskforce/notifications/(delivery|expansion)\.py$")
_WRITES = {"update", "create", "bulk_create", "update_or_create", "get_or_create"}
_WRITES |= {f"a{name}" for name in _WRITES}
_UPDATES = {"update", "aupdate"}
_BULK = {"bulk_update", "abulk_update"}
_SETTERS = {"setattr", "__setattr__"}
# Where a row is made of what was read of it, as Django's `from_db` does it; what else writes there is found.
_READS = {("taskforce/timeline/gates.py", "writes by made.__dict__.update")}
# Fields whose names the text alone does not tell.
_UNKNOWN = "?"

_COLUMN = rf'"?\b({"|".join(sorted(_STATUS))})\b"?'
_SQL = re.compile(
    # A condition behind WHERE only reads. A name put in from outside may be any column.
    rf"\bupdate\b.*?\bset\b(?:(?!\bwhere\b).)*?({_COLUMN}\s*=|\([^)]*{_COLUMN}[^)]*\)\s*=)"
    r"|\bupdate\b.*?\bset\s+\"?\{"
    rf"|\binsert\s+into\b[^()]*\([^)]*{_COLUMN}[^)]*\)"
    rf"|\bnew\.{_COLUMN}\s*:=",
    re.I | re.S,
)


def status_outside_services(path: str, text: str) -> list[str]:
    """Only services write a status: by assignment, by name, by a queryset's or manager's method, a new row, or SQL."""
    if _WRITERS.search(path):
        return []
    tree = parsed(text)
    found = [*_assigned(tree), *_called(tree), *_put_into_the_instance(tree)]
    found += [(line, "writes it in SQL") for line, statement in written_texts(tree) if _SQL.search(statement)]
    return [f"{path}:{line} {what}" for line, what in found if (path, what) not in _READS]


def _assigned(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in _STATUS:
            yield node.lineno, f"assigns .{node.attr}"


def _called(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node, name in calls(tree):
        written = _by_call(node, last(name), tree) & {*_STATUS, _UNKNOWN}
        if written:
            yield node.lineno, f"writes {written} by {last(name)}"


def _by_call(call: ast.Call, name: str, tree: ast.Module) -> set[str]:
    """The fields that a call writes."""
    if name in _SETTERS:
        return strings(call) | _strings_of_names(call.args[:2], tree)
    if name in _BULK:
        return strings(call) | _strings_of_names([*call.args, *(keyword.value for keyword in call.keywords)], tree)
    if name in _WRITES or name in model_names():
        written = _fields(call, tree)
        # A dictionary that is handed over whole says only where it was made what it writes.
        is_whole = any(keyword.arg is None and not _is_spelled_out(keyword.value) for keyword in call.keywords)
        return written | ({_UNKNOWN} if is_whole and name in _UPDATES else set())
    return set()


def _fields(call: ast.Call, tree: ast.Module) -> set[str]:
    """The fields that a call names: its keywords, and the keys of dictionaries that are handed to it."""
    found = {keyword.arg for keyword in call.keywords if keyword.arg}
    for keyword in call.keywords:
        if keyword.arg in {None, "defaults", "create_defaults"}:
            found |= _keys(keyword.value, tree)
    return found


def _is_spelled_out(value: ast.expr) -> bool:
    return isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) for key in value.keys)


def _keys(value: ast.expr, tree: ast.Module) -> set[str]:
    """The keys of a dictionary, also of one that was made under a name before."""
    if isinstance(value, ast.Name):
        return _keys_of_name(value.id, tree)
    found: set[str] = set()
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            found |= strings(*filter(None, node.keys))
            inner = [part for key, part in zip(node.keys, node.values, strict=True) if key is None]
            found |= {name for part in inner for name in _keys(part, tree)}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            found |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return found


def _keys_of_name(name: str, tree: ast.Module) -> set[str]:
    """The keys that a file gives the dictionaries of this name: when made, by index, by `update`."""
    found: set[str] = set()
    for node in nodes(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_named(node.value, name):
            found |= strings(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_named(node.func.value, name):
            found |= strings(*node.args) | {keyword.arg for keyword in node.keywords if keyword.arg}
    for value in _values_of(name, tree):
        found |= set() if isinstance(value, ast.Name) else _keys(value, tree)
    return found


def _strings_of_names(given: list[ast.expr], tree: ast.Module) -> set[str]:
    """The strings that names among these stand for, as far as the file tells."""
    names = {node.id for node in given if isinstance(node, ast.Name)}
    return {text for name in names for value in _values_of(name, tree) for text in strings(value)}


def _values_of(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """Whatever the file binds to a name: by assignment, in a loop."""
    for node in nodes(tree):
        if isinstance(node, ast.Assign) and any(_is_named(target, name) for target in node.targets):
            yield node.value
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and _is_named(node.target, name):
            yield from [node.value] if node.value else []
        elif isinstance(node, ast.For | ast.comprehension) and _is_named(node.target, name):
            yield node.iter


def _is_named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _put_into_the_instance(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What is written into `vars(x)` or `x.__dict__`, where no field and no check is met."""
    names = {
        target.id
        for node in nodes(tree)
        if isinstance(node, ast.Assign) and _is_namespace(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == "__dict__":
            yield node.lineno, "replaces __dict__"
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _is_namespace(node.value, names):
            if strings(node.slice) & _STATUS or not isinstance(node.slice, ast.Constant):
                yield node.lineno, f"writes {ast.unparse(node)}"
        elif (
            isinstance(node, ast.Attribute)
            and node.attr in {"update", "setdefault", "__setitem__"}
            and _is_namespace(node.value, names)
        ):
            yield node.lineno, f"writes by {ast.unparse(node)}"


def _is_namespace(node: ast.expr, names: set[str]) -> bool:
    is_vars = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vars"
    is_dict = isinstance(node, ast.Attribute) and node.attr == "__dict__"
    return is_vars or is_dict or (isinstance(node, ast.Name) and node.id in names)
