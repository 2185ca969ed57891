"""Every place that prints numbers of what was said, read over HTTP, in worlds drawn by lot.

Two things hold. What everybody may read is counted alike everywhere, and no table tells a small group of it. What not
everybody may read is in none of these numbers, and the one page that tells of it (how a window is moderated) is the
same bytes whether a group smaller than `SMALL_GROUP` is there or not: so nothing follows from any two places, nor from
one place at two times, of which neither has reached a step.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any, NamedTuple

import pytest
from django.conf import settings as conf
from django.db import transaction
from django.db.models import Count, Q
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from feedback import moderated, queries
from feedback.models import FeedbackWindow
from proposals.models import Unit
from taskforce.core import small_groups
from taskforce.core.small_groups import Told
from taskforce.timeline import windows as spans
from tests.clients import Client
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import address
from tests.feedback.test_items import unit as unit
from tests.feedback.test_summing_up import regional as regional
from tests.feedback.test_summing_up import said

TF = "/en/tf/leadership-development/"
_LANGUAGES, _CHANNELS, _REGIONS = ["en", "ar", "zh-hant", "fr"], ["web", "chat", "event"], ["sa", "lac", ""]
_RULES = ["attack", "advertising"]


class Said(NamedTuple):
    """So many texts that have all of this in common."""

    many: int
    language: str = "en"
    channel: str = "web"
    region: str = ""
    day: int = 0
    visibility: str = "public"
    is_on_unit: bool = False


class Kept(NamedTuple):
    """So many texts that not everybody may read, and what became of them."""

    many: int
    state: str = "held"
    rule: str = ""
    visibility: str = "nameless"
    language: str = "fr"


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is not there afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def write(window: FeedbackWindow, unit: Unit, public: list[Said], kept: list[Kept]) -> None:
    for one in public:
        said(
            window, one.many, day=one.day, region=one.region, language=one.language, channel=one.channel,
            visibility=one.visibility, unit_id=unit.pk if one.is_on_unit else None,
        )  # fmt: skip
    for row in kept:
        said(
            window, row.many, day=2, region="sa", state=row.state, rule=row.rule, visibility=row.visibility,
            language=row.language, unit_id=unit.pk,
        )  # fmt: skip


def get(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


class Places:
    """All pages at one moment; a form's own secrets are no numbers."""

    def __init__(self, unit: Unit) -> None:
        window = address()
        self.items, self.summary = get(f"{window}items/"), get(f"{window}summary/")
        self.moderation = get(f"{window}moderation/")
        self.window = re.sub(r'<input type="hidden"[^>]*>|nonce="[^"]*"', "", get(window))
        self.process, self.task_force, self.home = get(f"{TF}process/"), get(TF), get("/en/")
        self.text = get(f"{TF}proposals/{unit.proposal.slug}/")
        self.paragraph = get(f"{TF}proposals/{unit.proposal.slug}/u/{unit.pk}/")
        self.json = get("/open-data/leadership-development/feedback.json")
        self.csv = get("/open-data/leadership-development/feedback.csv")
        self.feed = get(f"{window}feed.atom")
        self.themes = get(f"{window}themes/")

    def rest(self) -> dict[str, str]:
        """All but the page that tells of what not everybody may read."""
        return {name: body for name, body in vars(self).items() if name != "moderation"}


def _first(pattern: str, body: str) -> int:
    found = re.search(pattern, body)
    return int(found[1]) if found else 0


def words(body: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def tables(summary: str) -> dict[str, list[tuple[str, int]]]:
    """{name: rows} of the tables of the page of numbers; the sum of each stands at its end."""
    found = {}
    for section in re.findall(r'<section class="pt-counted" aria-labelledby="(.*?)</section>', summary, re.S):
        rows = re.findall(r'<th scope="row">([^<]*)</th><td class="pt-number">(\d+)', section)
        found[section.partition("-h")[0]] = [(unescape(name), int(count)) for name, count in rows]
    return found


def menu(items: str, name: str) -> dict[str, int]:
    """{choice: the number behind it} of a menu of the list."""
    found = re.search(rf'<select name="{name}".*?</select>', items, re.S)
    options = re.findall(r'<option value="([^"]+)"[^>]*>[^<]*\((\d+)\)</option>', found[0]) if found else []
    return {value: int(count) for value, count in options}


def drawn(summary: str) -> list[list[int]]:
    """The numbers that each chart of bars says to whoever hears it."""
    return [
        [int(number) for number in re.findall(r": (\d+)(?:;|$)", unescape(one))]
        for one in re.findall(r'<desc id="by-(?:language|region|channel)-desc">([^<]*)</desc>', summary)
    ]


def check_sums(places: Places, public: list[Said]) -> None:
    """Everything that everybody may read is counted alike, wherever it is printed."""
    total, least = sum(one.many for one in public), conf.SMALL_GROUP
    rows = json.loads(places.json)
    entries = re.findall(r"<entry[ >]", places.feed)
    assert {
        "items": _first(r"(\d+) texts? that everybody may read", places.items),
        "summary": _first(r"(\d+) texts? that everybody may read", places.summary),
        "window": _first(r"Read what was said so far: (\d+) text", places.window),
        "process": _first(r"Feedback that everybody may read \D*?(\d+)", words(places.process)),
        "json": len(rows),
        "csv": len({line.partition(",")[0] for line in places.csv.splitlines()[1:] if line.startswith("F-")}),
        "moderation": _first(r'Everybody may read it</th><td class="pt-number">(\d+)', places.moderation),
        "feed": len(entries),
    } == {
        **dict.fromkeys(("items", "summary", "window", "process", "json", "csv", "moderation"), total),
        "feed": min(total, 30),
    }
    about = sum(one.many for one in public if one.is_on_unit)
    assert _first(r"(\d+) texts? that everybody may read", places.paragraph) == about
    assert sum(row["paragraph"] is not None for row in rows) == about
    counted = tables(places.summary)
    for name, found in counted.items():
        *parts, (_all, whole) = found or [("", total)]
        assert whole == total, name
        if parts:
            assert sum(size for _name, size in parts) == total, name
            assert min(size for _name, size in parts) >= least, name
    bars = [[size for _name, size in counted[name][:-1]] for name in counted if name != "day" and counted[name]]
    assert drawn(places.summary) == bars
    check_menus(places, rows, counted)


def check_menus(places: Places, rows: list[dict[str, Any]], counted: Mapping[str, list[tuple[str, int]]]) -> None:
    """The menus of the list tell the groups that the tables tell, and those of the data that are large."""
    for name in ("language", "channel"):
        told = menu(places.items, name)
        sizes = Counter(row[name] for row in rows)
        assert all(sizes["zh-Hant" if code == "zh-hant" else code] == count for code, count in told.items())
        assert min(told.values(), default=conf.SMALL_GROUP) >= conf.SMALL_GROUP, name
        others = {"Others together", "All of them"}
        if told and counted.get(name):
            table = sorted(size for label, size in counted[name] if label not in others)
            assert table == sorted(told.values()), name


def check_moderation(places: Places, public: int, kept: list[Kept]) -> None:
    """What not everybody may read is told in steps, and the sum is that of the steps."""
    least = conf.SMALL_GROUP
    groups: Counter[str] = Counter()
    for one in kept:
        name = one.rule or {"published": "Only for the people who run the process"}.get(one.state, one.state)
        groups[name] += one.many
    steps = {name: small_groups.step(count, least) for name, count in groups.items()}
    withdrawn = steps.pop("withdrawn", 0)
    shown = re.findall(r'<th scope="row">([^<]*)</th><td class="pt-number">at least (\d+)', places.moderation)
    received = next((int(count) for name, count in shown if name.startswith("Received")), public)
    assert received == public + sum(steps.values())
    assert _first(r"Withdrawn by their authors</h2>\s*<p>at least (\d+)", places.moderation) == withdrawn
    hidden = sum(steps.get(rule, 0) for rule in _RULES)
    assert sum(int(count) for name, count in shown if name == "Hidden") == hidden
    assert all(int(count) % least == 0 for name, count in shown if not name.startswith("Received"))


def check_nothing_follows(before: Places, after: Places) -> None:
    """Groups smaller than a step change no byte anywhere."""
    assert before.rest() == after.rest()
    assert before.moderation == after.moderation


def check(window: FeedbackWindow, unit: Unit, public: list[Said], kept: list[Kept], few: list[Kept]) -> None:
    """A world without what is `few`, then with it, then with what is `kept` as well."""
    with undone():
        write(window, unit, public, [])
        bare = Places(unit)
        check_sums(bare, public)
        with undone():
            write(window, unit, [], few)
            check_nothing_follows(bare, Places(unit))
        with undone():
            write(window, unit, [], kept)
            whole = Places(unit)
            assert whole.rest() == bare.rest(), "what not everybody may read is in a number"
            check_moderation(whole, sum(one.many for one in public), kept)


PUBLIC = [
    Said(9, "en", region="sa"),
    Said(7, "ar", "chat", "lac", 3, "nameless"),
    Said(2, "fr", "event", "lac", 4),
    Said(6, "zh-hant", day=9, is_on_unit=True),
]
KEPT = [Kept(7), Kept(5, "published", visibility="staff"), Kept(11, "hidden", "attack"), Kept(6, "withdrawn")]
FEW = [
    Kept(4),
    Kept(3, "published", visibility="staff"),
    *(Kept(4, "hidden", rule) for rule in _RULES),
    Kept(4, "withdrawn"),
]


def test_all_places_agree_and_nothing_follows_of_what_is_not_for_everybody(
    regional: FeedbackWindow, unit: Unit
) -> None:
    check(regional, unit, PUBLIC, KEPT, FEW)


_many = st.integers(1, 12)
_public = st.builds(
    Said,
    _many,
    st.sampled_from(_LANGUAGES),
    st.sampled_from(_CHANNELS),
    st.sampled_from(_REGIONS),
    st.integers(0, 20),
    st.sampled_from(["public", "nameless"]),
    st.booleans(),
)
_kinds: Any = st.sampled_from(
    [
        ("held", "", "public"),
        ("published", "", "staff"),
        ("hidden", "attack", "nameless"),
        ("hidden", "advertising", "staff"),
        ("withdrawn", "", "public"),
    ]
)
_kept = st.builds(
    lambda many, kind, code: Kept(many, kind[0], kind[1], kind[2], code), _many, _kinds, st.sampled_from(_LANGUAGES)
)
# One of each kind, so that none of them reaches a step.
_few = st.lists(
    st.builds(lambda many, kind: Kept(many, kind[0], kind[1], kind[2]), st.integers(1, 4), _kinds),
    unique_by=lambda one: (one.state, one.rule),
)


@pytest.mark.long
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
)
@given(st.lists(_public, min_size=1, max_size=8), st.lists(_kept, max_size=6), _few)
def test_so_it_is_in_any_world(
    regional: FeedbackWindow, unit: Unit, public: list[Said], kept: list[Kept], few: list[Kept]
) -> None:
    check(regional, unit, public, kept, few)


# --- what would be wrong is found ---------------------------------------------------------------------------------


def _all_of_them(counts: Mapping[str, int], _least: int) -> Told:
    return Told(sorted(counts.items(), key=lambda one: -one[1]), 0)


def _with_what_is_held(task_force: Any, at: Any) -> list[queries.WindowAt]:
    """How the page of the process once counted: all that was received and not withdrawn."""
    found = queries.windows_of(task_force).annotate(many=Count("items", filter=~Q(items__state="withdrawn")))
    return [queries.WindowAt(one, one.phase, spans.state(one.phase, at), one.many) for one in found]


@pytest.mark.long
@pytest.mark.parametrize(
    ("where", "name", "mistake"),
    [
        (small_groups, "told", _all_of_them),
        (small_groups, "step", lambda count, _least: count),
        (small_groups, "stepped", lambda counts, _least: {code: many for code, many in counts.items() if many}),
        (queries, "windows", _with_what_is_held),
    ],
)
def test_without_any_of_it_the_test_fails(
    regional: FeedbackWindow, unit: Unit, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, mistake: Any
) -> None:
    monkeypatch.setattr(where, name, mistake)
    with pytest.raises(AssertionError):
        check(regional, unit, PUBLIC, KEPT, FEW)


# --- over time ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_one_more_text_changes_a_number_only_if_everybody_may_read_it(regional: FeedbackWindow, unit: Unit) -> None:
    """Whoever reads all pages before and after one more text learns of it what the list says of it; of one that is not
    for everybody that a step was reached, if it was the one that did."""
    least = conf.SMALL_GROUP
    write(regional, unit, PUBLIC, [])
    before = Places(unit)
    for number in range(1, 2 * least):
        write(regional, unit, [], [Kept(1)])
        after = Places(unit)
        assert before.rest() == after.rest()
        assert (before.moderation == after.moderation) is (number != least)
        before = after
    write(regional, unit, [Said(1, "fr")], [])
    assert Places(unit).items != before.items


def test_what_is_told_of_one_group_says_nothing_of_another(settings: Any) -> None:
    """All that could be behind a page, of small worlds: each group by itself could be any of so many sizes."""
    settings.SMALL_GROUP = least = 3
    behind: dict[Any, set[tuple[int, ...]]] = {}
    for held in range(7):
        for staff in range(7):
            for attack in range(7):
                for other in range(7):
                    rules = {"attack": attack, "other": other}
                    made = moderated.told(9, {"staff": staff, "held": held}, rules, 0, {}, {})
                    behind.setdefault(repr(made), set()).add((held, staff, attack, other))
    for found in behind.values():
        for sizes in zip(*found, strict=True):
            # None of them is one size alone but the last step, which is cut off here.
            assert len({*sizes}) == least or {*sizes} == {6}


def test_the_numbers_after_the_close_are_the_same(regional: FeedbackWindow, unit: Unit, clock: Any) -> None:
    write(regional, unit, PUBLIC, KEPT)
    clock.set(CLOSES + timedelta(days=1))
    total = sum(one.many for one in PUBLIC)
    assert f"{total} pieces of feedback" in words(get(TF))
