"""Statements that are planned once: with each call's values, and also where the server does not know them any more."""

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
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


def kept_from_an_earlier_request() -> int:
    """A connection as a request finds it that begins now; its server."""
    (server,) = prepared.row("SELECT pg_backend_pid() + %s::int", [0]) or (0,)
    of_django: Any = connection
    of_django.health_check_enabled, of_django.health_check_done = True, False
    return int(server)


def end(server: int) -> None:
    """As the database does that is started again: the server is gone, and nobody was told."""
    with connection.copy().cursor() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [server])
        assert other.fetchone() == (True,)
        other.connection.close()


def test_the_first_look_of_a_request_says_itself_whether_the_server_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is, nothing is asked before; where it is gone, a new one is asked, and people notice nothing."""
    asked_before: list[bool] = []

    def is_usable(_own: object) -> bool:
        asked_before.append(True)
        return True

    monkeypatch.setattr(DatabaseWrapper, "is_usable", is_usable)
    server = kept_from_an_earlier_request()
    for _ in range(2):
        assert prepared.row("SELECT pg_backend_pid() + %s::int", [0]) == (server,)
    assert not asked_before
    kept_from_an_earlier_request()
    end(server)
    (other,) = prepared.row("SELECT pg_backend_pid() + %s::int", [0]) or (0,)
    assert other not in (0, server)
    # Django's own way, which this test would notice.
    kept_from_an_earlier_request()
    with connection.cursor():
        assert asked_before


def test_a_server_that_goes_in_the_middle_of_a_request_is_told() -> None:
    """What was asked before may have been for this; whoever is in a transaction has lost it."""
    server = kept_from_an_earlier_request()
    prepared.row(SUM, [1, 2, ""])
    end(server)
    with pytest.raises(OperationalError):
        prepared.row(SUM, [1, 2, ""])
    connection.close()
    with pytest.raises(OperationalError):
        lose_a_transaction()
    connection.close()


@transaction.atomic
def lose_a_transaction() -> None:
    end(kept_from_an_earlier_request())
    prepared.row(SUM, [1, 2, ""])
