"""What was counted in a window, as charts and tables in the reader's language."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from feedback.counting import CHANNEL, LANGUAGE, REGION, UNSAID, Tally
from feedback.enums import Channel
from taskforce.core import charts, dates
from taskforce.core.charts import Bar, Column
from taskforce.questions import spoken
from taskforce.questions.enums import Region

DAY = "day"
# So many bars are drawn; what is smaller is one of them, and stands in the table.
_MOST_BARS = 24


@dataclass(frozen=True)
class Table:
    """A chart with its rows; `of` heads the column of what is counted. Without rows nothing of it can be told apart."""

    name: str
    title: str
    of: str
    chart: SafeString | None
    rows: list[Bar]
    total: int


def of(tally: Tally) -> list[Table]:
    """By language, region (where a question asks for it), channel and day."""
    found = []
    for kind, told in tally.groups.items():
        title, head = _titles()[kind]
        rows = [Bar(_called(kind, code), count) for code, count in told.groups]
        rows += [Bar(_("Others together"), told.rest)] if rows and told.rest else []
        chart = charts.bars(f"by-{kind}", title, _drawn(rows)) if rows else None
        found.append(Table(kind, title, head, chart, rows, tally.total))
    return [*found, _days(tally)]


def _drawn(rows: list[Bar]) -> list[Bar]:
    """What of a table is drawn: all of it, or the largest groups and the others in one."""
    if len(rows) <= _MOST_BARS:
        return rows
    shown, others = rows[: _MOST_BARS - 1], rows[_MOST_BARS - 1 :]
    return [*shown, Bar(_("Others together"), sum(row.size for row in others))]


def is_told_apart(tally: Tally) -> bool:
    """Whether there is any group to be shown."""
    return len(tally.days) > 1 or any(told.groups for told in tally.groups.values())


def _days(tally: Tally) -> Table:
    title, head = _titles()[DAY]
    rows = [Bar(dates.period_text(span.first, span.last), span.size) for span in tally.days]
    chart = charts.columns("by-day", title, [Column(*span) for span in tally.days]) if rows else None
    return Table(DAY, title, head, chart, rows, tally.total)


def _titles() -> dict[str, tuple[str, str]]:
    return {
        LANGUAGE: (_("By language"), _("Language")),
        REGION: (_("By region"), _("Region")),
        CHANNEL: (_("By where it was said"), _("Where it was said")),
        DAY: (_("By day (UTC)"), _("Days")),
    }


def _called(kind: str, code: str) -> str:
    """A group by the name that the reader knows it by."""
    if kind == LANGUAGE:
        return capfirst(spoken.name(code, get_language() or "en").text)
    if kind == CHANNEL:
        return capfirst(str(Channel(code).label)) if code in Channel.values else code
    if code == UNSAID:
        return _("Not said")
    return str(Region(code).label) if code in Region.values else code
