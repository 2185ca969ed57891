"""The page of the model case itself, where it lies beside the checkout."""

import re
from datetime import UTC, date, datetime

import pytest

from proposals.models import Proposal, Revision, Unit, UnitText
from proposals.plan import Plan, plan_of
from proposals.queries import percent
from proposals.services import import_page
from proposals.wikipage import read
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.proposals.pages import SEED

pytestmark = pytest.mark.skipif(
    not SEED.exists(), reason=f"the real page is not here: put it at {SEED.relative_to(SEED.parents[2])} to run this"
)
T = "seed-task-force"


@pytest.fixture
def plan() -> Plan:
    return plan_of(read(SEED.read_bytes()))


@pytest.fixture
def seed(clock: Clock) -> Proposal:
    """The real page, imported in the middle of February 2022."""
    return import_page(read(SEED.read_bytes()), task_force=T, at=datetime(2022, 2, 15, 12, tzinfo=UTC)).proposal


def test_units_and_their_languages(plan: Plan) -> None:
    """Twelve units; each in the language of its own script."""
    assert plan.language == "zh-hant"
    assert [(unit.kind.value, unit.language, unit.section, unit.number) for unit in plan.units] == [
        ("title", "zh-hant", None, None),
        ("heading", "zh-hant", 1, None),
        ("paragraph", "zh-hant", 1, None),
        ("heading", "zh-hant", 2, None),
        ("paragraph", "en", 2, None),
        ("paragraph", "en", 2, None),
        ("list-item", "en", 2, 1),
        ("list-item", "en", 2, 2),
        ("list-item", "en", 2, 3),
        ("paragraph", "en", 2, None),
        ("heading", "zh-hant", 3, None),
        ("heading", "en", 4, None),
    ]
    assert plan.percent() == {"zh-hant": 41, "en": 58}


def test_texts_are_the_file_s_own(plan: Plan) -> None:
    """Every unit's text stands in the file as it is, its damaged character included."""
    raw = SEED.read_text("utf-8")
    assert all(unit.text in raw for unit in plan.units)
    assert "\ufffd" in plan.units[2].text


def test_damage_is_reported_with_its_place(plan: Plan) -> None:
    """The one U+FFFD at its line and column."""
    lines = SEED.read_text("utf-8").split("\n")
    places = [(number, line.index("\ufffd") + 1) for number, line in enumerate(lines, 1) if "\ufffd" in line]
    assert [(damage.line, damage.column) for damage in plan.damage] == places == [(8, 162)]
    assert str(plan.damage[0]) == "line 8, column 162: U+FFFD kept"


def test_phases(plan: Plan) -> None:
    """Three lines in two languages become three phases with days and capabilities."""
    assert [(p.slug, str(p.capability), p.period.first, p.period.last, p.language) for p in plan.phases] == [
        ("feedback", "feedback", date(2022, 2, 1), date(2022, 2, 28), "zh-hant"),
        ("recruitment", "apply", date(2022, 3, 1), date(2022, 4, 30), "en"),
        ("work", "work", date(2022, 5, 1), date(2022, 5, 31), "en"),
    ]
    assert plan.unread == ()


def test_import(seed: Proposal) -> None:
    """Task force, text, phases and one revision by the page's editor at the page's minute."""
    task_force = TaskForce.objects.get(slug=T)
    assert task_force.name_zh_hant == UnitText.objects.get(unit__kind="title").text  # type: ignore[attr-defined]  # a field of modeltranslation
    assert seed.state == "published"
    assert Unit.objects.filter(proposal=seed).count() == 12
    assert percent(seed)["zh-hant"] == 41
    assert percent(seed)["en"] == 58
    phases = Phase.objects.filter(task_force=task_force).order_by("opens_at")
    assert [phase.closes_at for phase in phases] == [
        datetime(2022, 3, 1, 12, tzinfo=UTC),
        datetime(2022, 5, 1, 12, tzinfo=UTC),
        datetime(2022, 6, 1, 12, tzinfo=UTC),
    ]
    revision = Revision.objects.get(proposal=seed)
    archived = SEED.read_text("utf-8").split("\n")[2]
    assert revision.editor_name == archived.split("as edited by ")[1].split(" (talk")[0]
    assert revision.at == datetime(2022, 2, 8, 17, 16, tzinfo=UTC)
    assert f"({revision.summary})" in archived
    assert sorted(revision.contents.values_list("language", flat=True)) == ["en", "zh-hant"]


def test_page_in_chinese(seed: Proposal, client: Client) -> None:
    """Section 1 in Chinese, section 2's English paragraphs in place, with their language and the mark."""
    html = client.get(f"/zh-hant/tf/{T}/proposals/proposal/").content.decode()
    texts = dict(UnitText.objects.values_list("unit__position", "text"))
    assert '<html lang="zh-Hant" dir="ltr">' in html
    assert re.search(rf'<h1[^>]*lang="zh-Hant"[^>]*>{texts[1]}</h1>', html)
    # One for the run of seven, since nothing in between is translated.
    assert html.count('class="pt-unit__mark"') == 1
    first, second = (found.start() for found in list(re.finditer('<section class="pt-section"', html))[:2])
    assert texts[3] in html[first:second]
    assert "pt-unit__mark" not in html[first:second]
    assert f'lang="en" dir="ltr"><p>{texts[5]}' in html[second:]
    assert "41%" in html


def test_timeline_by_locale(seed: Proposal, client: Client) -> None:
    """Periods are written from the dates, in the reader's way."""
    html = client.get(f"/zh-hant/tf/{T}/proposals/proposal/").content.decode()
    assert re.findall(r'pt-timeline__period">([^<]+)<', html) == ["2022年2月", "2022年3月至4月", "2022年5月"]
    html = client.get(f"/en/tf/{T}/proposals/proposal/").content.decode()
    assert re.findall(r'pt-timeline__period">([^<]+)<', html)[0] == "February 2022"


def test_page_in_english_and_arabic(seed: Proposal, client: Client) -> None:
    """No English exists for section 1: Chinese, marked. Arabic runs from right to left over left-to-right texts."""
    html = client.get(f"/en/tf/{T}/proposals/proposal/").content.decode()
    section = html.split('<section class="pt-section"')[1]
    assert section.count('lang="zh-Hant" dir="ltr"') == section.count("pt-unit--untranslated") == 2
    assert section.count("pt-unit__mark") == section.count("Not translated yet") == 1
    assert html.count(" pt-unit--untranslated") == 5
    assert "58%" in html
    html = client.get(f"/ar/tf/{T}/proposals/proposal/").content.decode()
    assert '<html lang="ar" dir="rtl">' in html
    # The chain leads to English first, then to the source.
    # All twelve but the heading of the references, for which the portal has a word.
    assert html.count(" pt-unit--untranslated") == 11
    assert 'lang="en" dir="ltr"' in html


def test_banner_once_a_later_revision_exists(seed: Proposal, client: Client) -> None:
    """A later archived page with one more paragraph in Chinese is r2, and r1 becomes an archived version."""
    address = f"/zh-hant/tf/{T}/proposals/proposal/r/1/"
    assert "pt-banner-archived" not in client.get(address).content.decode()
    raw = SEED.read_text("utf-8")
    later = raw.replace("17:16, 8 February", "09:30, 9 February").replace(
        "A shared definition of leadership", "共同的領導力定義"
    )
    done = import_page(read(later.encode()), task_force=T, at=datetime(2022, 2, 15, 13, tzinfo=UTC))
    assert done.revision.number == 2
    assert done.percent == {"en": 58, "zh-hant": 50}
    html = client.get(address).content.decode()
    banner = html[html.index("pt-banner-archived") : html.index("<h1")]
    revision = Revision.objects.get(number=1)
    assert revision.editor_name in banner
    assert "2022年2月8日" in banner
    assert "17:16 UTC" in banner
    assert revision.summary.replace('"', "&quot;") in banner
    assert "共同的領導力定義" not in html
    assert "共同的領導力定義" in client.get(f"/zh-hant/tf/{T}/proposals/proposal/").content.decode()
    assert "pt-banner-archived" not in client.get(address.replace("zh-hant", "en")).content.decode()
