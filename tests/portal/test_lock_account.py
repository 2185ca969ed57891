"""`manage.py lock_account` and `unlock_account`: nobody gets in, whoever is in is out, and the way back."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from taskforce.accounts import services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import Invitation, User
from taskforce.accounts.queries import holds
from taskforce.accounts.rights import Grant
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import by_password, somebody
from tests.clients import Client
from tests.conftest import Clock

PAGE = "/en/accounts/email/"


@pytest.fixture
def ann(clock: Clock) -> User:
    return somebody()


def lock(address: str = "ANN@example.org", reason: str = "Shared with a stranger") -> None:
    call_command("lock_account", address, "--reason", reason)


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_a_locked_account_is_out_and_stays_out(client: Client, ann: User) -> None:
    by_password(client, ann)
    assert is_in(client)
    lock()
    assert not is_in(client)
    by_password(other := Client(), ann)
    assert not is_in(other)


def test_an_unlocked_one_signs_in_anew_and_no_old_session_goes_on(client: Client, ann: User) -> None:
    by_password(client, ann)
    lock()
    call_command("unlock_account", "ann@example.org")
    assert not is_in(client), "whoever was in then is not in again by that"
    by_password(other := Client(), ann)
    assert is_in(other)


def test_roles_rest_and_are_there_again(ann: User) -> None:
    services.grant_role(ann, Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    for act, has in (("lock", False), ("unlock", True)):
        lock() if act == "lock" else call_command("unlock_account", ann.email)
        ann.refresh_from_db()
        assert holds(ann, Role.ADMINISTRATOR) is has


def test_both_are_told_and_in_the_log_with_the_reason_there_only(ann: User) -> None:
    lock()
    call_command("unlock_account", "ann@example.org")
    assert list(OutboxMessage.objects.order_by("pk").values_list("kind", "mailbox")) == [
        ("account-lock-on", ann.email), ("account-lock-off", ann.email),
    ]  # fmt: skip
    assert "stranger" not in str(list(OutboxMessage.objects.values_list("context", flat=True)))
    entries = Entry.objects.filter(action__startswith="lock.").order_by("pk")
    assert list(entries.values_list("action", "target_id", "actor_id", "reason")) == [
        ("lock.set", ann.pk, None, "Shared with a stranger"), ("lock.lifted", ann.pk, None, ""),
    ]  # fmt: skip


def test_what_it_has_offered_is_withdrawn_and_stays_so(ann: User, clock: Clock) -> None:
    """An intruder's links give nothing once its owner is back; what others have offered, or what was over, stays."""
    services.grant_role(ann, Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    services.grant_role(bo := somebody("bo"), Role.ADMINISTRATOR, at=app_now(), actor_id=None)
    wanted = Grant(Role.ADMINISTRATOR, None, "")
    offered = {"over": ann, "intruder": ann, "friend": ann, "other": bo}
    for name, by in offered.items():
        at = app_now() - timedelta(days=15 if name == "over" else 0)
        services.offer_role(f"{name}@portal.example", wanted, mail_language="en", actor_id=by.pk, at=at)
    guest = services.create_account("guest@portal.example", at=app_now(), name="Guest", password=None)
    Invitation.objects.filter(mailbox="intruder@portal.example").update(mailbox=guest.email)
    lock()
    call_command("unlock_account", ann.email)
    assert list(Invitation.objects.order_by("pk").values_list("state", flat=True)) == [
        "open", "withdrawn", "withdrawn", "open",
    ]  # fmt: skip
    entries = Entry.objects.filter(action="invitation.withdrawn")
    assert [(entry.actor_id, entry.details["inviter"]) for entry in entries] == [(None, ann.pk)] * 2
    sent = OutboxMessage.objects.filter(kind="role-invitation").order_by("pk").values_list("state", flat=True)
    assert list(sent) == ["queued", "superseded", "superseded", "queued"]
    with pytest.raises(Conflict):
        services.accept_invitation(Invitation.objects.get(mailbox=guest.email).pk, user=guest, at=app_now())


def test_twice_changes_nothing(ann: User) -> None:
    with pytest.raises(CommandError, match="No locked account"):
        call_command("unlock_account", ann.email)
    lock()
    with pytest.raises(CommandError, match="locked already"):
        lock()
    assert not services.lock_account(ann.pk, "Again", at=app_now())
    assert services.unlock_account(ann.pk, at=app_now())
    assert not services.unlock_account(ann.pk, at=app_now())
    assert Entry.objects.filter(action__startswith="lock.").count() == 2


def test_what_cannot_be_meant_is_refused(ann: User) -> None:
    with pytest.raises(CommandError, match="No account"):
        lock("bo@example.org")
    with pytest.raises(CommandError, match="reason"):
        call_command("lock_account", ann.email)
    with pytest.raises(CommandError, match="why"):
        lock(reason=" \u200b ")
    with pytest.raises(Invalid):
        services.lock_account(ann.pk, "", at=app_now())
    ann.refresh_from_db()
    assert ann.is_active
