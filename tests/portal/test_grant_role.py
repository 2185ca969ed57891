"""`manage.py grant_role`: how the first staff come in."""

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.queries import holds
from taskforce.accounts.services import create_account
from taskforce.audit.models import Entry
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import Clock, utc

ADDRESS = "first@portal.example"


@pytest.fixture
def newcomer(clock: Clock) -> User:
    """Has signed up and confirmed the address, and holds no role."""
    return create_account(ADDRESS, at=utc(2022, 2, 1))


def grant(*words: str) -> None:
    call_command("grant_role", *words)


def test_the_first_administrator_enters_the_staff_side(client: Client, newcomer: User) -> None:
    """Once and again; the log keeps the first time only."""
    client.force_login(newcomer)
    assert client.get("/en/admin/").status_code != 200
    for _again in range(2):
        grant("First@Portal.example", "administrator", "--everywhere")
    client.force_login(newcomer)
    assert client.get("/en/admin/").status_code == 200
    assert Entry.objects.filter(action="role.granted", target_id=newcomer.pk).count() == 1


def test_a_role_for_one_task_force_is_for_no_other(tf: TaskForce, newcomer: User) -> None:
    grant(ADDRESS, "translator", "--task-force", tf.slug, "--language", "ar")
    found = RoleGrant.objects.get(user=newcomer)
    assert (found.task_force_id, found.language) == (tf.pk, "ar")
    assert holds(newcomer, Role.TRANSLATOR, tf.pk, "ar")
    assert not holds(newcomer, Role.TRANSLATOR, tf.pk + 1, "ar")


@pytest.mark.parametrize(
    "words",
    [
        ("nobody@portal.example", "administrator", "--everywhere"),
        (ADDRESS, "coordinator", "--task-force", "no-such"),
        (ADDRESS, "coordinator"),
        (ADDRESS, "emperor", "--everywhere"),
        (ADDRESS, "coordinator", "--everywhere", "--language", "tlh"),
        (ADDRESS, "coordinator", "--everywhere", "--language", "ar"),
        (ADDRESS, "translator", "--everywhere"),
    ],
)
def test_what_cannot_be_meant_is_refused(newcomer: User, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        grant(*words)
    assert not RoleGrant.objects.exists()


def test_two_roles_that_exclude_each_other_are_refused_in_words(tf: TaskForce, newcomer: User) -> None:
    place = ("--task-force", tf.slug)
    grant(ADDRESS, "reviewer", *place)
    with pytest.raises(CommandError, match="reviewer"):
        grant(ADDRESS, "data-officer", *place)
    assert RoleGrant.objects.get().role == "reviewer"


def test_an_address_that_nobody_has_confirmed_gets_no_role(newcomer: User) -> None:
    """Else whoever signs up with another's address in time would be given that person's role."""
    EmailAddress.objects.update(verified=False)
    with pytest.raises(CommandError, match="confirmed"):
        grant(ADDRESS, "administrator", "--everywhere")


def test_what_was_given_is_taken_away_by_the_same_words(client: Client, newcomer: User) -> None:
    words = (ADDRESS, "administrator", "--everywhere")
    grant(*words)
    call_command("revoke_role", *words)
    client.force_login(User.objects.get(pk=newcomer.pk))
    assert client.get("/en/admin/").status_code != 200
    assert Entry.objects.get(action="role.removed").target_id == newcomer.pk
    with pytest.raises(CommandError, match="does not hold"):
        call_command("revoke_role", *words)


def test_another_place_or_language_is_another_role(tf: TaskForce, newcomer: User) -> None:
    grant(ADDRESS, "translator", "--task-force", tf.slug, "--language", "ar")
    for words in (("--everywhere", "--language", "ar"), ("--task-force", tf.slug, "--language", "en")):
        with pytest.raises(CommandError, match="does not hold"):
            call_command("revoke_role", ADDRESS, "translator", *words)
    assert RoleGrant.objects.filter(user=newcomer).count() == 1
