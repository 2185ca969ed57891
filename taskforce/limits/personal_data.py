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
            PURPOSE, "limits.Counter", ("key",),
            _("how often something came from a network address or was asked for a mailbox, under a code that cannot "
              "be turned back into either"),
            _("as a number without meaning once its minutes, hours or day are over"),
            personal.NOBODY, frozenset(), Erasure.EXPIRE,
        ),
    )  # fmt: skip
    personal.impersonal("limits.Counter", "id", "what", "window_start", "count")
