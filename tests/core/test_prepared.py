"""Statements that are planned once: with each call's values, and also where the server does not know them any more."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from taskforce.core import prepared

SUM = "SELECT %s::int + %s::int, %s::text"


@pytest.fixture(autouse=True)
def _own_connection(transactional_db: None) -> None:
    """Committed, so that statements run outside a transaction; by a connection that knows none yet."""
    connection.close()


def forget() -> None:
    """As a pool would that gives out another server."""
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def test_each_call_has_its_own_values() -> None:
    with CaptureQueriesContext(connection) as asked:
        found = [prepared.row(SUM, [one, 2, "a'b%"]) for one in (1, 5)]
    assert found == [(3, "a'b%"), (7, "a'b%")]
    assert asked[0]["sql"].startswith("PREPARE")
    assert asked[1]["sql"].startswith("EXECUTE")


def test_what_the_server_has_forgotten_is_asked_as_it_stands() -> None:
    assert prepared.row(SUM, [1, 2, ""]) == (3, "")
    forget()
    assert [prepared.row(SUM, [1, 2, ""]) for _ in range(2)] == [(3, "")] * 2


def test_within_a_transaction_it_is_planned_before_and_begun_anew_where_it_is_lost() -> None:
    prepared.prepare(SUM)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert prepared.row_within(SUM, [1, 2, "x"]) == (3, "x")
    assert asked[0]["sql"].startswith("EXECUTE")
    forget()
    with pytest.raises(prepared.Lost), transaction.atomic():
        prepared.row_within(SUM, [1, 2, "x"])
    with transaction.atomic():
        assert prepared.row_within(SUM, [1, 2, "x"]) == (3, "x")


def test_several_in_one_go_are_begun_anew_together() -> None:
    """Once one is lost all are: whoever begins anew is told no second time."""
    other = f"{SUM} LIMIT 1"
    for sql in (SUM, other):
        prepared.prepare(sql)
    both = (SUM, [1, 2, "x"]), (other, [3, 4, "y"])
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert prepared.last_row_within(*both) == (7, "y")
    assert len(asked) == asked[0]["sql"].count("; EXECUTE") == 1
    forget()
    with pytest.raises(prepared.Lost), transaction.atomic():
        prepared.row_within(SUM, [1, 2, "x"])
    with transaction.atomic():
        assert prepared.last_row_within(*both) == (7, "y")


def test_a_statement_that_is_wrong_says_so() -> None:
    for ask in (prepared.row, prepared.row_within):
        with pytest.raises(Exception, match="no_such_function"):
            ask("SELECT no_such_function(%s::int)", [1])
        connection.close()
