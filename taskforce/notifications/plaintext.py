"""Markdown as a text that reads well without any formatting: the text part of a mail."""

from collections.abc import Iterator, Sequence

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from taskforce.core import markdown

# A line between two blocks. Not of hyphens: "-- " begins a signature, which programs fold away (RFC 3676, 4.3).
RULE = "* * *"


def from_markdown(source: str) -> str:
    """Blocks of Markdown as plain text: blocks apart by an empty line, links as `text <address>`."""
    return _blocks(_tree(markdown.tokens(source)))


def from_inline(source: str) -> str:
    """One line of Markdown as plain text."""
    return _inline(_tree(markdown.inline_tokens(source)))


def _tree(tokens: Sequence[Token]) -> Sequence[SyntaxTreeNode]:
    return SyntaxTreeNode(tokens).children


def _blocks(nodes: Sequence[SyntaxTreeNode], gap: str = "\n\n") -> str:
    return gap.join(filter(None, (_block(node) for node in nodes)))


def _block(node: SyntaxTreeNode) -> str:
    if node.type in ("bullet_list", "ordered_list"):
        return "\n".join(_items(node))
    if node.type == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children).splitlines())
    if node.type == "heading":
        return _heading(node)
    if node.type == "hr":
        return RULE
    if node.type in ("code_block", "fence"):
        return node.content.rstrip("\n")
    if node.type == "inline":
        return _inline(node.children)
    return _blocks(node.children)


def _heading(node: SyntaxTreeNode) -> str:
    """A line of its own, with signs around it where others stand below it; a link's address in the line after it."""
    inner = node.children[0].children if node.children else []
    if len(inner) == 1 and inner[0].type == "link":
        return f"{_inline(inner[0].children)}\n{inner[0].attrs.get('href', '')}"
    return f"== {_inline(inner)} ==" if node.tag in ("h1", "h2") else _inline(inner)


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        # A loose list has paragraphs in its items, a tight one has not; both read the same here.
        lines = _blocks(item.children, gap="\n").splitlines()
        yield mark + "\n".join([*lines[:1], *(f"{' ' * len(mark)}{line}".rstrip() for line in lines[1:])])


def _inline(nodes: Sequence[SyntaxTreeNode]) -> str:
    return "".join(_piece(node) for node in nodes)


def _piece(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "text_special", "code_inline"):
        return node.content
    if node.type == "softbreak":
        return " "
    if node.type == "hardbreak":
        return "\n"
    inner = _inline(node.children)
    if node.type == "inline":
        return inner
    if node.type == "link":
        address = str(node.attrs.get("href", ""))
        return address.removeprefix("mailto:") if node.markup == "autolink" or not inner else f"{inner} <{address}>"
    return inner
