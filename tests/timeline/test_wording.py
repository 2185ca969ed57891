"""Words of mails and of the pages of following: no sign of a sentence stands outside what is translated."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = [*sorted((ROOT / "mail").glob("*.md")), *sorted((ROOT / "timeline").glob("*.html"))]
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
