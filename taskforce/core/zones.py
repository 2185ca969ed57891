"""Time zones by the names of their places, in the reader's language (CLDR)."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from babel.dates import get_timezone_location

from taskforce.core import languages

UTC = "UTC"
# What a system's files of zones hold besides the names of IANA: none at all. The machine's own zone is there too, under
# the only name that begins with a small letter.
_NO_ZONE = "Factory"
# Groups of countries are no place where people look for their clock.
_NOWHERE = frozenset({"001", "ZZ"})


@lru_cache(maxsize=1)
def known() -> frozenset[str]:
    """The zones in which times can be told: IANA's names; the copies under `posix/` and `right/` are not among them."""
    return frozenset(name for name in available_timezones() if name[0].isupper() and name != _NO_ZONE)


@lru_cache(maxsize=16)
def choices(language: str) -> tuple[tuple[str, str], ...]:
    """(IANA name, name in a portal language) of every zone that belongs to a country, by that name; UTC first."""
    locale = languages.locale_of(language)
    places = sorted(
        (_called(name, locale), name)
        for name, territory in get_global("zone_territories").items()
        if territory not in _NOWHERE and name in known()
    )
    return ((UTC, UTC), *[(name, label) for label, name in places])


@lru_cache(maxsize=1024)
def place(name: str, language: str) -> str:
    """The place after which an IANA zone is named ("Berlin"), in a portal language; "" for one that is no place's."""
    own = get_global("zone_aliases").get(name, name)
    if get_global("zone_territories").get(own, "ZZ") in _NOWHERE:
        return ""
    # Some places come with marks of where the word may break, which a mail's text part would show.
    return _called(own, languages.locale_of(language), return_city=True).replace("\xad", "")


def _called(name: str, locale: Locale, **options: bool) -> str:
    """CLDR's name of a zone's place; where a language has none, the last part of the zone's own name and no more.

    Babel takes all behind the first stroke there: "Argentina (Argentina/La Rioja)".
    """
    found = str(get_timezone_location(name, locale=locale, **options))
    rest = name.partition("/")[2].replace("_", " ")
    return found.replace(rest, rest.rpartition("/")[2]) if "/" in rest else found


def told(name: str, label: str, at: datetime) -> str:
    """A zone in a list, with how far its clocks are from UTC at that moment: "Berlin (UTC+01:00)"."""
    return label if name == UTC else f"{label} ({distance(at.astimezone(_clock(name)))})"


@lru_cache(maxsize=1024)
def _clock(name: str) -> ZoneInfo:
    # Python itself remembers eight, and would read four hundred files for each list.
    return ZoneInfo(name)


def distance(local: datetime) -> str:
    """How far an aware moment's clock is from UTC: "UTC+05:30"."""
    return f"UTC{local.isoformat(timespec='minutes')[-len('+00:00') :]}"
