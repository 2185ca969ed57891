"""The sources as the rules read them: files with their paths, and what stands in a syntax tree."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("taskforce", "proposals", "feedback", "recruitment")


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


@cache
def parsed(text: str) -> ast.Module:
    """The tree of a file; each file is read by many rules."""
    return ast.parse(text)


def of_models(path: str) -> bool:
    """Whether a file holds rows: an app's `models.py`, or one in its package `models/`."""
    return path.endswith("models.py") or Path(path).parent.name == "models"


@cache
def model_names() -> frozenset[str]:
    """The names of all classes of the portal's models."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    trees = [parsed(path.read_text("utf-8")) for path in files if of_models(str(path))]
    return frozenset(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of a tree; to walk one takes longer than to look at it."""
    return tuple(ast.walk(tree))


@cache
def imports(tree: ast.AST) -> tuple[tuple[int, str], ...]:
    """(line, full name) of everything that is imported."""
    return tuple(_imports(tree))


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def calls(tree: ast.AST) -> tuple[tuple[ast.Call, str], ...]:
    """Every call with the full name of what is called."""
    known = _origins(tree)
    return tuple((node, _full_name(node.func, known)) for node in nodes(tree) if isinstance(node, ast.Call))


@cache
def uses(tree: ast.AST) -> tuple[tuple[int, str], ...]:
    """(line, full name) of every name and attribute that is read, called or handed on."""
    known = _origins(tree)
    return tuple(
        (node.lineno, _full_name(node, known))
        for node in nodes(tree)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def last(name: str) -> str:
    """The last part of a full name."""
    return name.rsplit(".", 1)[-1]


def strings(*given: ast.AST) -> set[str]:
    """Every literal string in these nodes, however deep."""
    return {
        inner.value
        for node in given
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    }


def written_texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of every string of a file but docstrings, put together where it is joined, `{}` for the unknown."""
    spoken = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    for node in nodes(tree):
        if id(node) not in spoken and isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            yield node.lineno, _joined(node)


def _joined(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "{}"
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_joined, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined(node.left) + _joined(node.right)
    return "{}"


def _origins(tree: ast.AST) -> dict[str, str]:
    """{name in the file: what it was imported as}, so that `import x as y` hides nothing."""
    known = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            known.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom):
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return known


def _full_name(node: ast.expr, known: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    first = known.get(node.id, node.id) if isinstance(node, ast.Name) else "()"
    return ".".join([first, *parts])
