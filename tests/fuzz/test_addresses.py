"""Whatever stands in an address, its query or its headers: never a 5xx, never more than two seconds."""

from collections.abc import Callable, Iterator

import pytest

from tests.architecture.walk import World
from tests.fuzz.caller import Caller, Sent, quoted
from tests.fuzz.places import People, Place, all_places, parameters, reaches, who_gets_in
from tests.fuzz.values import ASKED, BYTES, IN_ADDRESSES
from tests.sampling import WHOLE, sample

pytestmark = pytest.mark.django_db

TURNS = 12 if WHOLE else 1
Case = tuple[Place, Sent]
Callers = Callable[[str], Caller]
STORABLE = [value for value in IN_ADDRESSES if value not in BYTES]


def _in_the_path(place: Place) -> Iterator[Sent]:
    """Each part with every value that gets as far as the page, and with a fifth of the others, by turns.

    What is no number, or no short name, reaches no page that takes one, whichever it is.
    """
    turn = sum(map(ord, place.name))
    for before, after in parameters(place):
        for number, value in enumerate(IN_ADDRESSES, turn):
            text = value.raw.decode(errors="replace")
            if number % 5 == 0 or reaches(place, f"{before}{text}{after}"):
                yield Sent(f"{before}{quoted(value.raw)}{after}", value.name)
    # Behind a whole address, where nothing is: the same answer everywhere.
    behind = IN_ADDRESSES[turn % 15 :: 15]
    yield from (Sent(f"{place.address}{quoted(value.raw)}", value.name) for value in behind)


# How many names are asked for together: a list of the admin stops at the first that it refuses, other pages at none.
GROUP = 6


def _in_the_query(place: Place) -> Iterator[Sent]:
    """Every ninth value under all names at once, by turns, and each name with one of the values.

    In a group each name has another value. What is refused whatever it stands under (`BYTES`) would hide the others:
    it is only sent under all names at once.
    """
    for value in IN_ADDRESSES[sum(map(ord, place.name)) % 9 :: 9]:
        # A page writes what was asked into each of its twelve links to other languages: the names get it shorter.
        raw, short = quoted(value.raw[:400]), quoted(value.raw[:100])
        yield Sent(f"{place.address}?{raw}&" + "&".join(f"{name}={short}" for name in ASKED), f"all={value.name}")
    together = 1 if place.name.endswith("_changelist") else GROUP
    for start in range(0, len(ASKED), together):
        group = [
            (name, STORABLE[(start + place_in + len(place.address)) % len(STORABLE)])
            for place_in, name in enumerate(ASKED[start : start + together])
        ]
        asked = "&".join(f"{name}={quoted(value.raw)}" for name, value in group)
        yield Sent(f"{place.address}?{asked}", ", ".join(f"{name}={value.name}" for name, value in group))


HEADERS: dict[str, list[str]] = {
    "HTTP_ACCEPT_LANGUAGE": [
        *("*", "x" * 9_000, "en;q=1e999", "\x00", "zh-hant-" * 900, "é, \x1b[31m", "ar;q=0.1," * 800, "-", ";;;q=q"),
        *("../../en", "zh_TW.UTF-8@x", "i-klingon"),
    ],
    "HTTP_COOKIE": [
        *("session=\x00; language=../..", "language=" + "x" * 7_000, "a;b;=;==;\xff=\xff", "session=' OR 1=1; csrf=x"),
        *("csrf=short", 'messages="[[[', "language=ar; " * 300),
    ],
    "HTTP_REFERER": ["\x1b[31m\xe2\x80\xae", "//evil.test", "http://[::1", "x" * 8_000],
    "HTTP_USER_AGENT": ["", "\x1b]0;x\x07", "() { :; }; x", "{a.b}%(x)s", "\xff" * 3_000],
    "HTTP_X_FORWARDED_FOR": ["\x00", "1.2.3.4, ::ffff:1, x" * 300, "999.1.1.1", "[::1]:x", "é"],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest", "\x00"],
    "HTTP_IF_NONE_MATCH": ["*", '"' * 3_000, 'W/"\x00"', ",,,", 'W/"x", ' * 900],
    "HTTP_IF_MODIFIED_SINCE": ["Thu, 99 Zzz 9999 99:99:99 GMT", "Mon, 01 Jan 99999999999 00:00:00 GMT", "x"],
    "HTTP_ACCEPT": ["application/json", "*/*;q=x", "text/html;" * 900, "\x00/\x00"],
    "HTTP_HX_REQUEST": ["true", "\x00"],
    "HTTP_HX_CURRENT_URL": ["http://[", "javascript:alert(1)", "%ff"],
    "HTTP_RANGE": ["bytes=-1", "bytes=0-" + "9" * 400, "x"],
    "HTTP_ORIGIN": ["null", "http://[", "https://evil.test"],
    "HTTP_ACCEPT_ENCODING": ["gzip;q=x", "br, \x00"],
    "HTTP_AUTHORIZATION": ["Basic \xff", "Bearer " + "x" * 3_000],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE", "POST"],
    "HTTP_HOST": ["evil.test", "testserver:x", "[::1", "\xff.test", ""],
    "HTTP_X_FORWARDED_HOST": ["evil.test"],
    "HTTP_X_FORWARDED_PROTO": ["gopher"],
    "REMOTE_ADDR": ["", "x"],
}
METHODS = ("OPTIONS", "TRACE", "PROPFIND", "HEAD", "get", "\x00", "PATCH", "DELETE", "PUT")


# Those that may decide by themselves what becomes of the rest: each is sent alone.
ALONE = ("HTTP_COOKIE", "HTTP_HOST")


def _in_the_headers(place: Place) -> Iterator[Sent]:
    """Every value of every header, as many at once as there are names."""
    for name in ALONE:
        yield from (Sent(place.address, f"{name}: {odd[:40]!r}", headers=((name, odd),)) for odd in HEADERS[name])
    together = {name: values for name, values in HEADERS.items() if name not in ALONE}
    for turn in range(max(map(len, together.values()))):
        odd_ones = tuple((name, values[turn]) for name, values in together.items() if turn < len(values))
        yield Sent(place.address, f"headers {turn}: " + ", ".join(name for name, _ in odd_ones), headers=odd_ones)
    yield from (Sent(place.address, f"method {method!r}", method=method) for method in METHODS)


def _in_some_headers(place: Place) -> list[Sent]:
    """A tenth of them for each place: what a header says is decided before anybody asks which page it is."""
    return list(_in_the_headers(place))[sum(map(ord, place.name)) % 10 :: 10]


# How the cases are made, and how many of each place a sample has.
KINDS = {"path": (_in_the_path, 12), "query": (_in_the_query, 12), "headers": (_in_some_headers, 8)}
PLACES = 7


@pytest.mark.parametrize("turn", range(TURNS))
@pytest.mark.parametrize("kind", KINDS)
def test_addresses(kind: str, turn: int, world: World, people: People, caller: Callers) -> None:
    """Every address, each of its parts, with every value."""
    cases_of, most = KINDS[kind]
    places = sample(all_places(world), PLACES, of=f"places {kind}")[turn::TURNS]
    problems: list[str] = []
    for place in places:
        role, page = who_gets_in(place, people)
        # Where nobody gets a page, every fifth case: what answers there is one view for all.
        cases = sample(list(cases_of(place))[:: 1 if page.status == 200 else 5], most, of=f"{kind} {place.name}")
        problems += caller(role).problems(cases, place.name)
    assert problems == []
