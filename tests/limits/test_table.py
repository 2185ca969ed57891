"""One table of limits: what the code counts by, what django-allauth is told, what the documentation says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account import app_settings
from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache

from taskforce.limits import table
from taskforce.limits.table import Limit

ROOT = Path(settings.BASE_DIR)


def in_words(span: timedelta) -> str:
    """A span as the documentation writes it."""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        number, rest = divmod(int(span.total_seconds()), seconds)
        if not rest:
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise AssertionError(span)


def row(limit: Limit) -> str:
    """A limit as a row of the documentation's table."""
    return f"| {limit.act} | {limit.per.value} | {limit.most} | {in_words(limit.within)} |"


def test_the_documentation_has_exactly_these_limits() -> None:
    text = (ROOT / "docs" / "limits.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows == [row(limit) for limit in table.all_limits()]


def test_every_limit_of_the_table_is_listed() -> None:
    listed = {id(limit) for limit in table.all_limits()}
    assert [name for name, value in vars(table).items() if isinstance(value, Limit) and id(value) not in listed] == []


def test_allauth_counts_by_the_table() -> None:
    """And by nothing else, but what the portal does not offer (telephones)."""
    rates = {act: parse_rates(text) for act, text in app_settings.RATE_LIMITS.items() if text}
    assert set(rates) - set(table.OF_SIGN_IN) == {"change_phone", "verify_phone"}
    for act, limits in table.OF_SIGN_IN.items():
        assert [(rate.amount, rate.duration) for rate in rates.get(act, [])] == [
            (limit.most, limit.within.total_seconds()) for limit in limits
        ]


@pytest.mark.parametrize("folder", ["feedback", "proposals", "recruitment", "taskforce"])
def test_nobody_counts_by_a_number_of_their_own(folder: str) -> None:
    """Whatever is counted names its row of the table; only the module of mailboxes hands one on."""
    calls = [
        (path.name, call)
        for path in (ROOT / folder).rglob("*.py")
        if path.parent.name != "limits"
        for call in re.findall(r"limits\.(?:hit|fits|has_room|require_room)\((.*)", path.read_text())
    ]
    assert [found for found in calls if not found[1].startswith("table.")] == []
    assert calls or folder in ("proposals",)


@pytest.mark.django_db
@pytest.mark.parametrize(("rows", "stands"), [(None, True), (300, False)], ids=["the portal's", "Django's own"])
def test_a_count_is_not_pushed_out_by_others(rows: int | None, stands: bool) -> None:
    """Whoever fails under many names does not make the counts of one name be forgotten."""
    kept = cache if rows is None else DatabaseCache("cache_default", {"OPTIONS": {"MAX_ENTRIES": rows}})
    kept.clear()
    kept.set("a-count-of-one-name", 5, timeout=86_400)
    for number in range(400):
        kept.set(f"of-another-{number}", 1, timeout=86_400)
    assert (kept.get("a-count-of-one-name") == 5) is stands
    kept.clear()
