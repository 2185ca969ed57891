"""Where one can ask: every address of the URLconf, who gets a page there and when, and the forms on it."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import Model
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation

from taskforce.accounts.models import User
from taskforce.portal.demo import clock
from tests.architecture.demo_urls import urlpatterns
from tests.architecture.routes import all_routes, is_stock
from tests.architecture.table import TABLE
from tests.architecture.walk import World, stock_addresses
from tests.clients import Client
from tests.fuzz.caller import Answer, Books, Caller, Sent
from tests.fuzz.forms import Form, read

# In the order in which they are tried: the first who gets a page asks there.
ROLES = (
    *("anonymous", "applicant", "member", "coordinator", "deputy", "reviewer1", "moderator", "admin", "privacy"),
    "facilitator",
)
# When each form of the model case can be sent.
MOMENTS = {
    "announced": datetime(2022, 5, 16, 18, tzinfo=UTC),
    "feedback": datetime(2022, 2, 15, 12, tzinfo=UTC),
    "recruitment": datetime(2022, 3, 21, 12, tzinfo=UTC),
    "review": datetime(2022, 4, 20, 12, tzinfo=UTC),
}
_ELSEWHERE = {"feedback:window": "feedback", "feedback:mine": "feedback", "recruitment:application": "recruitment"}
_ELSEWHERE |= {"recruitment:draft": "recruitment"}
_ELSEWHERE |= {
    "feedback:confirm": "feedback",
    "feedback:edit": "feedback",
    "feedback:withdraw": "feedback",
    "feedback:enter": "feedback",
    "feedback:correct": "feedback",
    "feedback:table": "feedback",
    "recruitment:call": "recruitment",
}
_ELSEWHERE |= {"admin:recruitment_application_review": "review"}
_ELSEWHERE |= {f"admin:timeline_phase_{act}": "review" for act in ("extend", "shorten", "close", "cancel")}


# Who is shown the form of a page, where whoever is tried first gets the page without it: they were told the outcome.
_WHO = {"recruitment:application": "member"}
_DIGITS = re.compile(r"\d+")


class Place(NamedTuple):
    """An address by the name of its route, and the moment at which most can be done there."""

    name: str
    address: str
    moment: str = "announced"

    def arrive(self) -> None:
        """Let the clock stand at the place's moment."""
        clock.set_to(MOMENTS[self.moment], back=True)


class People(dict[str, Client]):
    """A browser for each role, and who of them has found to get a page where, or a list; their world stays as it is."""

    def __init__(self, browsers: dict[str, Client]) -> None:
        super().__init__(browsers)
        self.entrances: dict[Place, tuple[str, Answer]] = {}
        self.readers: dict[type[Model], list[str]] = {}


def signed_in(roles: Iterable[str]) -> People:
    """A browser for each role. To be called before a test begins, with whose end what it has written is gone."""
    people = People({role: Client(raise_request_exception=False) for role in roles})
    for role, client in people.items():
        if role != "anonymous":
            client.force_login(User.objects.get(email=f"{role}@demo.example"))
    return people


def all_places(world: World) -> list[Place]:
    """Every address, filled in: those with a row in the table, and the stock ones; one that has two routes once."""
    found = []
    for name, row in TABLE.items():
        path = row.path.format(**world)
        found.append(Place(name, path if path.startswith("/") else f"/en/{path}", _ELSEWHERE.get(name, "announced")))
    for route in filter(is_stock, all_routes(urlpatterns)):
        found += [Place(route.name, address) for address in stock_addresses(route, "coordinator", world)]
    return list(dict.fromkeys(found))


def who_gets_in(place: Place, people: People) -> tuple[str, Answer]:
    """The first role that gets a page at a place, and the page; a visitor, and what they get, where nobody does."""
    place.arrive()
    if place not in people.entrances:
        people.entrances[place] = _first_in(place, people)
    return people.entrances[place]


def _first_in(place: Place, people: People) -> tuple[str, Answer]:
    first: Answer | None = None
    for role in sorted(ROLES, key=lambda role: role != _WHO.get(place.name)):
        answer = Caller(people[role], Books()).send(Sent(place.address))
        if answer.status == 200:
            return role, answer
        first = first or answer
    assert first is not None
    return "anonymous", first


def has_forms(place: Place) -> bool:
    """Whether there may be a form; what is deleted or told of nowhere, and what is no page, has none."""
    row = TABLE.get(place.name)
    return (row is None or row.is_page) and not place.name.endswith(("_delete", "_history", "_changelist", "admin:"))


def forms_of(place: Place, page: Answer, method: str = "post") -> list[Form]:
    """The forms of a page that go by a method, each kind once: those of a list differ by numbers alone."""
    if not page.headers.get("Content-Type", "").startswith("text/html"):
        return []
    found: dict[tuple[str, ...], Form] = {}
    for form in read(page.body.decode(), place.address)[0]:
        if form.method == method:
            found.setdefault(
                tuple(_DIGITS.sub("", each) for each in (form.action.partition("?")[0], *form.names)), form
            )
    return list(found.values())


def parameters(place: Place) -> Iterator[tuple[str, str]]:
    """The address of a place cut at each part that names something: what stands before and behind it."""
    for value in _resolved(place.address).kwargs.values():
        before, found, after = place.address.rpartition(f"/{value}/")
        if found and str(value):
            yield f"{before}/", f"/{after}"


def reaches(place: Place, address: str) -> bool:
    """Whether an address leads to the page of a place, and not to another one or none."""
    try:
        return _resolved(address).func == _resolved(place.address).func
    except Resolver404:
        return False


def _resolved(address: str) -> ResolverMatch:
    with translation.override(address.split("/")[1]):  # addresses are those of the language that is active
        return resolve(address)
