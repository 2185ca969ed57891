"""What somebody types of a translation, and that there is no unit for it any more."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from taskforce.core.errors import Conflict


@dataclass(frozen=True)
class Typed:
    """What somebody typed, on which versions of the translation (0: there was none) and of the source; `draft` is the
    token of what they had kept of it ("": nothing)."""

    unit_id: int
    text: str
    version: int
    source_version: int
    summary: str = ""
    draft: str = ""


class Gone(Conflict):
    """The text no longer has this unit."""

    title = gettext_lazy("This paragraph is no longer there")
