"""Whether a kind of mail has its texts in a language: its subject and its body, as text and as HTML."""

from collections.abc import Iterator
from typing import Any

from django.template.base import Template
from django.template.loader import get_template
from django.template.loader_tags import IncludeNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.html import strip_tags
from django.utils.translation import trans_real

from taskforce.notifications import kinds, rendering
from taskforce.notifications.rendering import Rendered

# What is as long as this and the same as in English was not translated; shorter, languages may share it ("Version: 1").
_A_SENTENCE = 4
_SOURCE = "en"


def is_written(kind: kinds.MailKind, code: str) -> bool:
    """Whether subject and body are there in the language, and nothing of them says what its English original says.

    Asked of the template, each of whose texts the catalogue must have (also those that a sample does not show), and of
    the mail as it is drawn.
    """
    try:
        return not _untranslated(kind, code) and _says_something(kind, code)
    except Exception:  # noqa: BLE001 - whatever keeps it from being drawn keeps it from being sent
        return False


def _says_something(kind: kinds.MailKind, code: str) -> bool:
    context = kinds.sample_of(kind, code)
    drawn = rendering.render(kind, context, code)
    if not all(any(lines) for lines in _said(drawn)):
        return False
    if code == _SOURCE:
        return True
    source = rendering.render(kind, context, _SOURCE)
    return drawn.subject != source.subject and not any(
        set(here) & _sentences(there, context) for here, there in zip(_said(drawn), _said(source), strict=True)
    )


def _said(drawn: Rendered) -> tuple[list[str], ...]:
    """The lines of its subject, of its text and of its HTML, without the footer that every mail has."""
    text = drawn.text.rpartition("\n-- \n")[0]
    html = drawn.html.partition("<body>")[2].rpartition("<hr")[0]
    return tuple(_lines(part) for part in (drawn.subject, text, strip_tags(html)))


def _lines(part: str) -> list[str]:
    return [" ".join(line.split()) for line in part.splitlines() if line.strip()]


def _sentences(lines: list[str], context: kinds.Context) -> set[str]:
    """The lines that say something themselves; what people wrote is the same in every language."""
    values = sorted(_values(context), key=len, reverse=True)
    found = set()
    for line in lines:
        own = line
        for value in values:
            own = own.replace(value, "")
        if sum(any(map(str.isalpha, word)) for word in own.split()) >= _A_SENTENCE:
            found.add(line)
    return found


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _values(one)
    elif isinstance(value, str) and value.strip():
        yield from _lines(value)


# --- the template -----------------------------------------------------------------------------------------------------


def _untranslated(kind: kinds.MailKind, code: str) -> list[str]:
    """The texts of its template that the catalogue of the language does not have."""
    if code == _SOURCE:
        return []
    # What is served from it does not tell a text that is missing from one that is the same as in English.
    catalogue: Any = vars(trans_real.translation(code))["_catalog"]
    return [key for key in _texts(_template(kind.template)) if not (catalogue.get(key) or catalogue.get((key, 0)))]


def _template(name: str) -> Template:
    found: Template = get_template(name).template  # type: ignore[attr-defined]  # of Django's own engine
    return found


def _texts(template: Template) -> Iterator[str]:
    """The keys of all its texts, with those of the templates that it includes by name."""
    nodes = template.nodelist
    block: Any
    for block in nodes.get_nodes_by_type(BlockTranslateNode):
        yield _key(block.render_token_list(block.singular)[0], block.message_context)
    line: Any
    for line in nodes.get_nodes_by_type(TranslateNode):
        if not line.noop and isinstance(line.filter_expression.var.literal, str):
            yield _key(line.filter_expression.var.literal.replace("%", "%%"), line.message_context)
    part: Any
    for part in nodes.get_nodes_by_type(IncludeNode):
        if isinstance(part.template.var, str):
            yield from _texts(_template(part.template.var))


def _key(text: str, context: Any) -> str:
    return f"{context.resolve({})}{trans_real.CONTEXT_SEPARATOR}{text}" if context else text
