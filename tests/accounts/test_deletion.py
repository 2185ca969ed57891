"""Requests for deletion: asked once, taken back, answered with a reason; each step with its mail and its entry."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from taskforce.accounts import services
from taskforce.accounts.models import DeletionRequest, User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client

PAGE = "/en/accounts/deletion/"
QUEUE = "/en/admin/accounts/deletionrequest/"
AT = datetime(2022, 2, 15, 12, tzinfo=UTC)


def _mails() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.filter(kind__startswith="deletion").values_list("kind", "mailbox").order_by("id"))


@pytest.mark.django_db
def test_asked_and_taken_back(client: Client, people: dict[str, User]) -> None:
    member = people["member"]
    client.force_login(member)
    assert "data-main" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"reason": "I leave.\x00"}).status_code == 400
    assert client.post(PAGE, {"reason": "I leave."}).status_code == 303
    page = client.get(PAGE)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "I leave." in page.content.decode()
    assert _mails() == [("deletion-asked", member.email)]
    assert client.post(PAGE, {"reason": "Again."}).status_code == 303
    assert client.post(PAGE, {"action": "withdraw"}).status_code == 303
    (row,) = DeletionRequest.objects.all()
    assert (row.state, row.mailbox, row.reason) == ("withdrawn", "", "I leave.")
    assert client.post(PAGE, {"action": "withdraw"}).status_code == 404
    actions = Entry.objects.filter(action__startswith="deletion").order_by("pk").values_list("action", "actor_id")
    assert list(actions) == [("deletion.asked", member.pk), ("deletion.withdrawn", member.pk)]
    assert "I leave" not in str(list(Entry.objects.values_list("details", "reason")))


@pytest.mark.django_db
def test_too_long_a_reason_is_said_at_its_field_and_kept(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["member"])
    page = client.post(PAGE, {"reason": "x" * 2001})
    assert page.status_code == 200
    assert "x" * 2001 in page.content.decode()
    assert not DeletionRequest.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("action", "state"), [("do", "done"), ("refuse", "refused")])
def test_a_data_officer_answers(client: Client, people: dict[str, User], action: str, state: str) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    assert people["member"].name in client.get(QUEUE).content.decode()
    page = client.get(f"{QUEUE}{row.pk}/answer/").content.decode()
    assert "recruitment.ApplicantIdentity: name, publish_name" in page
    assert client.post(f"{QUEUE}{row.pk}/answer/", {"action": action, "answer": " "}).status_code == 200
    assert client.post(f"{QUEUE}{row.pk}/answer/", {"action": action, "answer": "All *done*."}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.mailbox, row.answer, row.officer_id) == (state, "", "All *done*.", people["privacy"].pk)
    assert _mails() == [("deletion-asked", people["member"].email), ("deletion-answered", people["member"].email)]
    told = OutboxMessage.objects.get(kind="deletion-answered").context
    assert (told["is_done"], told["answer"]) == (action == "do", "All *done*.")
    entry = Entry.objects.get(action=f"deletion.{action}")
    assert (entry.actor_id, entry.target_id, entry.details, entry.reason) == (
        people["privacy"].pk, row.pk, {"mailed": True}, "",
    )  # fmt: skip
    again = client.post(f"{QUEUE}{row.pk}/answer/", {"action": action, "answer": "Again."})
    assert again.status_code == 409
    client.force_login(people["member"])
    assert "All *done*." in client.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["admin", "coordinator", "observer", "member"])
def test_nobody_else_sees_the_queue(client: Client, people: dict[str, User], role: str) -> None:
    row = services.ask_for_deletion(people["applicant"], "Why", at=AT)
    client.force_login(people[role])
    for path in ("", f"{row.pk}/change/", f"{row.pk}/answer/"):
        response = client.get(f"{QUEUE}{path}")
        assert response.status_code in (302, 403, 404)
        assert "Why" not in response.content.decode()


@pytest.mark.django_db
def test_the_service_refuses(people: dict[str, User]) -> None:
    officer = people["privacy"]
    own = services.ask_for_deletion(officer, "", at=AT)
    with pytest.raises(Refused):
        services.answer_deletion(own.pk, "do", "Done.", actor=officer, at=AT)
    row = services.ask_for_deletion(people["member"], "", at=AT)
    for action, answer in (("do", " \u200b "), ("open", "Done.")):
        with pytest.raises(Invalid):
            services.answer_deletion(row.pk, action, answer, actor=officer, at=AT)
    services.answer_deletion(row.pk, "refuse", "Not yet.", actor=officer, at=AT)
    with pytest.raises(Conflict):
        services.answer_deletion(row.pk, "do", "Done.", actor=officer, at=AT)


@pytest.mark.django_db
def test_an_account_that_is_gone_still_gets_its_answer(people: dict[str, User]) -> None:
    """What was done by hand comes before the answer that says so."""
    gone = User.objects.create_user("gone@demo.example")
    row = services.ask_for_deletion(gone, "", at=AT)
    gone.delete()
    services.answer_deletion(row.pk, "do", "Done.", actor=people["privacy"], at=AT)
    assert _mails()[-1] == ("deletion-answered", "gone@demo.example")


@pytest.mark.django_db
def test_the_database_keeps_the_rules(people: dict[str, User]) -> None:
    for values in ({"state": "done", "ended_at": AT}, {"state": "open", "ended_at": AT}, {"state": "refused"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeletionRequest.objects.create(user=people["member"], asked_at=AT, **values)


def _ask(user: User) -> int:
    try:
        return services.ask_for_deletion(user, "", at=AT).pk
    finally:
        connection.close()


# All have looked before anybody writes, so that the race is one on every machine.
_LOOKED = Barrier(20)


def _ask_naively(user: User) -> int:
    """As somebody would write it who trusts a look before the writing."""
    try:
        found = DeletionRequest.objects.filter(user=user, state="open").first()
        _LOOKED.wait(30)
        return (found or DeletionRequest.objects.create(user=user, asked_at=AT)).pk
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("is_real", "is_once"), [(True, True), (False, False)])
def test_twenty_at_once_are_one(is_real: bool, is_once: bool) -> None:
    user = User.objects.create_user("many@demo.example")
    if not is_real:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX one_open_deletion_request")
    try:
        with ThreadPoolExecutor(20) as pool:
            ids = set(pool.map(_ask if is_real else _ask_naively, [user] * 20))
        assert (len(ids) == 1) is is_once
        assert (DeletionRequest.objects.count() == 1) is is_once
        assert not is_real or len(_mails()) == 1
    finally:
        if not is_real:
            DeletionRequest.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE UNIQUE INDEX one_open_deletion_request ON accounts_deletionrequest (user_id) "
                    "WHERE state = 'open'"
                )
