"""The one Markdown renderer and cleaner, for page, preview, admin, mail and feed.

Raw HTML is off in the parser, and what it makes goes through an allow-list. Images are removed: nobody's text
makes a reader's browser ask a third party for anything. A link whose words name another address than the one it leads
to says so.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from taskforce.core.normal import normalized

_TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr", "s", "sub", "sup"}
_HEADINGS = {"h2", "h3"}
_OF_MAILS = {"bdi", "div", "span", "wbr"}
_ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
# What is read as a dot: of other scripts, and those that Unicode's compatibility form leaves as they are.
_DOTS = re.compile("[\u0660\u06d4\u06f0\u0701\u0702\u2027\u3002\ua4f8\U00010a50]")
# Spaces so narrow that what stands around them reads as one word.
_HAIR = re.compile("[\u2006\u2008-\u200a\u202f\u205f]")
_BETWEEN = re.compile(r"[^\w.+/?#:@%&=~-]+")
_LABELS = re.compile(r"[\w.-]+")
_LAST_LABEL = re.compile(r"[^\W\d_][\w-]+")
# Nobody writes so many, and each would be tried as the beginning of a link.
_BRACKETS = re.compile(r"(?:!?\[){60,}")
# "[1]", whose brackets may be escaped; before a round bracket it may begin a link.
_REFERENCE = re.compile(r"\\?\[([0-9]{1,3})\\?\](?!\()")
_REFERENCES = "references"


def _tell_where_links_lead(state: StateCore) -> None:
    """Put the true host behind a link whose words name another one."""
    for token in state.tokens:
        if token.children and any(child.type == "link_open" for child in token.children):
            token.children = list(_told(token.children))


def _told(children: Sequence[Token]) -> Iterator[Token]:
    words: list[str] = []
    target = ""
    for child in children:
        yield child
        if child.type == "link_open":
            words, target = [], str(child.attrs.get("href", ""))
        elif child.type == "link_close":
            if place := _hidden_place("".join(words), target):
                yield Token("text", "", 0, content=f" ({place})")
        else:
            words.append(" " if child.type in ("softbreak", "hardbreak") else child.content)


def _hidden_place(words: str, target: str) -> str:
    """The host or mailbox that a link leads to, if its words name another one too, else ""."""
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        return target
    is_mailbox = parts.scheme == "mailto"
    place = parts.path if is_mailbox else host
    if not place or (words == target and "@" not in words):
        return ""
    true = {_as_read(place), *_hosts(_as_read(place.rpartition("@")[2]))}
    return place if set(_named(_as_read(words), with_mailboxes=is_mailbox)) - true else ""


def _as_read(words: str) -> str:
    """As a reader sees them: one kind of dot, letters of one width and case, nothing that is drawn as nothing."""
    folded = normalized("NFKC", _HAIR.sub("", words))
    seen = "".join(character for character in folded if unicodedata.category(character) not in ("Cc", "Cf", "Mn", "Me"))
    return _DOTS.sub(".", seen).casefold()


def _named(words: str, *, with_mailboxes: bool) -> Iterator[str]:
    """What reads like a host or a mailbox; of an address with a path only its host."""
    for address in _BETWEEN.split(words):
        if with_mailboxes and "@" in address:
            yield address.partition("?")[0].rpartition(":")[2].strip(".")
            continue
        for piece in re.split("[/?#]", address):
            found = list(_hosts(piece))
            yield from found
            if found:
                break


def _hosts(text: str) -> Iterator[str]:
    for name in _LABELS.findall(text):
        labels = [label for label in name.split(".") if label.strip("-_")]
        while labels and not _LAST_LABEL.fullmatch(labels[-1]):
            labels.pop()
        if len(labels) > 1:
            yield ".".join(labels).removeprefix("www.")


def _reference(state: StateInline, silent: bool) -> bool:
    """ "[1]" as a link to what the number stands for, but not where the words of another link are looked at."""
    places: Mapping[int, str] = state.env.get(_REFERENCES) or {}
    if silent or state.linkLevel or not places:
        return False
    found = _REFERENCE.match(state.src, state.pos)
    place = places.get(int(found[1])) if found else None
    if found is None or place is None:
        return False
    state.push("link_open", "a", 1).attrs = {"href": place}
    state.push("text", "", 0).content = f"[{int(found[1])}]"
    state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("strikethrough").disable("image")
_PARSER.inline.ruler.before("escape", "reference", _reference)
_PARSER.core.ruler.push("tell_where_links_lead", _tell_where_links_lead)


def _bounded(text: str) -> str:
    return _BRACKETS.sub(lambda found: found[0].replace("[", "\\["), text)


def _cleaned(html: str, tags: set[str], *, is_mail: bool = False) -> SafeString:
    safe = nh3.clean(
        html,
        tags=tags,
        attributes={**_ATTRIBUTES, "*": {"lang", "dir"}} if is_mail else _ATTRIBUTES,
        clean_content_tags={"script", "style", "title"},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener ugc",
    )
    return mark_safe(safe)  # noqa: S308 - nh3 has just cleaned it


def render(text: str, *, with_headings: bool = False) -> SafeString:
    """A text of one or more blocks as safe HTML; headings only where the text is a whole document of its own."""
    return _cleaned(_PARSER.render(_bounded(text)), _TAGS | _HEADINGS if with_headings else _TAGS)


def render_inline(text: str, references: Mapping[int, str] | None = None) -> SafeString:
    """A text inside a heading or list item as safe HTML without block elements.

    "[1]" leads to what `references` has for the number; not in code, and not in the words of a link.
    """
    return _cleaned(_PARSER.renderInline(_bounded(text), {_REFERENCES: references or {}}), _TAGS)


def tokens(text: str) -> Sequence[Token]:
    """What a text consists of, for whoever writes it as something else than HTML."""
    return _PARSER.parse(_bounded(text))


def inline_tokens(text: str) -> Sequence[Token]:
    """As `tokens`, for a text without blocks."""
    return _PARSER.parseInline(_bounded(text))


def cleaned_mail(html: str) -> SafeString:
    """The body of a mail's HTML part, whoever wrote it, to stand inside a page of the portal."""
    return _cleaned(html, _TAGS | _HEADINGS | _OF_MAILS, is_mail=True)


def stored(html: str) -> SafeString:
    """HTML that this module has made and a table has kept since."""
    return mark_safe(html)  # noqa: S308 - cleaned when it was made; nothing else writes those columns
