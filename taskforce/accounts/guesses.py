"""Wrong passwords and app codes, counted by allauth's limits: whoever is refused has used up nothing of anybody's.

Neither of the account's nor of what their network may: else people at one address would pay for each other.
"""

import math

from allauth.account import app_settings
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from taskforce.core.clock import real_now

_APP, _ACT = "allauth.account", "login_failed"
# What allauth counts beside these, it counts by the minute.
_MINUTE = 60
# Set on a request: the seconds after which the last count that was refused lets one in; and those that its answer says.
_WAIT, _REFUSED = "portal.seconds_to_wait", "portal.refused_for"


def count(request: HttpRequest, key: str, *, by_address: bool = True) -> ratelimit.RateLimitUsage | None:
    """Count one try under `key`, and (`by_address`) under the visitor's address; whoever is right takes theirs back.

    None, and nothing counted, where either is used up.
    """
    used = ratelimit.RateLimitUsage(usage=[])
    for rate in _rates(by_address=by_address):
        one = ratelimit.consume(request, app=_APP, action=_ACT, config={_ACT: rate}, key=key)
        if one is None:
            used.rollback()
            request.META[_WAIT] = _seconds(request, rate, key)
            return None
        used.usage += one.usage
    return used


def clear(request: HttpRequest, key: str) -> None:
    """Nothing counts any more under this key; what the visitor's address has used up does."""
    of_key = {_ACT: ",".join(_rates(by_address=False))}
    ratelimit.clear(request, app=_APP, action=_ACT, config=of_key, key=key)


def refuse(request: HttpRequest) -> None:
    """Mark a request whose page says that something was tried too often: its answer is 429."""
    request.META[_REFUSED] = request.META.pop(_WAIT, _MINUTE)


def refused_for(request: HttpRequest) -> int | None:
    """The seconds that the answer to a request so marked has as `Retry-After`; None for any other."""
    seconds: int | None = request.META.get(_REFUSED)
    return seconds


def _seconds(request: HttpRequest, rate: str, key: str) -> int:
    """How long until a rate that is used up lets one in; its whole span where what it counts cannot be read."""
    [one] = ratelimit.parse_rates(rate)
    counted = cache.get(ratelimit.get_cache_key(request, app=_APP, action=_ACT, rate=one, key=key), [])
    span: int = math.ceil(one.duration)
    if len(counted) < one.amount:
        return span
    left: int = math.ceil(counted[one.amount - 1] + one.duration - real_now().timestamp())
    return min(span, max(1, left))


def _rates(*, by_address: bool) -> list[str]:
    """Those of the key first: what they refuse never counts for the address, not even for a moment."""
    rates = [rate.strip() for rate in app_settings.RATE_LIMITS[_ACT].split(",")]
    of_key = [rate for rate in rates if rate.endswith("/key")]
    return [*of_key, *(rate for rate in rates if by_address and rate not in of_key)]
