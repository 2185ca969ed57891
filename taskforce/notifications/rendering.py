"""From a kind and its frozen context to subject, text and HTML, out of one Markdown source under one language."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from taskforce.core import languages, markdown, text
from taskforce.notifications import plaintext, values
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
        subject = text.clean_name(plaintext.from_inline(first.removeprefix(_SUBJECT).strip()))[:LONGEST_SUBJECT]
        html = render_to_string(
            "mail/frame.html",
            {
                "subject": subject,
                "lang": languages.html_lang(language),
                "dir": languages.direction(language),
                "body": values.with_directions(markdown.render(body)),
            },
        )
    return Rendered(subject, plaintext.from_markdown(body).strip() + "\n", html)
