"""What it is kept for, who reads it and where. Part of the room `personal_data`."""

from django.utils.translation import gettext_lazy as _

from taskforce.accounts.enums import Role
from taskforce.core.personal import ONESELF, Place, Purpose

PURPOSE = Purpose(
    "feedback",
    _("Your feedback"),
    _(
        "So that what you say is read, answered and taken into account. No address is kept with it unless you "
        "ask to be told there what becomes of it, and no account unless a window asks for one."
    ),
)
ENTERING = Purpose(
    "entering",
    _("What you entered for others"),
    _(
        "So that what people said elsewhere is read too, and it is known who brought it in. Whoever spoke is never "
        "named: only what they were then is kept."
    ),
)
MODERATING = Purpose(
    "moderating",
    _("Your decisions as a moderator"),
    _("So that what is published or hidden has somebody who answers for it."),
)
REPORTING = Purpose(
    "reports",
    _("What you reported"),
    _(
        "So that moderators look at what breaks a rule, and count each of you once. Nobody is shown who has reported "
        "something, moderators neither."
    ),
)
BLOCKING = Purpose(
    "blocks",
    _("Blocks"),
    _(
        "So that moderators can keep whoever breaks the rules from posting more in a task force, also where nobody "
        "knows who it is. Nobody is shown who is blocked, moderators neither."
    ),
)
TRANSLATING = Purpose(
    "translated-feedback",
    _("Translations of what was said"),
    _("So that everybody can read what others said, and knows who translated it."),
)
PUBLIC = frozenset({Place.PUBLIC, Place.STAFF, Place.OWN})
READERS = frozenset({ONESELF, Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.OBSERVER, Role.ADMINISTRATOR})
REPORT_READERS = frozenset({ONESELF, Role.COORDINATOR, Role.DEPUTY, Role.MODERATOR, Role.ADMINISTRATOR})
# What everybody may read (`queries.for_everybody`) is a choice of its author: whatever stands for it here holds for the
# texts of all others, and the search for leaks goes by it.
PLACES = frozenset({Place.OWN, Place.STAFF})
TOLD = PLACES | {Place.OWN_MAIL}
# What was withdrawn nobody is shown any more; the row stays, so that an answer to it still leads somewhere.
UNTIL_WITHDRAWN = _("for good, as a part of the process; once you withdraw it, nobody reads it any more")
