"""What the page says on which a restored revision is published: the translations that come back with it."""

from typing import NamedTuple

from django.utils.safestring import SafeString

from proposals.addresses import unit_url
from proposals.differences.marked import marked
from proposals.differences.pieces import Budget, pieces
from proposals.enums import UnitKind
from proposals.models import Proposal
from proposals.working import Working
from taskforce.core import languages

# So many translations of a language that come back are shown in full.
_MOST_WORDS = 50


class BroughtBack(NamedTuple):
    """The translations into a language that come back: those with other words (`left` more are not shown), and how
    many say what they say now."""

    language: str
    name: str
    changed: list["ShownWords"]
    left: int
    same: int


class ShownWords(NamedTuple):
    """What changes in a translation, what is translated, and the page of that."""

    url: str
    kind: str
    html: SafeString


def brought_back(proposal: Proposal, now: Working) -> list[BroughtBack]:
    """The translations that come back with an earlier revision, by language."""
    found = []
    budget = Budget()
    kinds = {piece.unit: str(UnitKind(piece.kind).label) for piece in now.copy.pieces() if not piece.is_dates}
    for code in languages.CODES:
        own = [one for one in now.returning if one.language == code]
        other = [one for one in own if one.now != one.then]
        shown = [
            ShownWords(unit_url(proposal, one.unit), kinds.get(one.unit, ""), marked(pieces(one.now, one.then, budget)))
            for one in other[:_MOST_WORDS]
        ]
        if own:
            name = languages.OWN_NAMES[code]
            found.append(BroughtBack(code, name, shown, len(other) - len(shown), len(own) - len(other)))
    return found
