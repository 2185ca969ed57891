"""A text as HTML, in one pass: it may have hundreds of units, and a template for each would cost most of the page.

Put together as plain text, each value escaped where it comes in (`conditional_escape`), and safe as a whole at the end.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals.blocks import Block, ItemNode, ListNode, ShownUnit
from proposals.enums import UnitKind
from proposals.reading import Reading, ShownSection
from proposals.rendering import TO_NOTE
from taskforce.core import languages
from taskforce.core.templatetags.portal import number, percent


def citations(units: Iterable[ShownUnit]) -> Mapping[int, list[str]]:
    """{number of a note: anchors of the units that lead to it, in reading order}."""
    found: dict[int, list[str]] = {}
    for unit in units:
        if "#note-" in unit.html:
            for cited in dict.fromkeys(TO_NOTE.findall(unit.html)):
                found.setdefault(int(cited), []).append(unit.anchor)
    return found


def contents(reading: Reading) -> SafeString:
    """The list of contents; nothing where the text has no sections."""
    if not reading.sections:
        return SafeString("")
    entries = "".join(_entry(section) for section in reading.sections if section.heading)
    named = conditional_escape(_("Contents"))
    return mark_safe(  # noqa: S308 - each value is escaped
        '<nav class="pt-section" aria-labelledby="contents">\n'
        f'<h2 id="contents">{named}</h2>\n<ul class="pt-links">\n{entries}</ul>\n</nav>\n'
    )


def _entry(section: ShownSection) -> str:
    unit = section.heading
    if unit is None:
        return ""
    shown = f"{conditional_escape(number(section.number))}. " if section.number else ""
    name = f"<span {_spoken(unit.language)}>{conditional_escape(unit.plain)}</span>"
    if section.has_common_name:
        name = conditional_escape(_("References"))
    return f'<li><a href="#{section.anchor}">{shown}{name}</a></li>\n'


class Way(NamedTuple):
    """A language that has some of the text, and the text's address in it."""

    code: str
    name: str
    percent: int
    url: str


def available(ways: Iterable[Way], language: str) -> SafeString:
    """The languages that have some of the text, as entries of a list, on a page in `language`."""
    return mark_safe("".join(_way(way, language) for way in ways))  # noqa: S308 - each value is escaped


def _way(way: Way, language: str) -> str:
    tag, here = languages.html_lang(way.code), ' aria-current="true"' if way.code == language else ""
    return (
        f'<li><a class="pt-language" href="{conditional_escape(way.url)}" {_spoken(way.code)} hreflang="{tag}"{here}>'
        f"{conditional_escape(way.name)}</a> {conditional_escape(percent(way.percent))}</li>\n"
    )


class Drawing:
    """Draws the units of one page.

    `mark` draws what is said of a unit that is missing, outdated or damaged; `timeline` the phases, where they stand;
    `translate_url` is where the text is translated, "" where nobody can; without `has_links` no unit has an address to
    be copied. Below `units_url` each has a page of its own, where it can be commented on; "" where the link is to lead
    to its place on this page.
    """

    def __init__(
        self,
        reading: Reading,
        *,
        mark: Callable[[ShownUnit], SafeString],
        timeline: Callable[[ShownSection | None, Block], SafeString],
        translate_url: str = "",
        units_url: str = "",
        has_links: bool = True,
    ) -> None:
        self._reading = reading
        self._mark = mark
        self._timeline = timeline
        self._cited = citations(reading.units())
        self._numbers: set[int] = set()
        self._tag = languages.html_lang(reading.language)
        label = conditional_escape(_("Link to this paragraph"))
        self._link = f'lang="{self._tag}" aria-label="{label}">#</a>'
        self._has_links = has_links
        self._units_url = conditional_escape(units_url)
        self._translate_url = conditional_escape(translate_url)
        self._translate = conditional_escape(_("Translate"))
        self._places = {unit.id: place for place, unit in enumerate(reading.units(), start=1)}

    def body(self) -> SafeString:
        """Everything below the title and the contents."""
        reading = self._reading
        lead = f'<div class="pt-text">\n{self._blocks(reading.lead)}</div>\n' if reading.lead else ""
        return mark_safe(lead + "".join(map(self._section, reading.sections)))  # noqa: S308 - each value is escaped

    def _section(self, section: ShownSection) -> str:
        text = self._heading(section) + self._blocks(section.blocks, section)
        former = f' id="{section.former_anchor}"' if section.former_anchor else ""
        return f'<section class="pt-section"{former}>\n<div class="pt-text">\n{text}</div>\n</section>\n'

    def _heading(self, section: ShownSection) -> str:
        unit = section.heading
        if unit is None:
            return ""
        if section.has_common_name:
            name = conditional_escape(_("References"))
            return f'<h2 id="{unit.anchor}">{name}</h2>\n'
        shown = f"{conditional_escape(number(section.number))}. " if section.number else ""
        text = shown + conditional_escape(unit.html)
        return self._framed(unit, f"<h2 {_text(unit)}>{text}</h2>{self._permalink(unit)}\n")

    def _blocks(self, blocks: Iterable[Block], section: ShownSection | None = None) -> str:
        return "".join(self._block(block, section) for block in blocks)

    def _block(self, block: Block, section: ShownSection | None) -> str:
        if block.unit:
            return self._unit(block.unit)
        if block.node:
            return self._notes(block.node) if block.kind == "notes" else self._list(block.node)
        return conditional_escape(self._timeline(section, block))

    def _unit(self, unit: ShownUnit) -> str:
        html, link = conditional_escape(unit.html), self._permalink(unit)
        if unit.kind == UnitKind.HEADING:
            text = f"<h3 {_text(unit)}>{html}</h3>{link}\n"
        elif unit.kind == UnitKind.QUOTE:
            text = f"<blockquote {_text(unit)}><p>{html}{link}</p></blockquote>\n"
        else:
            text = f"<div {_text(unit)}><p>{html}{link}</p></div>\n"
        return self._framed(unit, text)

    def _framed(self, unit: ShownUnit, text: str) -> str:
        kind = " pt-unit--heading" if unit.kind == UnitKind.HEADING else ""
        beside = self._mark_of(unit) + _asides(unit)
        return f'<div class="pt-unit{kind}{_state(unit)}" id="{unit.anchor}">\n{text}{beside}</div>\n'

    def _notes(self, node: ListNode) -> str:
        """Each with the number by which the text leads to it, wherever it was written and whatever stands before it."""
        return f'<ol class="pt-references">\n{"".join(map(self._item, node.items))}</ol>\n'

    def _list(self, node: ListNode) -> str:
        items = "".join(map(self._item, node.items))
        if not node.ordered:
            return f"<ul>\n{items}</ul>\n"
        start = f' start="{int(node.start)}"' if node.start != 1 else ""
        return f"<ol{start}>\n{items}</ol>\n"

    def _item(self, item: ItemNode) -> str:
        unit = item.unit
        text = conditional_escape(unit.html) + self._ways_back(unit) + self._permalink(unit)
        beside = self._mark_of(unit) + "".join(map(self._list, item.lists)) + _asides(unit)
        own = _text(unit) + self._number_of(unit)
        value = f' value="{int(unit.number)}"' if unit.kind == UnitKind.NOTE and unit.number else ""
        return f'<li class="pt-unit{_state(unit)}" id="{unit.anchor}"{value}>\n<div {own}>{text}</div>\n{beside}</li>\n'

    def _number_of(self, unit: ShownUnit) -> str:
        """The id by which "[1]" finds a note; of two with one number the first has it."""
        if unit.kind != UnitKind.NOTE or not unit.number or unit.number in self._numbers:
            return ""
        self._numbers.add(unit.number)
        return f' id="note-{int(unit.number)}"'

    def _permalink(self, unit: ShownUnit) -> str:
        """An address for ever, to be copied; said in the page's language, which may be another than the text's."""
        if not self._has_links:
            return ""
        address = f"{self._units_url}{unit.id}/#more" if self._units_url else f"#{unit.anchor}"
        return f'{self._to_translating(unit)}<a class="pt-unit__link" href="{address}" {self._link}'

    def _to_translating(self, unit: ShownUnit) -> str:
        """The way there for those of a run that have no words of their own; it names them as the page there does."""
        if not self._translate_url or not unit.goes_on:
            return ""
        kind = conditional_escape(capfirst(str(UnitKind(unit.kind).label)))
        name = f"{self._translate} · {conditional_escape(number(self._places[unit.id]))} · {kind}"
        address = f"{self._translate_url}?unit={unit.id}#u{unit.id}"
        return (
            f' <a class="pt-unit__translate pt-off-paper" href="{address}" rel="nofollow" lang="{self._tag}"'
            f' aria-label="{name}">{self._translate}</a>'
        )

    def _ways_back(self, unit: ShownUnit) -> str:
        """From a note to each unit that leads to it."""
        places = self._cited.get(unit.number or 0, ()) if unit.kind == UnitKind.NOTE else ()
        return "".join(self._way_back(anchor, place, len(places)) for place, anchor in enumerate(places, start=1))

    def _way_back(self, anchor: str, place: int, of: int) -> str:
        label = conditional_escape(_("Back to place %(number)s in the text") % {"number": number(place)})
        shown = conditional_escape(number(place)) if of > 1 else ""
        return f' <a class="pt-unit__back" href="#{anchor}" lang="{self._tag}" aria-label="{label}">↑{shown}</a>'

    def _mark_of(self, unit: ShownUnit) -> str:
        return conditional_escape(self._mark(unit)) if unit.has_mark else ""


def _text(unit: ShownUnit) -> str:
    """The attributes of a unit's text."""
    return f'class="pt-unit__text" {_spoken(unit.language)}'


@lru_cache(maxsize=1024)
def _spoken(language: str) -> str:
    """The attributes that say in which language something is, and how that runs."""
    return f'lang="{conditional_escape(languages.html_lang(language))}" dir="{languages.direction(language)}"'


def _state(unit: ShownUnit) -> str:
    missing = " pt-unit--untranslated" if unit.is_missing else ""
    return missing + (" pt-unit--outdated" if unit.is_older else "")


def _asides(unit: ShownUnit) -> str:
    return "".join(f'<div class="pt-unit__aside">{conditional_escape(extra)}</div>\n' for extra in unit.extras)
