"""From a kind and its frozen context to subject, text and HTML, out of one Markdown source under one language."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from taskforce.core import languages, markdown, text
from taskforce.notifications import directions, plaintext, values
from taskforce.notifications.kinds import Context, MailKind

LONGEST_SUBJECT = 200
_SUBJECT = "Subject:"


class Rendered(NamedTuple):
    """A mail's content: a subject in one line, the text part, the HTML part (a whole document)."""

    subject: str
    text: str
    html: str


class NoSubject(ValueError):
    """The template does not begin with a line `Subject: …`."""


class _Part(NamedTuple):
    """A part of the HTML in one language; `lang` is empty where that is the mail's."""

    html: SafeString
    lang: str
    dir: str


def render(kind: MailKind, context: Context, language: str, zone: str = "UTC") -> Rendered:
    """The mail in a portal language, instants also in the IANA zone.

    Raises what the template engine raises, and `NoSubject`.
    """
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        home = f"{settings.SITE_URL}/{language}/"
        source = render_to_string(kind.template, values.guarded({"home": home, **context}))
        first, _, rest = source.strip().partition("\n")
        if not first.startswith(_SUBJECT):
            raise NoSubject(kind.template)
        body = f"{rest.strip()}\n\n{render_to_string('mail/footer.md', values.guarded({'home': home})).strip()}\n"
        parts = directions.parts(body, language)
        subject = _subject(first.removeprefix(_SUBJECT).strip())
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
    return Rendered(subject, "\n\n".join(written).strip() + "\n", html)


def _subject(source: str) -> str:
    line = directions.without_markers(plaintext.from_inline(source))
    return text.clean_name(line)[:LONGEST_SUBJECT]


def _html_part(code: str, source: str, language: str) -> _Part:
    html = values.with_directions(markdown.render(source))
    is_foreign = code != language
    return _Part(html, languages.html_lang(code) if is_foreign else "", languages.direction(code))
