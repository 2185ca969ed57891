"""The catalogues follow the sources, and what is promised to be complete is."""

import gettext
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from deploy import catalogues, texts
from deploy.errors import StackError

TEMPLATE = """{% extends "base.html" %}
    {# Translators: a button #}
    <p class='it"s'>{% translate "Send it" %} {{ name }} ([</p>
  {% blocktranslate trimmed count count=items|length with name=user.name %}
     {{ name }} wrote one item
  {% plural %}
     {{ name }} wrote {{ count }} items
  {% endblocktranslate %}
{% translate "Open" context "adjective" %} {% if a == _("inline") %}{% endif %}
"""
PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
A = _("Sent by %(who)s on "
      "%(day)s")
def f(n: int) -> str:
    return ngettext("%(count)s word", "%(count)s words", n) + pgettext("verb", "Open")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one template and one module."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "words.py").write_text(PYTHON)
    monkeypatch.setattr(texts, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    return tmp_path


def fill(locale: str, msgid: str, *forms: str, fuzzy: bool = False) -> None:
    """Translate one text, as somebody with an editor would."""
    path = catalogues.path_of(locale)
    blocks = path.read_text().split("\n\n")
    for number, block in enumerate(blocks):
        if f'msgid "{msgid}"' in block:
            kept = [line for line in block.split("\n") if not line.startswith("msgstr")]
            plural = any(line.startswith("msgid_plural") for line in kept)
            named = [f'msgstr[{i}] "{form}"' if plural else f'msgstr "{form}"' for i, form in enumerate(forms)]
            blocks[number] = "\n".join([*(["#, fuzzy"] if fuzzy else []), *kept, *named])
    path.write_text("\n\n".join(blocks))


def test_texts_are_found_in_templates_and_python(project: Path) -> None:
    found = {text.key: text for text in texts.collect()}
    assert set(found) == {
        (None, "Send it"),
        (None, "%(name)s wrote one item"),
        ("adjective", "Open"),
        (None, "inline"),
        (None, "Sent by %(who)s on %(day)s"),
        (None, "%(count)s word"),
        ("verb", "Open"),
    }
    assert found[None, "%(name)s wrote one item"].plural == "%(name)s wrote %(count)s items"
    assert found[None, "Send it"].notes == ["a button"]
    assert found[None, "Send it"].files == {"templates/page.html"}


def test_a_refresh_fills_english_and_keeps_translations(project: Path) -> None:
    catalogues.refresh()
    fill("zh_Hant", "Send it", "送出")
    catalogues.refresh()
    assert catalogues.faults("en", texts.collect()) == []
    content = catalogues.path_of("zh_Hant").read_text()
    assert "送出" in content
    assert "page.html:" not in content
    before = {locale: catalogues.path_of(locale).read_text() for locale in catalogues.PLURALS}
    (project / "templates" / "page.html").write_text("\n\n\n" + TEMPLATE)
    catalogues.refresh()
    assert {locale: catalogues.path_of(locale).read_text() for locale in catalogues.PLURALS} == before


def test_what_left_the_sources_leaves_the_catalogues(project: Path) -> None:
    catalogues.refresh()
    fill("de", "Send it", "Abschicken")
    (project / "templates" / "page.html").write_text("")
    assert "de: no longer in the sources: 'Send it'" in catalogues.faults("de", texts.collect())
    catalogues.refresh()
    assert "Abschicken" not in catalogues.path_of("de").read_text()


def test_every_language_has_its_plural_forms(project: Path) -> None:
    catalogues.refresh()
    wanted = {"ar": 6, "ru": 3, "ja": 1, "id": 1, "zh_Hans": 1, "zh_Hant": 1}
    for locale in catalogues.PLURALS:
        with catalogues.path_of(locale).open("rb") as source:
            catalogue = read_po(source)
        message = catalogue.get("%(count)s word")
        assert message is not None
        assert isinstance(message.string, (list, tuple))
        assert len(message.string) == wanted.get(locale, 2), locale
        assert catalogue.num_plurals == wanted.get(locale, 2), locale


@pytest.mark.parametrize(
    ("msgid", "forms", "fault"),
    [
        ("Sent by %(who)s on %(day)s", ["%(who)s 於 %(dy)s"], "other placeholders: %(day)s, %(dy)s"),
        ("%(count)s word", ["%(cout)s 字"], "other placeholders: %(cout)s"),
        ("%(count)s word", ["%(count)s % 字"], "other placeholders: %"),
        ("Send it", ["{request.user.password}"], "other placeholders: {request.user.password}"),
        ("Send it", ["{"], "other placeholders: {"),
        ("Send it", ["<script>"], "has other markup"),
        ("Send it", ["<img src=x onerror=alert(1) "], "has other markup"),
        ("Send it", [""], "not translated"),
    ],
)
def test_faults_are_named(project: Path, msgid: str, forms: list[str], fault: str) -> None:
    catalogues.refresh()
    fill("zh_Hant", msgid, *forms)
    assert any(fault in line for line in catalogues.faults("zh_Hant", texts.collect()))
    with pytest.raises(StackError, match="faults in the catalogues"):
        catalogues.check()


HOSTILE = ["<script>alert(1)</script>", "<svg/onload=alert(1)", "%(no)s", "%(who)s %(day)", "{0.__class__}", "100 %"]


@pytest.mark.parametrize("form", HOSTILE)
def test_readers_never_get_a_text_with_a_fault(project: Path, form: str) -> None:
    """What the check would name is not compiled: pages trust translations, and show the source text instead."""
    catalogues.refresh()
    fill("de", "Send it", form)
    fill("de", "Sent by %(who)s on %(day)s", form)
    fill("de", "%(name)s wrote one item", f"%(name)s {form}", "%(name)s: %(count)s Beiträge")
    fill("de", "%(count)s word", "ein Wort", "%(count)s Wörter")
    catalogues.compile_all()
    with catalogues.path_of("de").with_suffix(".mo").open("rb") as compiled:
        known = gettext.GNUTranslations(compiled)
    assert known.gettext("Send it") == "Send it"
    assert known.gettext("Sent by %(who)s on %(day)s") == "Sent by %(who)s on %(day)s"
    assert known.ngettext("%(name)s wrote one item", "%(name)s wrote %(count)s items", 1) == "%(name)s wrote one item"
    assert known.ngettext("%(count)s word", "%(count)s words", 3) == "%(count)s Wörter"


def test_a_number_may_be_left_out_where_a_form_means_one_number(project: Path) -> None:
    catalogues.refresh()
    fill("de", "%(count)s word", "ein Wort", "%(count)s Wörter")
    fill("de", "%(name)s wrote one item", "%(name)s: ein Beitrag", "%(name)s: %(count)s Beiträge")
    assert catalogues.faults("de", texts.collect()) == []


def test_guesses_are_not_kept(project: Path) -> None:
    catalogues.refresh()
    fill("zh_Hant", "Send it", "送出", fuzzy=True)
    assert any("fuzzy" in line for line in catalogues.faults("zh_Hant", texts.collect()))
    catalogues.refresh()
    assert "送出" not in catalogues.path_of("zh_Hant").read_text()


def test_a_text_that_nobody_took_in_is_a_fault(project: Path) -> None:
    catalogues.refresh()
    (project / "feedback" / "more.py").write_text('x = _("Something new")')
    assert "en: not in the catalogue: 'Something new'" in catalogues.faults("en", texts.collect())


@cache
def _own_texts() -> list[texts.Text]:
    return texts.collect()


@pytest.mark.dear
@pytest.mark.parametrize("locale", catalogues.PLURALS)
def test_the_portal_s_own_catalogues_are_in_order(locale: str) -> None:
    assert catalogues.faults(locale, _own_texts()) == []


# One thing has one name (docs/glossary.md): what it was also called, and is not again.
REJECTED = {
    "zh_Hant": ["評審人員", "審查人", "工作小組", "專案小組", "附屬組織", "不回答", "您的姓名", "第 %(version)s 版"],
    "ar": ["مقيّم", "فرقة العمل"],
}


@pytest.mark.parametrize("locale", REJECTED)
def test_one_thing_has_one_name(locale: str) -> None:
    with catalogues.path_of(locale).open("rb") as file:
        found = [one.string for one in read_po(file) if one.id]
    every = [text for one in found for text in ([one] if isinstance(one, str) else one or [])]
    assert every
    assert [(word, text) for word in REJECTED[locale] for text in every if word in text] == []
