"""A decision is about what was read: the form says which version of a text that was."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import undecided
from taskforce.core.errors import Conflict


class OtherWords(Conflict):
    """A text says something else, or stands otherwise, than what was read by who decides about it."""

    title = gettext_lazy("The text was changed meanwhile")

    def __init__(self) -> None:
        super().__init__(
            _("It was changed, or decided about, since you opened the page. Read what it says now, then decide.")
        )


def check(text: undecided.Text, seen: str | None) -> None:
    """Raise `OtherWords` where a locked text is not as it was `seen` (`undecided.version`; None: by nobody)."""
    if seen is not None and seen != undecided.version(text):
        raise OtherWords
