"""The one Markdown renderer and cleaner, for page, preview, admin, mail and feed.

Raw HTML is off in the parser, and what it makes goes through an allow-list. Images are removed: nobody's text
makes a reader's browser ask a third party for anything.
"""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr", "s", "sub", "sup"}
_HEADINGS = {"h2", "h3"}
_BLOCKS = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("strikethrough").disable("image")


def _cleaned(html: str, tags: set[str]) -> SafeString:
    safe = nh3.clean(
        html,
        tags=tags,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    return mark_safe(safe)  # noqa: S308 - nh3 has just cleaned it


def render(text: str, *, with_headings: bool = False) -> SafeString:
    """A text of one or more blocks as safe HTML; headings only where the text is a whole document of its own."""
    return _cleaned(_BLOCKS.render(text), _TAGS | _HEADINGS if with_headings else _TAGS)


def render_inline(text: str) -> SafeString:
    """A text inside a heading or list item as safe HTML without block elements."""
    return _cleaned(_BLOCKS.renderInline(text), _TAGS)


def stored(html: str) -> SafeString:
    """HTML that this module has made and a table has kept since."""
    return mark_safe(html)  # noqa: S308 - cleaned when it was made; nothing else writes those columns
