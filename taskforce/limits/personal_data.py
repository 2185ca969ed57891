"""What counting against abuse keeps about people."""

from django.utils.translation import gettext_lazy as _

from taskforce.core import personal
from taskforce.core.personal import Erasure, Purpose, Row

PURPOSE = Purpose(
    "abuse",
    _("Protection against abuse"),
    _("So that nobody can flood the portal or somebody’s mailbox, and no password can be guessed."),
)


def register() -> None:
    """Fill the map."""
    personal.register(
        Row(
            PURPOSE, "limits.Counter", ("key", "hits"),
            _("when something came from a network address or a browser, was asked for a mailbox or done with an "
              "account, under a code that cannot be turned back into any of them"),
            _("until its minutes, hours or day are over"),
            personal.NOBODY, frozenset(), Erasure.EXPIRE,
        ),
    )  # fmt: skip
    personal.impersonal("limits.Counter", "id", "what", "until")
