"""A text as HTML, in one pass: it may have hundreds of units, and a template for each would cost most of the page."""

import re
from collections.abc import Callable, Iterable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from proposals.enums import UnitKind
from proposals.reading import Block, ItemNode, ListNode, Reading, ShownSection, ShownUnit
from taskforce.core import languages
from taskforce.core.templatetags.portal import number

# As `rendering.unit_html` makes them.
_TO_NOTE = re.compile(r'href="#note-(\d+)"')


def citations(units: Iterable[ShownUnit]) -> Mapping[int, list[str]]:
    """{number of a note: anchors of the units that lead to it, in reading order}."""
    found: dict[int, list[str]] = {}
    for unit in units:
        if "#note-" in unit.html:
            for cited in dict.fromkeys(_TO_NOTE.findall(unit.html)):
                found.setdefault(int(cited), []).append(unit.anchor)
    return found


class Drawing:
    """Draws the units of one page.

    `mark` draws what is said of a unit that is missing, outdated or damaged; `timeline` the phases, where they stand.
    """

    def __init__(
        self,
        reading: Reading,
        *,
        mark: Callable[[ShownUnit], SafeString],
        timeline: Callable[[ShownSection | None, Block], SafeString],
    ) -> None:
        self._reading = reading
        self._mark = mark
        self._timeline = timeline
        self._cited = citations(reading.units())
        self._tag = languages.html_lang(reading.language)
        self._link = format_html('lang="{}" aria-label="{}"', self._tag, _("Link to this paragraph"))

    def body(self) -> SafeString:
        """Everything below the title and the contents."""
        reading = self._reading
        lead = format_html('<div class="pt-text">\n{}</div>\n', self._blocks(reading.lead)) if reading.lead else ""
        return format_html("{}{}", lead, _joined(map(self._section, reading.sections)))

    def _section(self, section: ShownSection) -> SafeString:
        return format_html(
            '<section class="pt-section" id="{}">\n<div class="pt-text">\n{}{}</div>\n</section>\n',
            section.anchor,
            self._heading(section),
            self._blocks(section.blocks, section),
        )

    def _heading(self, section: ShownSection) -> str:
        unit = section.heading
        if unit is None:
            return ""
        if section.has_common_name:
            return format_html('<h2 id="{}">{}</h2>\n', unit.anchor, _("References"))
        shown = format_html("{}. ", number(section.number)) if section.number else ""
        return self._framed(
            unit,
            format_html(
                '<h2 class="pt-unit__text" lang="{}" dir="{}">{}{}</h2>{}\n',
                languages.html_lang(unit.language),
                languages.direction(unit.language),
                shown,
                unit.html,
                self._permalink(unit),
            ),
        )

    def _blocks(self, blocks: Iterable[Block], section: ShownSection | None = None) -> SafeString:
        return _joined(self._block(block, section) for block in blocks)

    def _block(self, block: Block, section: ShownSection | None) -> SafeString:
        if block.unit:
            return self._unit(block.unit)
        if block.node:
            return self._list(block.node, css="pt-references" if block.kind == "notes" else "")
        return self._timeline(section, block)

    def _unit(self, unit: ShownUnit) -> SafeString:
        place = languages.html_lang(unit.language), languages.direction(unit.language)
        parts = (*place, unit.html, self._permalink(unit))
        if unit.kind == UnitKind.HEADING:
            text = format_html('<h3 class="pt-unit__text" lang="{}" dir="{}">{}</h3>{}\n', *parts)
        elif unit.kind == UnitKind.QUOTE:
            text = format_html(
                '<blockquote class="pt-unit__text" lang="{}" dir="{}"><p>{}{}</p></blockquote>\n', *parts
            )
        else:
            text = format_html('<div class="pt-unit__text" lang="{}" dir="{}"><p>{}{}</p></div>\n', *parts)
        return self._framed(unit, text)

    def _framed(self, unit: ShownUnit, text: SafeString) -> SafeString:
        return format_html(
            '<div class="pt-unit{}{}" id="{}">\n{}{}{}</div>\n',
            " pt-unit--heading" if unit.kind == UnitKind.HEADING else "",
            _state(unit),
            unit.anchor,
            text,
            self._mark_of(unit),
            _asides(unit),
        )

    def _list(self, node: ListNode, css: str = "") -> SafeString:
        items = _joined(map(self._item, node.items))
        named = format_html(' class="{}"', css) if css else ""
        if not node.ordered:
            return format_html("<ul{}>\n{}</ul>\n", named, items)
        start = format_html(' start="{}"', node.start) if node.start != 1 else ""
        return format_html("<ol{}{}>\n{}</ol>\n", named, start, items)

    def _item(self, item: ItemNode) -> SafeString:
        unit = item.unit
        text = format_html(
            '<div class="pt-unit__text" lang="{}" dir="{}">{}{}{}</div>\n',
            languages.html_lang(unit.language),
            languages.direction(unit.language),
            unit.html,
            self._ways_back(unit),
            self._permalink(unit),
        )
        return format_html(
            '<li class="pt-unit{}" id="{}">\n{}{}{}{}</li>\n',
            _state(unit),
            unit.anchor,
            text,
            self._mark_of(unit),
            _joined(map(self._list, item.lists)),
            _asides(unit),
        )

    def _permalink(self, unit: ShownUnit) -> SafeString:
        """An address for ever, to be copied; said in the page's language, which may be another than the text's."""
        return format_html(' <a class="pt-unit__link" href="#{}" {}>#</a>', unit.anchor, self._link)

    def _ways_back(self, unit: ShownUnit) -> SafeString:
        """From a note to each unit that leads to it."""
        places = self._cited.get(unit.number or 0, ()) if unit.kind == UnitKind.NOTE else ()
        return format_html_join(
            "",
            ' <a class="pt-unit__back" href="#{}" lang="{}" aria-label="{}">↑{}</a>',
            [
                (
                    anchor,
                    self._tag,
                    _("Back to place %(number)s in the text") % {"number": number(place)},
                    number(place) if len(places) > 1 else "",
                )
                for place, anchor in enumerate(places, start=1)
            ],
        )

    def _mark_of(self, unit: ShownUnit) -> str:
        return self._mark(unit) if unit.is_missing or unit.is_outdated or unit.is_damaged else ""


def _state(unit: ShownUnit) -> str:
    if unit.is_missing:
        return " pt-unit--untranslated"
    return " pt-unit--outdated" if unit.is_outdated else ""


def _asides(unit: ShownUnit) -> SafeString:
    return format_html_join("", '<div class="pt-unit__aside">{}</div>\n', ((extra,) for extra in unit.extras))


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
