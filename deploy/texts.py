"""Finds the texts to translate in Python files and in Django templates, without GNU gettext."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

from deploy.places import ROOT

APPS = ("taskforce", "proposals", "feedback", "recruitment")

# Which arguments of a call are the text, its plural and (c) its context.
_SINGULAR = ((1,), ("gettext", "gettext_lazy", "gettext_noop", "_"))
_PLURAL = ((1, 2), ("ngettext", "ngettext_lazy"))
_CONTEXT = (((1, "c"), 2), ("pgettext", "pgettext_lazy"))
_PLURAL_CONTEXT = (((1, "c"), 2, 3), ("npgettext", "npgettext_lazy"))
KEYWORDS = {name: places for places, names in (_SINGULAR, _PLURAL, _CONTEXT, _PLURAL_CONTEXT) for name in names}
COMMENT_TAGS = ("Translators:",)

# (context or None, msgid): what gettext takes for one and the same text.
Key = tuple[str | None, str]


@dataclass
class Text:
    """One text of the portal: where it stands, its plural if it has one, notes for translators."""

    context: str | None
    singular: str
    plural: str | None = None
    files: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What the catalogues know it by."""
        return (self.context, self.singular)

    @property
    def message_id(self) -> str | tuple[str, str]:
        """The text as Babel wants it: with its plural, if it has one."""
        return (self.singular, self.plural) if self.plural is not None else self.singular


def _sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def _as_python(path: Path) -> str:
    """Lines that a Python tokenizer can read; of a template only its calls of gettext are left."""
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return content
    # Indentation and stray brackets of the page mean nothing to Python and would confuse its tokenizer.
    lines = templatize(content, origin=str(path)).splitlines()
    return "\n".join(re.sub(r"^\s+", "", line) for line in lines) + "\n"


def _texts_of(path: Path) -> Iterator[Text]:
    source = io.BytesIO(_as_python(path).encode())
    found = extract("python", source, keywords=KEYWORDS, comment_tags=COMMENT_TAGS, strip_comment_tags=True)
    for _line, message, comments, context in found:
        forms = message if isinstance(message, tuple) else (message,)
        if not forms[0]:
            continue
        plural = forms[1] if len(forms) > 1 else None
        yield Text(context, forms[0], plural, {str(path.relative_to(ROOT))}, list(comments))


def collect() -> list[Text]:
    """Every text of the portal once, in an order that does not change when lines move."""
    known: dict[Key, Text] = {}
    for path in _sources():
        for text in _texts_of(path):
            first = known.setdefault(text.key, text)
            first.files |= text.files
            first.plural = first.plural if first.plural is not None else text.plural
            first.notes += [note for note in text.notes if note not in first.notes]
    return sorted(known.values(), key=lambda text: (min(text.files), text.singular, text.context or ""))
