"""Wiki markup that was left in a page's text: what is sure is read, the rest stays as it is and is reported.

The text of an archived page as readers copy it has none; the source of a page has.
"""

import re

from proposals.wikipage.pieces import Remark

# Marks of the translation tool around text that stays: <translate>, <!--T:3-->, <tvar name="x">…</tvar>, <tvar|x>…</>.
_TRANSLATION = re.compile(
    r"</?translate(?: nowrap)?\s*>|<!--\s*T:[^\s>]{1,40}\s*-->|<languages\s*/>|<tvar\b[^<>]{0,200}>|</tvar\s*>", re.I
)
_SHORT_END = re.compile(r"</>")
_HEADING = re.compile(r"(={2,6})(?!=)\s*(.*[^=\s])\s*\1\s*")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a table ({| … |})", re.compile(r"^\s*(?:\{\||\|\}|\|-|\|\+|!.*!!|\|.*\|\|)")),
    ("a template ({{…}})", re.compile(r"\{\{|\}\}")),
    ("a link ([[…]])", re.compile(r"\[\[(?!\d{1,3}\]\])|(?<!\d)\]\]")),
    ("a link ([https://… text])", re.compile(r"\[(?:https?:)?//[^\s\]]")),
    ("bold or italic words (''…'')", re.compile(r"''")),
    ("a heading (= … =)", re.compile(r"^\s*=+(?=[^=]).*=\s*$")),
    ("a list (#, ##, **, :)", re.compile(r"^(?:#(?!\d)[#*:]*|\*[*#:]+|:+|;)\s*\S")),
    ("a comment (<!-- … -->)", re.compile(r"<!--|-->")),
    ("a tag (<…>)", re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,20}(?:[\s|][^<>]{0,200})?/?>|</>")),
    ("a switch (__…__)", re.compile(r"__[A-Z]{3,20}__")),
)
# With its signs; what is longer is no heading anyway.
_LONGEST_HEADING = 400


def without_translation(line: str) -> str:
    """The line without the marks of the translation tool, none of which is text."""
    if "<" not in line:
        return line
    plain, marks = _TRANSLATION.subn("", line)
    return _SHORT_END.sub("", plain) if marks and "<tvar|" in line else plain


def heading(line: str) -> tuple[int, str] | None:
    """The depth (0 for a section) and the words of "== Words ==" on a line of its own."""
    found = _HEADING.fullmatch(line) if line.startswith("==") and len(line) <= _LONGEST_HEADING else None
    return (len(found[1]) - 2, found[2]) if found else None


def remarks(lines: list[tuple[int, str]]) -> list[Remark]:
    """One remark per kind of markup that stays as text, with the numbers of all its lines."""
    places: dict[str, list[int]] = {}
    for number, line in lines:
        for kind, pattern in _KINDS:
            if pattern.search(line):
                places.setdefault(kind, []).append(number)
    said = "wiki markup of {} stays in the text as it is written"
    return [Remark.of(numbers, said.format(kind)) for kind, numbers in places.items()]
