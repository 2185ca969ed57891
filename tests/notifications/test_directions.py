"""Mails with pieces in another language or direction: marked in HTML, in order in plain text."""

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from taskforce.core import languages
from taskforce.notifications import directions, kinds, rendering
from taskforce.notifications.rendering import Rendered
from tests.notifications.conftest import NEWS, RECEIPT

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


def test_subjects_are_whole_and_set_apart_what_runs_the_other_way(settings: Settings) -> None:
    for language in languages.CODES:
        subject = announcement(language, settings).subject
        names = ["領導力發展專案組", "The members are chosen"]
        if languages.direction(language) == "rtl":
            names = [f"\u2068{name}\u2069" for name in names]
        assert [name in subject for name in names] == [True, True]
        assert len(INVISIBLE.findall(subject)) == (4 if languages.direction(language) == "rtl" else 0)


def test_a_subject_is_cut_with_its_isolates_closed(settings: Settings) -> None:
    subject = announcement("ar", settings, title="Members " * 60).subject
    assert subject.count("\u2068") == subject.count("\u2069") == 2
    assert subject.endswith("\u2069")
    assert len(subject) <= rendering.LONGEST_SUBJECT + 4


# A name as it was typed, as a mail says it, and whether it is set apart in a mail from left to right, and from right
# to left.
NAMES = [
    ("\u202eevil", "evil", False, True),
    ("\u2067evil\u2069\u200f", "evil", False, True),
    ("محمد", "محمد", True, False),
    ("O'Brien (עברית)", "O'Brien (עברית)", True, True),
    ("علی\u200cرضا", "علی\u200cرضا", True, False),
    ("محمد (Mo)", "محمد (Mo)", True, True),
    ("Ann", "Ann", False, True),
    ("語", "語", False, True),
]


@pytest.mark.parametrize(("typed", "shown", "in_english", "in_arabic"), NAMES)
def test_names_are_set_apart_in_each_part_of_a_mail(typed: str, shown: str, in_english: bool, in_arabic: bool) -> None:
    """In the subject and the text by isolates, in HTML by an element; disguises are gone, joiners stay."""
    for language, is_apart in (("en", in_english), ("ar", in_arabic)):
        for name in (typed, {"text": typed, "language": language}):
            context = {"name": name, "code": "A-1", "body": "", "url": "", "closes_at": "2022-03-01T12:00:00+00:00"}
            mail = rendering.render(RECEIPT, context, language)
            isolated = f"\u2068{shown}\u2069"
            assert shown in mail.subject
            assert (isolated in mail.subject) == is_apart
            assert (isolated in mail.text) == is_apart
            html = unescape(mail.html)
            element = (
                f"<bdi>{shown}</bdi>" if name is typed else f'dir="{languages.direction(language)}">{shown}</span>'
            )
            assert (element in html) == is_apart
            assert not re.search("[\u202a-\u202e\u2066\u2067\u200e\u200f]", mail.subject + mail.text + mail.html)


def test_a_text_of_the_mails_own_language_is_set_apart_where_it_mixes() -> None:
    """What follows it would else be drawn on its other side: “… (2)” behind a name that ends from right to left."""
    mixed = "Day of עברית"
    for own in ("en", "de", None):
        piece = directions.piece(mixed, own, "en")
        assert directions.in_text(f"x {piece} 2", "en") == f"x \u2068{mixed}\u2069 2"
        assert directions.in_line(f"x {piece} 2", "en") == f"x \u2068{mixed}\u2069 2"
    assert directions.piece("Day of Ann", "en", "en") == "Day of Ann"


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


@pytest.mark.long
@given(st.text(max_size=40), st.sampled_from(languages.CODES), st.sampled_from([None, *languages.CODES]))
def test_pieces_come_out_as_they_went_in(text: str, around: str, own: str | None) -> None:
    text = directions.without_markers(text)
    marked = f"x {directions.piece(text, own, around)} y"
    assert INVISIBLE.sub("", directions.in_text(marked, "en")) == INVISIBLE.sub("", f"x {text} y")


# --- a text of several lines ---------------------------------------------------------------------------------------

TYPED = "Two texts came late:\r\n- the plan\r\n\r\n \u200b \n1. the <b>call</b>\\\n---\n\n"
TYPED_LINES = ["Two texts came late:", "- the plan", "", "1. the <b>call</b>\\", "---"]
OF_A_REASON = [
    "phase-extended",
    "phase-shortened",
    "phase-closed-early",
    "phase-cancelled",
    "feedback-decided",
    "call-changed",
    "application-call-changed",
]


def with_reason(name: str, text: str, language: str) -> Rendered:
    """A mail that tells a reason, given in English."""
    kind = kinds.get(name)
    return rendering.render(kind, kind.sample() | {"reason": {"text": text, "language": "en"}}, language)


@pytest.mark.parametrize("name", OF_A_REASON)
def test_the_lines_of_a_reason_stay_lines(name: str) -> None:
    mail = with_reason(name, TYPED, "en")
    indented = [f"  {line}".rstrip() for line in TYPED_LINES[1:]]
    assert "\n".join([f"- Reason: {TYPED_LINES[0]}", *indented, "- "]) in mail.text
    item = next(one for one in re.findall("<li>(.*?)</li>", mail.html, re.DOTALL) if "Reason" in one)
    assert unescape(re.sub(r"<br ?/?>\n?", "\n", item)) == "\n".join(["Reason: " + TYPED_LINES[0], *TYPED_LINES[1:]])
    assert "<b>" not in mail.html


def test_from_right_to_left_each_line_of_a_reason_is_set_apart_by_itself() -> None:
    """An isolate ends with its line: one around all of them would leave the second line in disorder."""
    mail = with_reason("phase-extended", "Late (1).\n\nMore (2).", "ar")
    assert "\u2068Late (1).\u2069\n\n  \u2068More (2).\u2069 (" in mail.text
    for line in mail.text.splitlines():
        assert line.count("\u2068") == line.count("\u2069")
    for line in ("Late (1).", "More (2)."):
        assert f'<span lang="en" dir="ltr">{line}</span>' in mail.html


def test_in_a_daily_mail_too_the_lines_of_a_reason_stay_lines() -> None:
    kind = kinds.get("phase-extended")
    context = kind.sample() | {"reason": {"text": "Late.\n# More.", "language": "en"}}
    assert "Reason: Late\\.\\\n\\# More\\.\n" in rendering.excerpt(kind, context).lines


@pytest.mark.long
@pytest.mark.parametrize("text", ["\n" * 2000, "a\n" * 1000, "\u2028" * 2000, "[\n" * 1000, "    x\n\t> y\n"])
def test_however_many_lines_it_has_a_reason_stays_one_item(text: str) -> None:
    html = with_reason("phase-extended", f"A{text}B", "ar").html
    assert html.count("<ul") == 1
    assert "<p>B" not in html
    assert not re.search("<(pre|blockquote|h1|h2|h3)", html)
