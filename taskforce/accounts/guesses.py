"""Wrong passwords and app codes, counted by allauth's limits: whoever is refused has used up nothing of anybody's.

Neither of the account's nor of what their network may: else people at one address would pay for each other.
"""

from allauth.account import app_settings
from allauth.core.internal import ratelimit
from django.http import HttpRequest

_APP, _ACT = "allauth.account", "login_failed"


def count(request: HttpRequest, key: str, *, by_address: bool = True) -> ratelimit.RateLimitUsage | None:
    """Count one try under `key`, and (`by_address`) under the visitor's address; whoever is right takes theirs back.

    None, and nothing counted, where either is used up.
    """
    used = ratelimit.RateLimitUsage(usage=[])
    for rate in _rates(by_address=by_address):
        one = ratelimit.consume(request, app=_APP, action=_ACT, config={_ACT: rate}, key=key)
        if one is None:
            used.rollback()
            return None
        used.usage += one.usage
    return used


def clear(request: HttpRequest, key: str) -> None:
    """Nothing counts any more under this key; what the visitor's address has used up does."""
    of_key = {_ACT: ",".join(_rates(by_address=False))}
    ratelimit.clear(request, app=_APP, action=_ACT, config=of_key, key=key)


def _rates(*, by_address: bool) -> list[str]:
    """Those of the key first: what they refuse never counts for the address, not even for a moment."""
    rates = [rate.strip() for rate in app_settings.RATE_LIMITS[_ACT].split(",")]
    of_key = [rate for rate in rates if rate.endswith("/key")]
    return [*of_key, *(rate for rate in rates if by_address and rate not in of_key)]
