"""The packages' texts that the portal words in its own way: they exist there, and are worded here."""

import gettext
from pathlib import Path

import allauth
import django
import pytest
from django.utils import translation
from django.utils.translation import gettext as translated

from taskforce.accounts import wording

_PLACES = (
    Path(allauth.__path__[0]) / "locale",
    Path(django.__path__[0]) / "conf" / "locale",
    Path(django.__path__[0]) / "contrib" / "auth" / "locale",
)


def known(text: str) -> bool:
    """Whether one of the packages has this text, letter for letter."""
    catalogues = [gettext.translation("django", place, ["zh_Hant"]) for place in _PLACES]
    return any(catalogue.gettext(text) != text for catalogue in catalogues)


@pytest.mark.parametrize("text", wording.OVERRIDDEN)
def test_the_packages_have_the_text(text: str) -> None:
    """A new version of a package that says something else is noticed here."""
    assert known(text)
    assert not known(f"{text} ")


@pytest.mark.parametrize("text", wording.OVERRIDDEN)
def test_english_has_one_spelling(text: str) -> None:
    """The portal writes "e-mail"."""
    with translation.override("en"):
        assert "email" not in translated(text).replace("%(email)s", "").lower()


def test_chinese_has_one_manner() -> None:
    """您, 驗證碼, 帳號, and no leftovers of other spellings or signs."""
    short, at_least = wording.COUNTED
    with translation.override("zh-hant"):
        said = [translated(text) for text in wording.OVERRIDDEN] + [short % 8, at_least % {"min_length": 8}]
    assert [text for text in said if any(word in text for word in ("你", "代碼", "帳戶", "証", ".."))] == []
    assert [text for text in said if text.isascii()] == []
