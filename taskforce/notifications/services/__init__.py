"""The outbox's only writers: every state of a mail and of a mailing is set here, through the transition tables.

Who may hold, stop or resolve is decided above (`portal/rules.py`), since roles are: here an act only names its actor.
"""

from taskforce.notifications.services.expanding import (
    add_recipients,
    claim_mailing,
    expire_mailing,
    finish_mailing,
    put_off_mailing,
    requeue_mailing,
)
from taskforce.notifications.services.holding import end_releases, hold, lift
from taskforce.notifications.services.pacing import forget_domains
from taskforce.notifications.services.resolving import Report, act, judge
from taskforce.notifications.services.sending import (
    FIRST_WAIT,
    LEASE,
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    backoff,
    claim,
    release_dead,
    rewrite,
    settle,
    settle_and_claim,
)
from taskforce.notifications.services.suppressing import lift_suppression, suppress
from taskforce.notifications.services.together import Single, enqueue_all
from taskforce.notifications.services.writing import (
    clear_superseded,
    enqueue,
    freshen_singles,
    hold_mailings,
    move_end,
    publish_mailing,
    stop_mailing,
    supersede,
    take_back,
    take_back_singles,
    take_back_unheard,
)

__all__ = [
    "FIRST_WAIT",
    "LEASE",
    "LONGEST_WAIT",
    "MAX_ATTEMPTS",
    "Report",
    "Single",
    "act",
    "add_recipients",
    "backoff",
    "claim",
    "claim_mailing",
    "clear_superseded",
    "end_releases",
    "enqueue",
    "enqueue_all",
    "expire_mailing",
    "finish_mailing",
    "forget_domains",
    "freshen_singles",
    "hold",
    "hold_mailings",
    "judge",
    "lift",
    "lift_suppression",
    "move_end",
    "publish_mailing",
    "put_off_mailing",
    "release_dead",
    "requeue_mailing",
    "rewrite",
    "settle",
    "settle_and_claim",
    "stop_mailing",
    "supersede",
    "suppress",
    "take_back",
    "take_back_singles",
    "take_back_unheard",
]
