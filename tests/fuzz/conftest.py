"""One world for all that is sent here, its people, and the places that they can ask for."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.architecture.conftest import living
from tests.architecture.table import ROLES
from tests.architecture.walk import World
from tests.fuzz.caller import Books, Caller
from tests.fuzz.places import People, signed_in


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world of the page walk, for all files of this folder; gone with the last of them."""
    with django_db_blocker.unblock(), living() as made:
        yield made


@pytest.fixture(scope="package")
def people(world: World) -> People:
    """Whoever asks, each signed in once."""
    return signed_in(ROLES)


@pytest.fixture
def books(request: pytest.FixtureRequest) -> Iterator[Books]:
    """What this test has sent; the run's last line adds it up."""
    made = Books()
    yield made
    request.node.user_properties.append(made.as_property())


@pytest.fixture
def caller(people: People, books: Books) -> Callable[[str], Caller]:
    """A role's way in."""
    return lambda role: Caller(people[role], books)
