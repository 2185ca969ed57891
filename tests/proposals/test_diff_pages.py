"""The page of a difference, the choice of two revisions, and the filters of the history."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from proposals.models import Proposal, Revision, RevisionContent, UnitText
from proposals.services import buttons, drafts, import_page, save_translation, save_translations
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core.text import digest
from taskforce.timeline.models import Phase
from taskforce.timeline.services import extend
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.proposals.conftest import T
from tests.proposals.editing import coordinator, published
from tests.proposals.pages import long_body, page

AT = utc(2022, 2, 6, 9, 30)
SAID = "Some work is done already.[1] More would help."


@pytest.fixture
def editor(text: Proposal) -> User:
    return create_account("translator@demo.example", at=AT, name="Translator <b>Demo</b>")


def address(tail: str, language: str = "en", slug: str = T) -> str:
    return f"/{language}/tf/{slug}/proposals/proposal/{tail}"


def html(client: Client, tail: str, language: str = "en", slug: str = T) -> str:
    response = client.get(address(tail, language, slug))
    assert response.status_code == 200
    return response.content.decode()


def heard(made: str) -> list[str]:
    """What a screen reader says of each change: its heading, then its text."""
    parts = made.split('<section class="pt-diff"')[1:]
    return [" ".join(strip_tags(f"<x{part.split('</section>')[0]}").split()) for part in parts]


def unit_with(said: str) -> int:
    return UnitText.objects.get(text=said).unit_id


@pytest.fixture
def changed(text: Proposal, editor: User) -> int:
    """The id of the unit that revision 2 rewords in English; revision 3 translates the first heading into Arabic."""
    unit = unit_with(SAID)
    save_translation(unit, "en", "Some work is <i>done</i> already.[1]", editor=editor, at=AT, summary="less & less")
    save_translation(unit_with("摘要"), "ar", "ملخص", editor=editor, at=AT)
    return unit


@pytest.mark.long
def test_dates_were_changed_in_the_timeline(client: Client, text: Proposal, editor: User, clock: Clock) -> None:
    """Whoever translates a paragraph afterwards has not changed them, and the difference says so; where they are added
    with the text itself, nothing was changed."""
    leader = coordinator(text)
    save_translation(unit_with(SAID), "ar", "عمل", editor=editor, at=AT)
    phase = Phase.objects.get(task_force=text.task_force, slug="recruitment")
    extend(phase.pk, closes_on=date(2022, 4, 20), reason="more time", actor=leader)
    save_translation(unit_with(SAID), "ar", "عمل آخر", editor=editor, at=AT)
    words = "changed in its timeline, not by a revision of the text"
    made = html(client, "diff/2..3/")
    assert words in made
    (dates,) = [one for one in heard(made) if "Last day" in one]
    assert words in dates
    assert f'href="/en/tf/{T}/process/"' in made.split(words)[1].split("</p>")[0]
    assert words not in html(client, "diff/0..1/")
    assert words not in html(client, "diff/1..2/")


def test_what_changed_is_said(client: Client, changed: int) -> None:
    """In words, escaped, with who and why, and with ways to both revisions."""
    made = html(client, "diff/1..2/")
    (change,) = heard(made)
    assert change.startswith("1. Changed · Paragraph Section: Details")
    assert change.endswith(
        "Some work is [added: &lt;i&gt;] done [added: &lt;/i&gt;] already.[1] [removed: More would help.]"
    )
    assert f'id="u-{changed}"' in made
    assert f'href="/en/tf/{T}/proposals/proposal/r/1/#u-{changed}"' in made
    assert f'href="/en/tf/{T}/proposals/proposal/r/2/#u-{changed}"' in made
    assert "1 paragraph changed" in made
    assert "less &amp; less" in made
    assert "<bdi>Translator &lt;b&gt;Demo&lt;/b&gt;</bdi>" in made
    assert '<div class="pt-diff__text" lang="en" dir="ltr">' in made
    assert re.search(r'r/2/#u-\d+">\d paragraphs? unchanged', made)


@pytest.mark.long
def test_languages_that_did_not_change_are_offered_others(client: Client, changed: int) -> None:
    """Nothing in Arabic yet; nothing changed in Chinese; there English is offered. A first translation is told."""
    made = html(client, "diff/1..2/", "ar")
    assert "pt-diff__text" not in made
    assert re.search(rf'href="{address("diff/1..2/")}"[^>]*><span lang="en" dir="ltr">English', made)
    german = html(client, "diff/1..2/", "de")
    assert address("diff/1..2/") in german
    first = html(client, "diff/2..3/", "ar")
    assert '<div class="pt-diff__text" lang="ar" dir="rtl"><ins' in first
    assert "paragraph added" not in html(client, "diff/2..3/", "en")
    assert "عدد الفقرات المضافة" not in first
    assert "Neither revision has anything of this text in Deutsch" not in html(client, "diff/1..2/")
    assert "Nothing changed in English between these revisions." in html(client, "diff/2..3/")
    assert "nothing differs" in html(client, "diff/2..2/")


def test_from_nothing(client: Client, text: Proposal) -> None:
    """Before the first revision there was nothing: all of it is added, in each language what it has."""
    made = html(client, "diff/0..1/")
    assert "From nothing to revision 1" in made
    assert not re.search("Changed|Removed|Moved", " ".join(heard(made)))
    assert len(heard(made)) == text.units.filter(texts__language="en").distinct().count() + 3
    assert any(change.startswith("1. Added · Heading") for change in heard(made))


def test_a_second_section_of_dates(client: Client, text: Proposal) -> None:
    """It has the same phases as the first: each stands there, and is compared with its own."""
    person = coordinator(text)
    drafts.change(text.pk, buttons.add_part("More dates", "timeline", ""), editor=person, at=AT)
    published(text, person)
    phases = Phase.objects.count()
    told = heard(html(client, "diff/1..2/"))
    assert len(told) == 1 + phases
    assert all(" Added " in one for one in told)
    made = html(client, "diff/0..2/")
    anchors = re.findall(r'<section class="pt-diff" id="([^"]+)"', made)
    assert len([one for one in anchors if one.startswith("p-")]) == 2 * phases
    assert len(set(anchors)) == len(anchors)


def test_moved_units(client: Client, text: Proposal) -> None:
    """A paragraph that went to another section: where it is, from where, and a way between the two places."""
    unit = unit_with(SAID)
    units = RevisionContent.objects.get(revision__number=1, language="en").units
    moved = next(entry for entry in units if entry.get("id") == unit)
    units.remove(moved)
    units.insert(2, moved | {"section": 1, "kind": "quote"})
    act = Revision.objects.create(proposal=text, number=2, language="en", editor_name="Ada Sample", at=AT)
    RevisionContent.objects.create(revision=act, language="en", units=units, sha256=digest(units))
    made = html(client, "diff/1..2/")
    assert "1 paragraph moved" in made
    assert f'<a href="#from-u-{unit}">' in made
    assert f'id="from-u-{unit}"' in made
    (change,) = heard(made)
    assert change.startswith("1. Moved and changed · Quote Section: 摘要 · moved from the section: Details")
    assert "Kind: [removed: paragraph] [added: quote]" in change


NOT_THERE = [
    "0..0",
    "0..9",
    "1..9",
    "9..1",
    "9..9",
    "2147483647..2147483648",
    f"1..{'9' * 40}",
    f"{'9' * 5000}..1",
    "x..1",
    "-1..1",
    "1...2",
]


def test_not_there(client: Client, changed: int) -> None:
    """Numbers of no revision, however large: 404; the later one first: the address that is meant."""
    found = {pair: client.get(address(f"diff/{pair}/")).status_code for pair in NOT_THERE}
    assert found == dict.fromkeys(NOT_THERE, 404)
    for asked, meant in {"3..1": "1..3", "2..0": "0..2"}.items():
        assert client.get(address(f"diff/{asked}/")).headers["Location"] == address(f"diff/{meant}/")


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("old=1&new=3", "diff/1..3/"),
        ("old=3&new=1", "diff/1..3/"),
        ("old=2&new=2", "diff/2..2/"),
        ("", "history/"),
        ("old=1", "history/"),
        ("old=x&new=2", "history/"),
        ("old=-1&new=2", "history/"),
        (f"old=1&new={'9' * 5000}", "history/"),
        ("old=1&new=2&next=//evil.test/", "diff/1..2/"),
    ],
)
def test_choosing_two(client: Client, changed: int, query: str, meant: str) -> None:
    """The form leads to the address of the difference, or back to where one chooses."""
    answer = client.get(address(f"diff/?{query}"))
    assert (answer.status_code, answer.headers["Location"]) == (302, address(meant))


def test_the_history_offers_to_compare(client: Client, changed: int) -> None:
    """Two choices at each revision, the last two chosen; what each changed, in its language; no script, no token."""
    made = html(client, "history/")
    chosen = re.findall(r'name="(old|new)" value="(\d+)"( checked)?', made)
    assert [(name, number) for name, number, is_chosen in chosen if is_chosen] == [("new", "3"), ("old", "2")]
    assert len(chosen) == 6
    for language, pair in (("ar", "0..3"), ("en", "1..2"), ("en", "0..1"), ("zh-hant", "0..1")):
        assert f'href="{address(f"diff/{pair}/", language)}"' in made
    assert "csrf" not in made
    ahead = html(client, "r/2/")
    assert address("diff/1..2/") in ahead
    assert address("diff/2..3/") in ahead
    assert address("diff/3..") not in html(client, "r/3/")


def test_differences_follow_each_other(client: Client, changed: int, editor: User) -> None:
    """Forward and back through the revisions that changed the language."""
    save_translation(changed, "en", "All is done.", editor=editor, at=AT)
    made = html(client, "diff/1..2/")
    assert f'<a href="{address("diff/0..1/")}" rel="prev">' in made
    assert f'<a href="{address("diff/2..4/")}" rel="next">' in made
    last = html(client, "diff/2..4/")
    assert 'rel="next"' not in last
    assert last.count("Revision 3") == 1
    assert 'rel="prev"' not in html(client, "diff/0..1/")


def listed(made: str) -> list[int]:
    return [int(number) for number in re.findall(r'pt-history__what"><a href="[^"]+/r/(\d+)/"', made)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("language=&editor=", [3, 2, 1]),
        ("language=en", [2, 1]),
        ("language=ar", [3]),
        ("language=ar&editor=Ada+Sample", []),
        ("editor=Ada+Sample", [1]),
        ("editor=Translator+%3Cb%3EDemo%3C/b%3E", [3, 2]),
        ("editor=Translator+%3Cb%3EDemo%3C/b%3E&language=en", [2]),
    ],
)
def test_filters(client: Client, changed: int, query: str, found: list[int]) -> None:
    """By language, by editor, by both; a way back to all of it; the current one is marked where it is listed only."""
    made = html(client, f"history/?{query}")
    assert listed(made) == found
    is_chosen = "=en" in query or "=ar" in query or "=Ada" in query or "=Tr" in query
    assert ("Show all revisions" in made) == is_chosen
    assert ("No revision fits" in made) == (not found)
    assert ("Current version" in made) == (3 in found)
    assert "<b>Demo" not in made


@pytest.mark.parametrize("query", ["language=xx", "editor=Nobody", "editor=%F0%9F%A7%AA"])
def test_filters_that_there_are_not(client: Client, changed: int, query: str) -> None:
    """Said at the field, with every revision below and a way back."""
    made = html(client, f"history/?{query}")
    assert listed(made) == [3, 2, 1]
    assert "Please choose one of the list." in made
    assert "Show all revisions" in made


def test_a_language_that_no_revision_has_changed(client: Client, changed: int) -> None:
    """It is said, and nothing is listed; the language stays chosen."""
    made = html(client, "history/?language=de")
    assert listed(made) == []
    assert 'No revision has changed <span lang="de" dir="ltr">Deutsch</span> yet' in made
    assert "Please choose one of the list." not in made
    assert "Show all revisions" in made
    assert re.search(r'<option value="de"[^>]* selected', made)


def test_filters_are_kept_over_pages(client: Client, text: Proposal) -> None:
    """The next page is of the same language and editor."""
    acts = Revision.objects.bulk_create(
        Revision(proposal=text, number=number, language="en", editor_name="A & B", at=AT) for number in range(2, 104)
    )
    RevisionContent.objects.bulk_create(
        RevisionContent(revision=act, language="en", units=[], sha256="x") for act in acts
    )
    made = html(client, "history/?editor=A+%26+B&language=en")
    assert len(listed(made)) == 100
    (ahead,) = re.findall(r'href="(\?[^"]+)" rel="next"', made)
    assert ahead == "?language=en&amp;editor=A+%26+B&amp;page=2"
    assert listed(html(client, f"history/{ahead.replace('&amp;', '&')}")) == [3, 2]


@pytest.mark.long
def test_the_same_for_everybody(client: Client, changed: int, editor: User) -> None:
    """No cookie, no token; kept for a minute, and 304 for who has it."""
    for tail in ("diff/1..2/", "history/?language=en"):
        client.logout()
        first = client.get(address(tail))
        assert not first.cookies
        assert first.headers["Cache-Control"] == "public, max-age=60"
        client.force_login(editor)
        assert client.get(address(tail)).content == first.content
        assert client.get(address(tail), headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
        assert client.post(address(tail)).status_code == 405


@pytest.mark.long
def test_hostile_texts(client: Client, changed: int, editor: User) -> None:
    """Twenty thousand brackets against other ones, bidi controls, markup, damaged characters: text, and soon there."""
    hostile = ["[" * 20_000, "](javascript:alert(1))" * 900 + "\u202e<script>alert(1)</script>\ufffd" + "\u2066" * 40]
    for said in hostile:
        save_translation(changed, "en", said, editor=editor, at=AT)
    made = html(client, "diff/4..5/")
    assert "<script>alert" not in made
    assert "javascript:alert(1)" not in re.findall(r'(?:href|src)="([^"]*)"', made)
    assert not set("\u202e\u2066") & set(made)
    assert "U+202E" in made
    assert "\ufffd" in made


@pytest.mark.long
def test_queries_do_not_grow(clock: Clock, client: Client) -> None:
    """The same for ten units, two languages and one change as for a hundred and fifty, twelve and many."""
    made: dict[str, list[int]] = {"diff": [], "history/": []}
    for units, codes in ((10, ["en"]), (150, ["en", "ar", "de", "fr", "ja", "ru", "hi", "es"])):
        slug = f"t{units}"
        proposal = import_page(page(long_body(units)), task_force=slug, at=AT).proposal
        somebody = create_account(f"{slug}@demo.example", at=AT, name=f"Editor {units}")
        ids = list(proposal.units.values_list("pk", flat=True))
        for number, code in enumerate(codes):
            ready = dict.fromkeys(ids, f"Said {number}")
            save_translations(proposal.pk, code, ready, editor=somebody, at=AT + timedelta(days=number))
        for tail in made:
            with CaptureQueriesContext(connection) as caught:
                html(client, f"diff/1..{len(codes) + 1}/" if tail == "diff" else tail, slug=slug)
            made[tail].append(len(caught))
    assert made == {"diff": [made["diff"][0]] * 2, "history/": [made["history/"][0]] * 2}
    assert made["diff"][0] <= 17
    assert made["history/"][0] <= 13
