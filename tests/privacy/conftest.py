"""What the tests of privacy share: the world of the page walk, one person's life in it, one walk through all pages.

One worker runs them all (`tests/browser/scheduling.py`), and each of the three is made once for it. What a test changes
is gone after it.
"""

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.architecture.conftest import living
from tests.architecture.walk import World
from tests.privacy import planting
from tests.privacy.planting import Canaries
from tests.privacy.search import Book, Lines, listening
from tests.privacy.walking import Walk


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, gone after the last of these tests."""
    with django_db_blocker.unblock(), living() as made:
        yield made


@pytest.fixture(scope="package")
def canaries(world: World, django_db_blocker: DjangoDbBlocker) -> Canaries:
    """One person's life, with a word of their own in each field."""
    with django_db_blocker.unblock():
        return planting.plant(world)


@pytest.fixture(scope="package")
def book(canaries: Canaries, django_db_blocker: DjangoDbBlocker) -> Book:
    """Where each word may be."""
    with django_db_blocker.unblock():
        return Book(canaries, planting.stored())


@pytest.fixture(scope="package")
def walk(canaries: Canaries, book: Book) -> Walk:
    """The way through all pages, as every role and as the canary."""
    return Walk(canaries, book)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged during a test."""
    with listening() as handler:
        yield handler
