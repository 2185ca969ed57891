"""Several lists in one statement, prepared where it is asked again and again."""

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import User
from taskforce.core import together as known_here
from taskforce.core.together import Given, IsOneOf, This, Together, instances


def made() -> Together:
    """About one account: itself, and those that speak certain languages."""
    return Together(
        lambda: User.objects.filter(email=Given("email")).values(person=F("id")),
        small={"person": lambda: User.objects.filter(pk=This("person"))},
        large={
            "others": lambda: (
                User.objects.exclude(pk=This("person"))
                .filter(IsOneOf(F("language"), Given("languages")))
                .order_by("email")
                .values("email", "language")
            )
        },
        light={"ids": lambda: User.objects.filter(pk=This("person")).values("id")},
    )


@pytest.fixture
def people(transactional_db: None) -> None:
    """Committed, so that statements run outside a transaction, as they do for a page."""
    for email, language in (("ann@example.org", "en"), ("ben@example.org", "ar"), ("cem@example.org", "de")):
        User.objects.create(email=email, language=language)


GIVEN = {"email": "ann@example.org", "languages": ["ar", "ja"]}


def test_all_lists_at_once(people: None) -> None:
    asked = made()
    with CaptureQueriesContext(connection) as caught:
        found = asked.read(**GIVEN)
    assert len(caught) == 1
    assert found.rows["others"] == [{"email": "ben@example.org", "language": "ar"}]
    ann = instances(User, found.rows["person"])[0]
    same = User.objects.get(email="ann@example.org")
    told = {name: value for name, value in vars(same).items() if name != "_state"}
    assert {name: value for name, value in vars(ann).items() if name != "_state"} == told
    assert ann.date_joined.tzinfo is not None


def test_the_same_digests_without_the_lists(people: None) -> None:
    """They change with what they are of, and with nothing else."""
    asked = made()
    before = asked.look(**GIVEN)
    assert before.digests == asked.read(**GIVEN).digests
    assert set(before.rows) == {"ids"}
    User.objects.filter(email="ben@example.org").update(language="ja")
    assert asked.look(**GIVEN).digests == before.digests
    User.objects.filter(email="ann@example.org").update(language="ar")
    changed = asked.look(**GIVEN)
    assert changed.digests != before.digests
    assert changed.digests == asked.read(**GIVEN).digests


def test_nobody(people: None) -> None:
    found = made().read(email="nobody@example.org", languages=[])
    assert found.rows == {"person": [], "others": []}


def test_planned_once_and_asked_in_one_go(people: None) -> None:
    """Also the first time; in a transaction, where a mistake would end it, nothing is prepared."""
    asked = made()
    with CaptureQueriesContext(connection) as caught:
        for _ in range(3):
            asked.look(**GIVEN)
    assert [query["sql"].split()[0] for query in caught] == ["PREPARE", "EXECUTE", "EXECUTE"]


def test_a_pool_between(people: None) -> None:
    """Behind one, the server's connection is another one: it does not know what was prepared, or knows it already."""
    asked = made()
    expected = asked.look(**GIVEN).digests
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert asked.look(**GIVEN).digests == expected
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE {asked._statements[False]._name} AS SELECT 1")
    known_here._prepared.clear()
    assert asked.look(**GIVEN).digests == expected


@pytest.mark.django_db
def test_in_a_transaction() -> None:
    User.objects.create(email="ann@example.org")
    with CaptureQueriesContext(connection) as caught:
        assert len(made().read(**GIVEN).rows["person"]) == 1
    assert [query["sql"].split()[0] for query in caught] == ["WITH"]
