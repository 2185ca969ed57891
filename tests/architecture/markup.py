"""The rules of templates: whole messages, no inline code, nothing unescaped."""

import ast
import re

from tests.architecture.reading import calls, imports, last, parsed, uses

_OPENING = re.compile(r"{%\s*(blocktrans(?:late)?\b.*?)%}", re.S)
_BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b.*?%}(.*?){%\s*endblocktrans(?:late)?\b", re.S)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.S)


def bad_blocktranslate(path: str, text: str) -> list[str]:
    """Every `blocktranslate` is `trimmed`, so that line breaks of the template are no part of the message.

    And no bare `%` stands in one: gettext takes the message for a format, and the sign for the beginning of a field.
    A number with its percent sign comes formatted, as a value.
    """
    found = [tag for tag in _OPENING.findall(text) if "trimmed" not in _QUOTED.sub('""', tag).split()]
    signs = [body for body in _BLOCK.findall(text) if "%" in _TAGS.sub("", body)]
    return [f"{path}: {{% {tag}%}} is not trimmed" for tag in found] + [
        f"{path}: a bare % in “{body.strip()}”" for body in signs
    ]


_INLINE = re.compile(
    r"<style\b|(?<![\w-])(style|srcdoc|on[a-z]+)\s*=|javascript:"
    r"|<script\b(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")",
    re.I,
)


def inline_code(path: str, text: str) -> list[str]:
    """No inline script, style or event handler, quoted or not: the Content-Security-Policy allows none."""
    # What stands in a template's tags is no HTML; a blank of as many lines takes its place.
    html = _TAGS.sub(lambda tag: " " + "\n" * tag[0].count("\n"), text)
    return [
        f"{path}:{html.count(chr(10), 0, found.start()) + 1} has inline code: {found[0]}"
        for found in _INLINE.finditer(html)
    ]


# Who may parse or clean Markdown and HTML; a second way would have to be as careful as the first.
_RENDERERS = {
    "taskforce/core/markdown.py": {"markdown_it", "nh3"},
    "taskforce/notifications/plaintext.py": {"markdown_it"},
}
_RENDERING = {"markdown_it", "nh3", "markdown", "mistune", "commonmark", "bleach", "lxml", "bs4"}


def second_renderer(path: str, text: str) -> list[str]:
    """Markdown is parsed and HTML cleaned in `core/markdown.py`; the text part of a mail only reads what it parsed."""
    allowed = _RENDERERS.get(path, set())
    tree = parsed(text)
    found = [
        f"{path}:{line} imports {name}"
        for line, name in imports(tree)
        if (name.partition(".")[0] in _RENDERING - allowed) or last(name) == "urlize"
    ]
    makers = {"MarkdownIt", "render_markdown"} if path != "taskforce/core/markdown.py" else set()
    return found + [f"{path}:{line} makes a {name}" for line, name in uses(tree) if last(name) in makers]


def html_by_hand(path: str, text: str) -> list[str]:
    """The first argument of `format_html` is a literal: a text that was put together would be trusted as HTML."""
    found = []
    for node, name in calls(parsed(text)):
        if last(name) in ("format_html", "format_html_join") and node.args:
            given = node.args[:2] if last(name) == "format_html_join" else node.args[:1]
            odd = [each for each in given if not (isinstance(each, ast.Constant) and isinstance(each.value, str))]
            found += [f"{path}:{node.lineno} {last(name)} of what is no literal"] if odd else []
    return found


_MAY_MARK_SAFE = {
    "proposals/drawing.py",
    "taskforce/core/templatetags/staff.py",
    "taskforce/core/markdown.py",
    "taskforce/core/sentences.py",
    "taskforce/core/icons.py",
    "taskforce/core/wholedates.py",
    "taskforce/notifications/values.py",
    "taskforce/notifications/templatetags/mail.py",
}
_OFF = re.compile(r"\|\s*safe(seq)?\b|autoescape\s+off|{%\s*filter\s+safe")


def unescaped(path: str, text: str) -> list[str]:
    """`mark_safe` only where a cleaner or an escape has just run; `|safe` and `autoescape off` nowhere.

    A template of a mail's text part is plain text, which `autoescape off` is for; mails escape for Markdown instead.
    """
    if not path.endswith(".py"):
        lines = enumerate(text.splitlines(), 1)
        return [f"{path}:{number} is unescaped" for number, line in lines if _OFF.search(line)]
    if path in _MAY_MARK_SAFE:
        return []
    tree: ast.Module = parsed(text)
    marks = [(line, name) for line, name in uses(tree) if last(name) in {"mark_safe", "html_safe"}]
    marks += [(node.lineno, name) for node, name in calls(tree) if last(name) in {"SafeString", "SafeText"}]
    return [f"{path}:{line} marks as safe by {name}" for line, name in marks]
