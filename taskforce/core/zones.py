"""Time zones by the names of their places, in the reader's language (CLDR)."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel.core import get_global
from babel.dates import get_timezone_location

from taskforce.core import languages

UTC = "UTC"
# Groups of countries are no place where people look for their clock.
_NOWHERE = frozenset({"001", "ZZ"})


@lru_cache(maxsize=16)
def choices(language: str) -> tuple[tuple[str, str], ...]:
    """(IANA name, name in a portal language) of every zone that belongs to a country, by that name; UTC first."""
    locale, known = languages.locale_of(language), available_timezones()
    places = sorted(
        (get_timezone_location(name, locale=locale), name)
        for name, territory in get_global("zone_territories").items()
        if territory not in _NOWHERE and name in known
    )
    return ((UTC, UTC), *[(name, label) for label, name in places])
