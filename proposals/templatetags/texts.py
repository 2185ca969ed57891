"""Tags of the pages of texts."""

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from proposals import addresses, drawing
from proposals.blocks import Block, ShownUnit
from proposals.reading import Reading, ShownSection

register = template.Library()


@register.simple_tag
def text_contents(reading: Reading) -> SafeString:
    """The list of a text's contents."""
    return drawing.contents(reading)


@register.simple_tag(takes_context=True)
def text_body(context: Context) -> SafeString:
    """The text of `reading`: with `is_past` with the phases as they stood then, else with what `timeline` draws."""

    def included(name: str, **values: object) -> SafeString:
        with context.push(**values):
            return context.template.engine.get_template(name).render(context)  # type: ignore[union-attr]

    def mark(unit: ShownUnit) -> SafeString:
        return included("proposals/mark.html", unit=unit)

    def timeline(section: ShownSection | None, block: Block) -> SafeString:
        if context.get("has_phases"):
            shown = context["timeline"](bool(section and section.heading))
            return format_html("<div>{}</div>\n", shown)
        return included("proposals/timeline.html", block=block)

    url = units = ""
    if not context.get("is_past") and not context.get("ended") and not context["task_force"].has_ended:
        url = context["translate_url"]
    links = not context.get("is_preview")
    if links and not context.get("is_past"):
        units = addresses.of(context["proposal"]).units
    drawn = drawing.Drawing(
        context["reading"], mark=mark, timeline=timeline, translate_url=url, units_url=units, has_links=links
    )
    return drawn.body()
