"""Every address x role x state x verb gets the answer that the table gives it, and changes only what it may.

`make fuzz` asks all of it (HEAD as three people at each address, a verb that nothing knows as one, others at the next),
`make test` a sample. How a new address gets its row: docs/house.md.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.architecture.conftest import living
from tests.architecture.matrix import EVERYBODY, Cell, cell_problems, cells, stock_cells
from tests.architecture.states import World, more_states
from tests.fuzz.caller import Books, Caller
from tests.fuzz.places import People, signed_in
from tests.sampling import WHOLE, sample_of_each

pytestmark = pytest.mark.django_db

TURNS = 16 if WHOLE else 1
Asking = Callable[[Cell], list[str]]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world of the page walk, its rows in every state."""
    with django_db_blocker.unblock(), living() as made:
        yield more_states(made, datetime(2022, 5, 16, 18, tzinfo=UTC))


@pytest.fixture(scope="module")
def people(world: World) -> People:
    """Each role's browser."""
    return signed_in(EVERYBODY)


@pytest.fixture
def asking(people: People, request: pytest.FixtureRequest) -> Iterator[Asking]:
    """Asks a cell's question as its role; returns what is wrong."""
    books = Books()

    def ask(cell: Cell) -> list[str]:
        return cell_problems(cell, Caller(people[cell.role], books))

    yield ask
    request.node.user_properties.append(books.as_property())


def kind_of(cell: Cell) -> object:
    """Every address is read in each run, and every one that takes a POST is written to; states are drawn by chance."""
    return (cell.name, cell.verb) if cell.verb in ("GET", "POST") else None


@pytest.mark.parametrize("turn", range(TURNS))
@pytest.mark.parametrize(("part", "most"), [(cells, 60), (stock_cells, 20)], ids=["own", "stock"])
def test_access_matrix(
    part: Callable[[World], Iterator[Cell]], most: int, turn: int, world: World, asking: Asking
) -> None:
    """Address by address, as everybody, in every state, by every verb."""
    chosen = sample_of_each(part(world), most, of=f"matrix {part.__name__}", kind=kind_of)[turn::TURNS]
    assert [problem for cell in chosen for problem in asking(cell)] == []
