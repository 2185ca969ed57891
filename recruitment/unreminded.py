"""The token of the page on which somebody says whether they want reminders of their application to a call.

It stands in the reminders, so that whoever wants no more of them need not sign in; sealed for its purpose, and without
age: a mail of last year must still be a way out.
"""

from typing import NamedTuple

from taskforce.core import sealedlinks

_PURPOSE = "recruitment.reminders"
_LONGEST = 200


class Whose(NamedTuple):
    """Whose reminders, by ids of the call and of the account."""

    call_id: int
    applicant_id: int


def token(whose: Whose) -> str:
    """The token, for a path of an address."""
    return sealedlinks.seal(list(whose), _PURPOSE)


def read(raw: str) -> Whose | None:
    """What a token says; None for one that is forged, damaged, too long or of another kind."""
    if len(raw) > _LONGEST:
        return None
    try:
        call_id, applicant_id = sealedlinks.unseal(raw, _PURPOSE)
    except (sealedlinks.NoToken, TypeError, ValueError):
        return None
    return Whose(call_id, applicant_id)
