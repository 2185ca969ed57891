"""Reading the text of an archived wiki page: pure functions, no database.

The shape: a title; the archived-version line with editor, minute (UTC) and edit summary; numbered sections
with paragraphs and lists; a section of bullet lines "period: text"; references.
"""

from proposals.wikipage.parser import read
from proposals.wikipage.periods import Period, read_period
from proposals.wikipage.pieces import (
    Damage,
    Edit,
    Piece,
    Remark,
    SectionPart,
    TimelineLine,
    WikiPage,
    WikiPageError,
)

__all__ = [
    "Damage",
    "Edit",
    "Period",
    "Piece",
    "Remark",
    "SectionPart",
    "TimelineLine",
    "WikiPage",
    "WikiPageError",
    "read",
    "read_period",
]
