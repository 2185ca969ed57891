"""Mails with pieces in another language or direction: marked in HTML, in order in plain text."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from taskforce.core import languages
from taskforce.notifications import directions, kinds, rendering
from taskforce.notifications.rendering import Rendered
from tests.notifications.conftest import NEWS

INVISIBLE = re.compile("[\u2066-\u2069\ufdd0-\ufdef]")
ENGLISH = {"text": "The members are chosen", "language": "en"}
BODY = "They begin today.\n\n- Twelve people"


def announcement(language: str, settings: Settings, **values: Any) -> Rendered:
    """The mail about an announcement in English."""
    context = {
        "task_force": {"text": "領導力發展專案組", "language": "zh-hant"},
        "title": ENGLISH,
        "body": BODY,
        "other_language": "" if language == "en" else "English",
        "url": f"{settings.SITE_URL}/{language}/tf/x/news/members/",
    }
    return rendering.render(kinds.get("announcement"), context | values, language)


@pytest.mark.parametrize("language", ["ar", "de", "zh-hans"])
def test_a_text_in_another_language_carries_it(language: str, settings: Settings) -> None:
    html = announcement(language, settings).html
    assert '<strong><span lang="en" dir="ltr">The members are chosen</span></strong>' in html
    block = html[html.index('<div lang="en" dir="ltr">') : html.index("</div>")]
    assert "<p>They begin today.</p>" in block
    assert "<li>Twelve people</li>" in block
    assert html.count("<div") == html.count("</div>") == 1


def test_a_text_in_the_mail_s_language_carries_nothing(settings: Settings) -> None:
    mail = announcement("en", settings, task_force={"text": "Leadership", "language": "en"})
    assert mail.html.count("lang=") == 1
    assert "<div" not in mail.html
    assert not INVISIBLE.search(mail.text + mail.subject + mail.html)


def test_subjects_are_bare_and_whole(settings: Settings) -> None:
    for language in languages.CODES:
        subject = announcement(language, settings).subject
        assert "領導力發展專案組" in subject
        assert "The members are chosen" in subject
        assert not INVISIBLE.search(subject)


def test_plain_text_from_right_to_left(settings: Settings) -> None:
    """What fills a line stands bare, what stands within one is isolated, an address too."""
    mail = announcement("ar", settings)
    lines = mail.text.splitlines()
    assert "The members are chosen" in lines
    assert f"\u2068<{settings.SITE_URL}/ar/tf/x/news/members/>\u2069" in mail.text
    assert f"{settings.SITE_URL}/ar/" in lines
    kind = kinds.get("phase-extended")
    text = rendering.render(kind, kind.sample(), "ar", "Asia/Taipei").text
    assert "\u2068The translations came late.\u2069" in text
    assert "\u2068Leadership Development Task Force\u2069" in text
    assert text.count("\u2068") == text.count("\u2069")
    assert not re.search(r"https?://[^\s>]*[\u2066-\u2069]", text), "a program would take it for a part of the address"


def test_plain_text_from_left_to_right_isolates_only_the_other_way(settings: Settings) -> None:
    arabic = {"text": "فريق", "language": "ar"}
    text = announcement("en", settings, title="فريق (2)").text
    assert "\nفريق (2)\n" in f"\n{text}"
    kind = kinds.get("phase-extended")
    sample = kind.sample()
    assert not INVISIBLE.search(rendering.render(kind, sample, "en").text)
    mixed = rendering.render(kind, sample | {"phase": arabic, "name": "ليلى"}, "en")
    assert "“\u2068فريق\u2069”" in mixed.text
    assert "\u2068ليلى\u2069" in mixed.text
    assert '<span lang="ar" dir="rtl">فريق</span>' in mixed.html
    assert "<bdi>ليلى</bdi>" in mixed.html


@pytest.mark.parametrize("code", ["ABCD-2345", "2345-ABCD", "123-456"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_code_is_copied_without_invisible_characters(code: str, language: str) -> None:
    mail = rendering.render(kinds.get("account-login-code"), {"code": code, "minutes": 3}, language)
    assert code in mail.text.splitlines()
    assert (f"<bdi>{code}</bdi>" in mail.html) == (language == "ar")


def test_a_link_within_a_text_from_right_to_left_keeps_its_brackets(settings: Settings) -> None:
    context = {"name": "x", "code": "", "url": f"{settings.SITE_URL}/ar/", "closes_at": "2022-03-01T12:00:00+00:00"}
    body = f"[هنا]({settings.SITE_URL}/ar/) ثم {settings.SITE_URL}/ثم"
    text = rendering.render(NEWS, context | {"body": body}, "ar").text
    assert f"هنا \u2068<{settings.SITE_URL}/ar/>\u2069" in text


def test_markers_from_outside_mean_nothing(settings: Settings) -> None:
    hostile = "a\ufdd1b\ufddec\ufde0d\ufdefe"
    for language in ("en", "ar"):
        mail = announcement(language, settings, title=hostile, body=f"{hostile}\n\n```\n{hostile}", task_force=hostile)
        assert not re.search("[\ufdd0-\ufdef]", mail.subject + mail.text + mail.html)
        assert mail.text.count("abcde") >= 3
        assert mail.html.count("<span") == mail.html.count("</span>")
        assert mail.html.count("<div") == mail.html.count("</div>")


def test_what_a_body_leaves_open_ends_with_it(settings: Settings) -> None:
    """The twin of a body in the mail's own language, where an open block swallows what follows."""
    url = f"{settings.SITE_URL}/de/tf/x/news/members/"
    assert f'href="{url}"' in announcement("de", settings, body="```\ncode").html


@given(st.text(max_size=40), st.sampled_from(languages.CODES), st.sampled_from([None, *languages.CODES]))
def test_pieces_come_out_as_they_went_in(text: str, around: str, own: str | None) -> None:
    text = directions.without_markers(text)
    marked = f"x {directions.piece(text, own, around)} y"
    assert INVISIBLE.sub("", directions.in_text(marked, "en")) == INVISIBLE.sub("", f"x {text} y")
