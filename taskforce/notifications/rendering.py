"""From a kind and its frozen context to subject, text and HTML, out of one Markdown source under one language."""

import json
import secrets
from typing import NamedTuple, Self, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.base import Template
from django.template.context import Context as Names
from django.template.loader import get_template, render_to_string
from django.template.loader_tags import BlockNode
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from taskforce.core import languages, markdown
from taskforce.notifications import directions, plaintext, values
from taskforce.notifications.kinds import Context, MailKind

LONGEST_SUBJECT = 200
_SUBJECT = "Subject:"


class Ways(NamedTuple):
    """The addresses in the footer of a mail that can be left: out of its topic, and to all that the reader follows."""

    leave: str
    preferences: str


class Rendered(NamedTuple):
    """A mail's content: a subject in one line, the text part, the HTML part (a whole document)."""

    subject: str
    text: str
    html: str

    def with_ways(self, blank: Ways, ways: Ways) -> Self:
        """The same for another reader: each address of `blank` is this reader's own."""
        content, html = self.text, self.html
        for old, new in zip(blank, ways, strict=True):
            content, html = content.replace(old, new), html.replace(old, new)
        return self._replace(text=content, html=html)


class Excerpt(NamedTuple):
    """What a mail says in short, as Markdown: its subject, and the block `lines` of its template ("": it has none).

    What people wrote is escaped in both, as in the whole mail.
    """

    subject: str
    lines: str


class NoSubject(ValueError):
    """The template does not begin with a line `Subject: …`."""


class _Part(NamedTuple):
    """A part of the HTML in one language; `lang` is empty where that is the mail's."""

    html: SafeString
    lang: str
    dir: str


def render(
    kind: MailKind, context: Context, language: str, zone: str = "UTC", *, topic: str = "", ways: Ways | None = None
) -> Rendered:
    """The mail in a portal language, instants also in the IANA zone.

    With a `topic` its footer says why one gets it and, by `ways`, how to leave. Raises what the template engine raises,
    and `NoSubject`.
    """
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        home = f"{settings.SITE_URL}/{language}/"
        first, rest = _source(kind, values.guarded({"home": home, **context}))
        around = values.guarded({"home": home, "topic": topic, **(ways._asdict() if ways else {})})
        body = f"{rest}\n\n{render_to_string('mail/footer.md', around).strip()}\n"
        parts = directions.parts(body, language)
        subject = plain_subject(first, language)
        html = render_to_string(
            "mail/frame.html",
            {
                "subject": subject,
                "lang": languages.html_lang(language),
                "dir": languages.direction(language),
                "parts": [_html_part(code, source, language) for code, source in parts],
            },
        )
    written = (directions.in_text(plaintext.from_markdown(source), code) for code, source in parts)
    return Rendered(subject, _signed("\n\n".join(written).strip()) + "\n", html)


def subject(kind: MailKind, context: Context, language: str, zone: str = "UTC") -> str:
    """The subject of a mail alone, as `render` has it."""
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        home = f"{settings.SITE_URL}/{language}/"
        return plain_subject(_source(kind, values.guarded({"home": home, **context}))[0], language)


def _signed(text: str) -> str:
    """The footer, which stands below the last rule, as the mail's signature (RFC 3676, 4.3)."""
    said, _rule, footer = text.rpartition(f"\n{plaintext.RULE}\n")
    return f"{said}\n-- \n{footer}"


def excerpt(kind: MailKind, context: Context) -> Excerpt:
    """What a daily mail takes from a mail of the kind, in the active language and zone; raises as `render`.

    The template is told by `daily` that it is not read at once. A kind without a block `lines` gives its subject alone.
    """
    names = values.guarded({**context, "daily": True})
    subject, _body = _source(kind, names)
    return Excerpt(subject, _block(kind, "lines", names))


def _source(kind: MailKind, names: Context) -> tuple[str, str]:
    """Subject and body as Markdown, from guarded values."""
    first, _, rest = render_to_string(kind.template, names).strip().partition("\n")
    if not first.startswith(_SUBJECT):
        raise NoSubject(kind.template)
    return first.removeprefix(_SUBJECT).strip(), rest.strip()


def _block(kind: MailKind, name: str, names: Context) -> str:
    """One block of the kind's template by itself; "" if it has none of the name."""
    template: Template = get_template(kind.template).template  # type: ignore[attr-defined]  # of Django's own engine
    blocks = cast("list[BlockNode]", template.nodelist.get_nodes_by_type(BlockNode))
    found = [block for block in blocks if block.name == name]
    context = Names(names)
    with context.render_context.push_state(template), context.bind_template(template):
        return "".join(block.nodelist.render(context) for block in found).strip()


class Renderings:
    """The mails of one pass: what is the same for many readers of a mailing is rendered once.

    Only the addresses in the footer are each reader's own. They are put in last, in place of ones that nobody can
    guess, so that no text of anybody becomes another reader's way out.
    """

    _MOST = 500

    def __init__(self) -> None:
        self._made: dict[tuple[str, ...], Rendered] = {}
        mark = secrets.token_hex(16)
        self._blank = Ways(f"{settings.SITE_URL}/leave/{mark}/", f"{settings.SITE_URL}/choose/{mark}/")

    def of(self, kind: MailKind, context: Context, reader: tuple[str, str], topic: str, ways: Ways) -> Rendered:
        """As `render`, for a reader's (language, zone)."""
        key = (kind.name, topic, *reader, json.dumps(context, sort_keys=True))
        if key not in self._made:
            if len(self._made) >= self._MOST:
                self._made.clear()
            self._made[key] = render(kind, context, *reader, topic=topic, ways=self._blank)
        return self._made[key].with_ways(self._blank, ways)


def plain_subject(source: str, language: str) -> str:
    """A subject in a portal language as a mail program shows it, from its Markdown; values in it are clean already."""
    line = " ".join(plaintext.from_inline(source).split())
    return directions.in_line(line[:LONGEST_SUBJECT], language)


def _html_part(code: str, source: str, language: str) -> _Part:
    html = values.with_directions(markdown.render(source, with_headings=True))
    is_foreign = code != language
    return _Part(html, languages.html_lang(code) if is_foreign else "", languages.direction(code))
