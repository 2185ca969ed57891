"""What the pages around a text say of it: its title, and how much of it can be read in which language.

Of the text they read no more than that: what they cost does not grow with its units and revisions.
"""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import connection

from proposals.enums import UnitKind
from proposals.models import Proposal, UnitText
from proposals.rendering import plain_text
from taskforce.core import languages


class Around(NamedTuple):
    """The title for a reader of a language ("": none), and the share of the text that is up to date in each."""

    title: str
    percents: Mapping[str, int]


def around(proposal: Proposal, language: str) -> Around:
    """What stands around a page of the text; two queries, which return a row for each language at most."""
    return Around(_title(proposal, language), _percents(proposal))


def _title(proposal: Proposal, language: str) -> str:
    """As the page of the text chooses it (`reading.choices`)."""
    found = UnitText.objects.filter(unit__proposal=proposal, unit__kind=UnitKind.TITLE, unit__removed_in=None)
    rows = list(found.exclude(text="").values_list("language", "html", "unit__source_language"))
    htmls = {code: html for code, html, _source in rows}
    order = (*languages.chain(language), *(source for _code, _html, source in rows[:1]), *languages.CODES)
    return next((plain_text(htmls[code]) for code in order if code in htmls), "")


# As `reading.percents` counts them: a translation is up to date unless its source has a later version.
_CURRENT = """
    SELECT own.language,
        count(*) FILTER (
            WHERE own.language = unit.source_language OR source.id IS NULL
                OR coalesce(own.source_version, 0) >= source.version
        ),
        (SELECT count(*) FROM proposals_unit WHERE proposal_id = %s AND removed_in IS NULL)
    FROM proposals_unit AS unit
    JOIN proposals_unittext AS own ON own.unit_id = unit.id AND own.text <> ''
    LEFT JOIN proposals_unittext AS source
        ON source.unit_id = unit.id AND source.language = unit.source_language AND source.text <> ''
    WHERE unit.proposal_id = %s AND unit.removed_in IS NULL
    GROUP BY own.language
"""


def _percents(proposal: Proposal) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_CURRENT, [proposal.pk, proposal.pk])
        found = {code: current * 100 // units for code, current, units in cursor.fetchall()}
    return {code: found.get(code, 0) for code in languages.CODES}
