"""The public pages of a text: current, past, history, and what is not there."""

import itertools
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from proposals import queries
from proposals.models import Proposal, Revision, UnitText
from proposals.services import create, import_page, save_translation, save_translations
from proposals.wikipage import read
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.core import languages
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock, utc
from tests.proposals.conftest import T
from tests.proposals.pages import OWN_PAGE, TRANSLATIONS, long_body, page

AT = utc(2022, 2, 6, 9, 30)


@pytest.fixture
def editor(text: Proposal) -> User:
    return create_account("translator@demo.example", at=AT, name="Translator <b>Demo</b>")


def html(client: Client, tail: str = "", language: str = "zh-hant", slug: str = T) -> str:
    response = client.get(f"/{language}/tf/{slug}/proposals/proposal/{tail}")
    assert response.status_code == 200
    return response.content.decode()


def part(made: str, begin: str, end: str) -> str:
    """From one piece of the page to the next other one behind it."""
    return made[made.index(begin) :].split(end)[0]


def section(made: str, number: int) -> str:
    """The section with this number, from 1."""
    return made.split('<section class="pt-section"')[number].split("</section>")[0]


def unit_with(said: str) -> int:
    return UnitText.objects.get(text=said).unit_id


@pytest.mark.parametrize("language", languages.CODES)
def test_every_language_has_the_page(text: Proposal, client: Client, language: str) -> None:
    """One h1, the page's language and direction, every unit with an address of its own."""
    ids = {}
    for tail in ("", "r/1/", "history/"):
        made = html(client, tail, language)
        tag = f'<html lang="{languages.html_lang(language)}" dir="{languages.direction(language)}">'
        assert tag in made
        assert made.count("<h1") == 1
        ids[tail] = re.findall(r'\bid="([^"]+)"', made)
        assert len(ids[tail]) == len(set(ids[tail]))
    anchors = {f"u-{unit.pk}" for unit in text.units.all()} | {"note-1"}
    assert anchors <= set(ids[""])


def test_links_within_the_page_lead_somewhere(text: Proposal, client: Client) -> None:
    """Contents to the sections' headings, "[1]" to its note."""
    made = html(client)
    targets = set(re.findall(r'href="#([^"]+)"', made))
    headings = {f"u-{unit.pk}" for unit in text.units.filter(kind="heading")}
    assert len(headings) == 4
    assert set(re.findall(r'href="#([^"]+)"', part(made, 'aria-labelledby="contents"', "</nav>"))) == headings
    assert headings | {"note-1"} <= targets
    assert targets <= set(re.findall(r'\bid="([^"]+)"', made))


def test_the_same_for_everybody(text: Proposal, client: Client, editor: User) -> None:
    """No cookie, nothing to send but what to look for, no token; who asks changes nothing."""
    for tail in ("", "r/1/", "history/"):
        client.logout()
        first = client.get(f"/en/tf/{T}/proposals/proposal/{tail}")
        assert not first.cookies
        assert set(re.findall(rb'<form[^>]* method="(\w+)"', first.content)) == (
            {b"get"} if tail == "history/" else set()
        )
        assert b"csrf" not in first.content
        client.force_login(editor)
        assert client.get(f"/en/tf/{T}/proposals/proposal/{tail}").content == first.content


def test_outdated_mark(text: Proposal, client: Client, editor: User) -> None:
    """An outdated translation is shown, in its place, and says so."""
    unit = unit_with("摘要")
    save_translation(unit, "en", "Summary", editor=editor, at=AT)
    assert "pt-unit--outdated" not in html(client, "", "en")
    save_translation(unit, "zh-hant", "摘錄", editor=editor, at=AT)
    made = html(client, "", "en")
    place = made[made.index(f'id="u-{unit}"') :]
    assert "Summary</h2>" in place[:300]
    assert "The original has changed since this was translated" in place[:500]
    assert made.count("pt-unit--outdated") == 1


def test_percent_and_languages(text: Proposal, client: Client, editor: User) -> None:
    """Each language that has some of the text, with its share and its address."""
    save_translation(unit_with("摘要"), "ar", "ملخص", editor=editor, at=AT)
    made = html(client, "", "en")
    available = made[made.index('aria-labelledby="available"') :]
    shares = re.findall(r'href="/([a-z-]+)/tf/[^"]+"[^>]*>[^<]+</a> (\d+)%', available)
    assert shares == [("en", "60"), ("ar", "10"), ("zh-hant", "40")]
    assert "60% of this text" in made


def test_timeline_follows_the_phases(text: Proposal, client: Client, clock: Clock) -> None:
    """Rows of the task force's phases, as they are at the moment."""
    assert html(client, "", "en").count("pt-timeline__phase--current") == 1
    clock.set(utc(2022, 3, 1, 12))
    made = html(client, "", "en")
    assert made.count("pt-timeline__phase--past") == 1
    assert '<span lang="zh-Hant" dir="ltr">徵求反饋</span>' in made


def test_the_page_tells_its_components_the_moment(text: Proposal, client: Client, clock: Clock) -> None:
    """The minute of the revision must not stand where the timeline looks for now."""
    clock.set(utc(2022, 2, 20, 12))
    shown = client.get(f"/en/tf/{T}/proposals/proposal/").context["at"]
    assert utc(2022, 2, 20, 12) <= shown < utc(2022, 2, 20, 12, 5)


def test_past_page_keeps_its_dates(text: Proposal, client: Client, editor: User) -> None:
    """A past revision shows the periods as they stood, by the reader's locale."""
    made = html(client, "r/1/", "en")
    assert "<strong>February 2022</strong>" in made
    assert "pt-timeline" not in made
    assert "<strong>2022年3月14日至4月10日</strong>" in html(client, "r/1/")


def test_banner_in_the_language_that_changed(text: Proposal, client: Client, editor: User) -> None:
    """Only where the reader's language has a later revision, or shows one; editor, minute and summary, escaped."""
    save_translation(unit_with("摘要"), "en", "Summary", editor=editor, at=AT, summary="<i>first</i>")
    assert "pt-banner-archived" in html(client, "r/1/", "en")
    assert "pt-banner-archived" not in html(client, "r/1/")
    # English stands by now where Chinese stood.
    assert "pt-banner-archived" in html(client, "r/1/", "ar")
    assert "pt-banner-archived" not in html(client, "r/2/", "ar")
    assert "pt-banner-archived" not in html(client, "r/2/", "en")
    banner = html(client, "r/1/", "en").split("pt-banner-archived")[1].split("<article>")[0]
    assert "<bdi>Ada Sample</bdi>" in banner
    assert "3 February 2022, 08:05 UTC" in banner
    assert "first version" in banner
    assert 'href="/en/tf/sample/proposals/proposal/"' in banner
    assert 'href="/en/tf/sample/proposals/proposal/diff/1..2/">Difference to the current version' in banner
    assert "Difference from the previous revision" not in html(client, "r/1/", "en")
    assert 'diff/0..1/">What it began with' in html(client, "r/1/", "en")
    second = html(client, "r/2/", "en")
    assert 'diff/1..2/">Difference from the previous revision' in second
    assert escape("Translator <b>Demo</b>") in second
    assert escape("<i>first</i>") in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_history(text: Proposal, client: Client, editor: User) -> None:
    """Newest first: number, editor, minute, languages, summary."""
    save_translation(unit_with("摘要"), "ar", "ملخص", editor=editor, at=AT, summary="العنوان")
    made = html(client, "history/", "en")
    assert re.findall(r'/proposals/proposal/r/(\d+)/"', made) == ["2", "1"]
    assert '<span lang="ar" dir="rtl">العربية</span>' in made
    assert "6 February 2022, 09:30 UTC" in made
    assert "Ada Sample" in made


@pytest.mark.long
def test_history_has_pages(text: Proposal, client: Client, editor: User) -> None:
    """A hundred to a page; a page number that makes no sense is the nearest one that does."""
    Revision.objects.bulk_create(
        Revision(proposal=text, number=number, language="en", editor_name="x", at=AT) for number in range(2, 102)
    )
    assert html(client, "history/").count("pt-history__what") == 100
    for number in ("2", "99999999999999999999"):
        assert html(client, f"history/?page={number}").count("pt-history__what") == 1
    assert html(client, "history/?page=x").count("pt-history__what") == 100


def test_history_of_nothing(tf: TaskForce, client: Client) -> None:
    """A text without revisions says so."""
    proposal = create(tf, slug="proposal", at=AT)
    Proposal.objects.filter(pk=proposal.pk).update(state="published")
    assert "pt-empty" in html(client, "history/", "en", tf.slug)
    assert "<h1" in html(client, "", "en", tf.slug)


NOT_THERE = [
    "tf/none/proposals/proposal/",
    "tf/sample/proposals/none/",
    "tf/sample/proposals/plan/",
    "tf/sample/proposals/plan/history/",
    "tf/sample/proposals/proposal/r/0/",
    "tf/sample/proposals/proposal/r/2/",
    "tf/sample/proposals/proposal/r/999999/",
    "tf/sample/proposals/proposal/r/2147483647/",
    "tf/sample/proposals/proposal/r/2147483648/",
    f"tf/sample/proposals/proposal/r/{'9' * 30}/",
    f"tf/sample/proposals/proposal/r/{'9' * 5000}/",
    "tf/sample/proposals/proposal/r/-1/",
    "tf/sample/proposals/proposal/r/x/",
    "tf/sample/proposals/%F0%9F%A7%AA/",
]


def test_not_there(text: Proposal, client: Client) -> None:
    """Unknown names, drafts and numbers of any size: 404."""
    create(text.task_force, slug="plan", at=AT)
    found = {path: client.get(f"/en/{path}").status_code for path in NOT_THERE}
    assert {path: status for path, status in found.items() if status != 404} == {}


TAILS = ("", "r/1/", "history/")


def test_post_is_harmless(text: Proposal, client: Client) -> None:
    """Nothing can be posted to a reading page."""
    found = {tail: client.post(f"/en/tf/{T}/proposals/proposal/{tail}").status_code for tail in TAILS}
    assert found == dict.fromkeys(TAILS, 405)


def test_queries_do_not_grow(clock: Clock, client: Client) -> None:
    """The same number for ten units and for a hundred and fifty, whatever the number of languages.

    One query is the clock's, one or two of each page's are of its slot, one says what its phases offer.
    """
    made: dict[str, list[int]] = {tail: [] for tail in TAILS}
    for units in (10, 150):
        proposal = import_page(page(long_body(units)), task_force=f"t{units}", at=AT).proposal
        for tail in TAILS:
            with CaptureQueriesContext(connection) as caught:
                html(client, tail, slug=f"t{units}")
            made[tail].append(len(caught))
        with CaptureQueriesContext(connection) as caught:
            assert len(list(queries.page(proposal, "ar").units())) == units + 1
        assert len(caught) == 3, units
    most = {"": 12, "r/1/": 8, "history/": 13}
    assert {tail: counts for tail, counts in made.items() if not counts[0] == counts[1] <= most[tail]} == {}


def test_shipped_translations(clock: Clock, client: Client) -> None:
    """The project's own page with its own translations: English complete, Chinese half, some Arabic."""
    proposal = import_page(read(OWN_PAGE.read_bytes()), task_force=T, at=AT).proposal
    editor = create_account("translator@demo.example", at=AT, name="Translator Demo")
    ids = dict(UnitText.objects.values_list("text", "unit_id"))
    translations: dict[str, dict[str, str]] = json.loads(TRANSLATIONS.read_text("utf-8"))
    for language, texts in translations.items():
        assert set(texts) <= set(ids)
        ready = {ids[source]: said for source, said in texts.items()}
        save_translations(proposal.pk, language, ready, editor=editor, at=AT + timedelta(days=1))
    share = queries.percent(proposal)
    assert (share["en"], share["zh-hant"], share["ar"]) == (100, 50, 35)
    assert "Not translated yet" not in html(client, "", "en")
    assert "pt-banner-archived" in html(client, "r/1/")


def test_kept_by_browsers(text: Proposal, client: Client) -> None:
    """A public page: for all, for a minute at most, and 304 for who has it already."""
    found = {}
    for tail in TAILS:
        address = f"/en/tf/{T}/proposals/proposal/{tail}"
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        other = client.get(address, headers={"If-None-Match": '"other"'})
        found[tail] = (first.headers["Cache-Control"], again.status_code, again.content, other.status_code)
    assert found == dict.fromkeys(TAILS, ("public, max-age=60", 304, b"", 200))


def test_not_kept_past_the_next_phase(text: Proposal, client: Client, clock: Clock) -> None:
    """Half a minute before a phase begins, the text's page is kept for half a minute."""
    opens_at = Phase.objects.get(slug="recruitment").opens_at
    clock.set(opens_at - timedelta(seconds=30))
    address = f"/en/tf/{T}/proposals/proposal/"
    kept = re.fullmatch(r"public, max-age=(\d+)", client.get(address).headers["Cache-Control"])
    assert kept
    assert 20 <= int(kept[1]) <= 30
    assert client.get(f"{address}history/").headers["Cache-Control"] == "public, max-age=60"


def test_one_heading_above_the_timeline(text: Proposal, client: Client) -> None:
    """The section's own heading names the timeline, no hidden one besides; no level is left out."""
    for made in (html(client, "", "en"), client.get(f"/en/tf/{T}/").content.decode()):
        assert not re.search(r'<h2 class="pt-visually-hidden">\s*Timeline', made)
        levels = [int(level) for level in re.findall(r"<h([1-6])\b", made[made.index("<h1") :])]
        assert all(deeper <= level + 1 for level, deeper in itertools.pairwise(levels))
    task_force = client.get(f"/en/tf/{T}/").content.decode()
    assert len(re.findall(r"<h2[^>]*>\s*Timeline", task_force)) == 1


@pytest.mark.parametrize("tail", ["", "r/1/"])
def test_list_items_of_another_language_stand_in_blocks(text: Proposal, client: Client, tail: str) -> None:
    """On an Arabic page an English item runs in its own direction, and what is said of it stands below it."""
    made = html(client, tail, "ar")
    unit = unit_with("Write a definition")
    item = made[made.index(f'id="u-{unit}"') :].split("</li>")[0]
    assert '<div class="pt-unit__text" lang="en" dir="ltr">Write a definition' in item
    note = part(made, f'<li class="pt-unit pt-unit--untranslated" id="u-{unit_with("A short note.")}"', "</li>")
    assert '<div class="pt-unit__text" lang="en" dir="ltr" id="note-1">A short note.' in note


def marks(made: str) -> list[str]:
    """What the marks of a page say, in order."""
    return re.findall(
        r'<p class="pt-unit__mark">([^<]+?)(?:<span class="pt-off-paper"> · <a [^>]+>[^<]+</a></span>)?</p>', made
    )


def test_a_run_without_translation_is_said_once(text: Proposal, client: Client, editor: User) -> None:
    """At its first unit, with how many follow; each unit keeps its language, its direction and its sign."""
    made = html(client, "", "en")
    alone, with_next = "Not translated yet", "Not translated yet, and neither is the next paragraph"
    assert marks(made) == [alone, with_next, alone]
    first = section(made, 1)
    assert first.count("pt-unit--untranslated") == first.count('lang="zh-Hant" dir="ltr"') == 2
    assert first.index("</h2>") < first.index("pt-unit__mark") < first.index('<div class="pt-unit__text"')
    assert [re.findall(r"\d+", mark) for mark in marks(html(client, "", "de"))] == [[], [], ["3"], [], []]
    item = unit_with("Write a definition")
    for before in ("Details", "Some work is done already.[1] More would help."):
        save_translation(unit_with(before), "de", "…", editor=editor, at=AT)
    begun = html(client, "", "de")
    shown = begun[begun.index(f'id="u-{item}"') :].split("</li>")[0]
    assert re.search(r'</div>\s*<p class="pt-unit__mark">[^<]+<', shown)


@pytest.mark.parametrize("tail", ["", "r/1/"])
def test_the_references_are_called_so_in_the_readers_language(text: Proposal, client: Client, tail: str) -> None:
    """The portal has a word for them, so nothing is missing there; a text's own heading comes first."""
    made = html(client, tail, "de")
    references = section(made, 4)
    assert re.search(r'<h2 id="u-\d+">[^<]+</h2>', references)
    assert references.index("</h2>") < references.index("pt-unit__mark")
    assert re.search(r'<h2 class="pt-unit__text" lang="en" dir="ltr">References</h2>', html(client, tail, "en"))


@pytest.mark.parametrize("tail", ["", "r/1/"])
def test_contents_carry_their_language(text: Proposal, client: Client, tail: str) -> None:
    """Each entry of the contents that is in another language says so."""
    made = html(client, tail, "ar")
    contents = made[made.index('aria-labelledby="contents"') :].split("</nav>")[0]
    found = re.findall(r'<span lang="([^"]+)" dir="([^"]+)">([^<]+)</span>', contents)
    assert found == [
        ("zh-Hant", "ltr", "摘要"),
        ("en", "ltr", "Details"),
        ("zh-Hant", "ltr", "時間線"),
    ]
    assert re.search(rf'<a href="#u-{unit_with("References")}">[^<]+</a>', contents)


def test_the_task_force_s_name_is_said_once(text: Proposal, client: Client) -> None:
    """A text that bears its task force's name is told from it by its kind: in the trail and in the tab's title."""
    made = html(client, "", "en")
    trail = made[made.index("pt-breadcrumbs") :].split("</nav>")[0]
    assert trail.count("示範小組") == 1
    assert '<span aria-current="page">Proposal</span>' in trail
    assert "<title>Proposal · 示範小組 · Task force portal</title>" in made
    assert "<strong>Proposal</strong>" in made[made.index("<h1") :]
    assert "<title>History · Proposal · 示範小組 · Task force portal</title>" in html(client, "history/", "en")
    assert "<title>Revision 1 · Proposal · 示範小組 · Task force portal</title>" in html(client, "r/1/", "en")


def test_a_title_of_its_own_is_said_with_the_task_force(text: Proposal, client: Client, editor: User) -> None:
    """The tab's title names text, kind and task force."""
    save_translation(unit_with("示範小組"), "en", "A first draft", editor=editor, at=AT)
    assert "<title>A first draft · Proposal · 示範小組 · Task force portal</title>" in html(client, "", "en")


def test_history_marks_the_current_version(text: Proposal, client: Client, editor: User) -> None:
    """The newest revision, once, and on the first page only."""
    Revision.objects.bulk_create(
        Revision(proposal=text, number=number, language="en", editor_name="x", at=AT) for number in range(2, 102)
    )
    made = html(client, "history/", "en")
    assert made.count("Current version") == 1
    assert "r/101/" in made[: made.index("Current version")]
    assert "r/100/" not in made[: made.index("Current version")]
    assert "Current version" not in html(client, "history/?page=2", "en")


def test_history_of_translations_without_summaries(text: Proposal, client: Client, editor: User) -> None:
    """A translation that says nothing is called so, with the language's own name; a change of the source is not."""
    heading, item = unit_with("摘要"), unit_with("Write a definition")
    saves = [
        (heading, "ar", "ملخص", ""),
        (heading, "en", "Summary", ""),
        (item, "en", "Write two definitions", ""),
        (heading, "en", "In short", "shorter"),
        (heading, "en", "Short", ""),
    ]
    for unit, language, said, summary in saves:
        save_translation(unit, language, said, editor=editor, at=AT, summary=summary)
    made = html(client, "history/", "en")
    rows = [row.split("</li>")[0] for row in made.split('<p class="pt-history__what">')[1:]]
    assert ["Translation into" in row for row in rows] == [True, False, False, True, True, False]
    assert 'Translation into <span lang="ar" dir="rtl">العربية</span>' in rows[4]
    assert 'Translation into <span lang="en" dir="ltr">English</span>' in rows[3]


@pytest.mark.long
def test_summaries_have_a_direction_of_their_own(text: Proposal, client: Client, editor: User) -> None:
    """What people wrote is isolated, and stands where the page's own lines begin."""
    save_translation(unit_with("摘要"), "ar", "ملخص", editor=editor, at=AT, summary="(العنوان)")
    save_translation(unit_with("摘要"), "ar", "موجز", editor=editor, at=AT)
    isolated = '<span class="pt-history__summary" dir="auto">(العنوان)</span>'
    assert isolated in html(client, "history/", "en")
    assert isolated in html(client, "r/2/", "ar").split("<article>")[0]
    assert isolated in html(client, "r/2/", "en")
    for tail in ("history/", "r/2/"):
        assert f"<bdi>{escape(str(editor))}</bdi>" in html(client, tail, "ar")


@pytest.mark.parametrize("tail", ["", "r/1/"])
def test_a_damaged_character_is_explained(clock: Clock, client: Client, tail: str) -> None:
    """Below the unit that shows it, in the page's language; the stored text stays as it came."""
    proposal = import_page(read(OWN_PAGE.read_bytes()), task_force=T, at=AT).proposal
    row = UnitText.objects.get(unit__proposal=proposal, text__contains="\ufffd")
    for language in ("en", "zh-hant"):
        made = html(client, tail, language)
        assert made.count("pt-unit__note") == 1
        unit = made[made.index(f'id="u-{row.unit_id}"') :].split('<div class="pt-unit')[1]
        assert "\ufffd" in unit
        assert "pt-unit__note" in unit
    assert "stands for a character that is damaged" in html(client, tail, "en")


@pytest.mark.long
@pytest.mark.parametrize("revisions", [3, 60])
def test_history_s_queries_do_not_grow(text: Proposal, client: Client, editor: User, revisions: int) -> None:
    """The same for three translations without a summary and for sixty."""
    for number in range(revisions):
        save_translation(unit_with("摘要"), "ar", f"ملخص {number}", editor=editor, at=AT)
    with CaptureQueriesContext(connection) as made:
        html(client, "history/")
    assert len(made) == 13
