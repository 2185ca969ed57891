"""How often a code from a mail is tried: counted before it is looked at, in the database, whatever comes at once.

The session has a count too, but each request reads one of its own and the last to write wins. And an older code works
on in a new window, or after a second click (`codes_before.py`): its tries go with it.
"""

import re
from typing import Any

from taskforce.core.errors import TooOften
from taskforce.limits import services as limits
from taskforce.limits import table

# A letter or a digit.
_ANY_OF_A_CODE = re.compile(r"[^\W_]")


def is_one(typed: str) -> bool:
    """Whether this is a try at all: an empty field, or one with blanks and signs alone, is none."""
    return _ANY_OF_A_CODE.search(typed) is not None


def count(process: Any) -> bool:
    """Count one try at what `process` (allauth's) waits for; whether what was typed is to be compared with its code.

    What the page says goes by what was typed on it alone: else it would tell who has an account whose mails of the day
    are used up. Where the code has been tried elsewhere it says that this one is wrong.
    """
    state = process.state
    asked = _nth(f"asked {state.get('email')} {state['at']}")
    state["failed_attempts"] = min(asked, process.max_attempts) - 1
    of_code = _nth(f"code {state.get('email')} {process.code}")
    return max(asked, of_code) <= int(process.max_attempts)


def of_proof(fingerprint: str) -> int:
    """Count one try at a code to prove who one is; which one it is, or more than are allowed."""
    return _nth(f"proof {fingerprint}")


def _nth(subject: str) -> int:
    try:
        return limits.hit(table.CODE_TRIES, subject)
    except TooOften:
        return table.CODE_TRIES.most + 1
