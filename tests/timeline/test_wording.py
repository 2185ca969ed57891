"""Words of mails and public pages: no sign of a sentence stands outside what is translated, and no blank where the
language has none."""

import html
import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Invalid
from taskforce.notifications import kinds, rendering
from taskforce.timeline import services, windows
from taskforce.timeline.models import Phase
from tests.clients import Client

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = [
    *sorted((ROOT / "mail").glob("*.md")),
    *sorted((ROOT / "timeline").glob("*.html")),
    *sorted((ROOT / "portal").glob("*.html")),
]
_TRANSLATED = re.compile(r"{%\s*blocktranslate\b.*?{%\s*endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")
# Punctuation differs from language to language; what Markdown and the portal's own signs need does not.
_SIGNS = re.compile(r"\w[:;,.!?]|[:;!?]\s")


def untranslated(source: str) -> list[str]:
    """Signs of a sentence that every language would get as they stand."""
    bare = _MARKUP.sub("", _TRANSLATED.sub("x", source.removeprefix("{% load mail %}").removeprefix("Subject:")))
    return [found[0] for found in _SIGNS.finditer(bare)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_sign_is_part_of_a_text_that_is_translated(path: Path) -> None:
    assert untranslated(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Follow" %}: {{ name }}',
        '<span>: {% translated task_force "name" %}</span>',
        "{{ a }}, {{ b }}",
        "{% blocktranslate %}A{% endblocktranslate %}. B",
    ],
)
def test_a_sign_outside_is_found(source: str) -> None:
    assert untranslated(source)


# --- between texts that a template joins ------------------------------------------------------------------------------

_SENTENCES = re.compile(
    r"(?:{%\s*translate \"[^\"]*\"\s*%}|endblocktranslate\s*%})(?:{%\s*endif\s*%})?[ \n]+"
    r"(?:{%\s*if [^%]*%}\s*)?{%\s*(?:translate \"[^\"]*\"\s*%}|blocktranslate(?![^%]*\basvar\b))"
)
JOINING = [
    path for name in ("mail", "timeline", "portal", "admin/timeline") for path in sorted((ROOT / name).glob("*"))
]


def joined(source: str) -> list[str]:
    """Places where two texts stand in one line with a blank between them that every language would get."""
    return [found[0] for found in _SENTENCES.finditer(source) if "\n" not in found[0]]


@pytest.mark.long
@pytest.mark.parametrize("path", JOINING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_puts_a_blank_between_two_sentences(path: Path) -> None:
    assert joined(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "One." %} {% translate "Two." %}',
        "{% blocktranslate %}One.{% endblocktranslate %} {% blocktranslate trimmed %}Two.{% endblocktranslate %}",
        '{% translate "One." %}{% endif %} {% translate "Two." %}',
    ],
)
def test_a_blank_between_is_found(source: str) -> None:
    assert joined(source)


@pytest.mark.parametrize("code", languages.CODES)
def test_what_stands_between_follows_the_language(code: str) -> None:
    has_blanks = code not in ("ja", "zh-hans", "zh-hant")
    assert languages.gap(code) == (" " if has_blanks else "")
    assert languages.colon(code).strip("\u00a0 ") == (":" if has_blanks else "\uff1a")
    assert languages.colon(code).endswith(" ") is has_blanks


_FULL = "\u3001-\u3003\u3008-\u3011\uff01-\uff0f\uff1a\uff1b\uff1f"
_HAN = "\u3400-\u9fff"
_BLANKS = re.compile(f"[{_HAN}{_FULL}]\\s+[{_FULL}]|[{_FULL}]\\s+[^\\s\u00b7]|[{_HAN}][:;,?!]")
_INLINE = re.compile(r"</?(?:a|bdi|em|s|span|strong|time)\b[^>]*>")
_UNREAD = re.compile(r"<(script|style|svg|select|head)\b.*?</\1>", re.DOTALL)


def blanks(page: str) -> list[str]:
    """Blanks beside full-width signs, and half-width signs behind Han characters, in the lines of a page."""
    flat = re.sub(r"\s+", " ", _UNREAD.sub("", page))
    lines = html.unescape(re.sub(r"<[^>]*>", "\n", _INLINE.sub("", flat))).splitlines()
    return [line[max(0, found.start() - 9) : found.end() + 9] for line in lines for found in _BLANKS.finditer(line)]


@pytest.mark.parametrize("path", ["", "tf/{T}/", "tf/{T}/process/", "subscriptions/{T}/", "subscriptions/sent/{T}/"])
def test_a_chinese_page_has_no_blanks_beside_its_signs(
    client: Client, phase: Callable[[str], Phase], people: dict[str, User], path: str
) -> None:
    pk = phase("feedback").pk
    services.extend(pk, closes_on=date(2022, 3, 7), reason="晚了。", reason_language="zh-hant", actor=people["deputy"])
    page = client.get(f"/zh-hant/{path.format(T='leadership-development')}").content.decode()
    assert blanks(page) == []


def test_a_chinese_refusal_has_no_blanks_either() -> None:
    with translation.override("zh-hant"), pytest.raises(Invalid) as refusal:
        windows.instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin", end=True)
    assert blanks(str(refusal.value.message)) == []


@pytest.mark.parametrize("name", ["subscription-confirm", "subscription-invitation", "phase-extended", "phase-opened"])
def test_a_chinese_mail_has_no_blanks_beside_its_signs(name: str) -> None:
    kind = kinds.get(name)
    mail = rendering.render(kind, kinds.sample_of(kind, "zh-hant"), "zh-hant")
    assert blanks(mail.html.rpartition("<hr")[0]) == []
    assert blanks(mail.text.rpartition("\n-- \n")[0].replace("\n", "<br>")) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "page", ["<p>一。 二</p>", "<b>一</b>： <a>JSON</a>", "<dt>名稱: 二</dt>", "一 <span>（必填）</span>"]
)
def test_such_a_blank_is_found(page: str) -> None:
    assert blanks(page)
