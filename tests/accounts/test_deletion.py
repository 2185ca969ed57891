"""Requests for deletion: asked once, taken back, answered with a reason; each step with its mail and its entry."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from taskforce.accounts import services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import DeletionRequest, User
from taskforce.accounts.personal_data import own_deletion_requests
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications.models import OutboxMessage
from taskforce.portal import privacy_words
from taskforce.timeline.models import TaskForce
from tests.accounts.entering import prove, send_stale
from tests.clients import Client

PAGE = "/en/accounts/deletion/"
QUEUE = "/en/admin/accounts/deletionrequest/"
AT = datetime(2022, 2, 15, 12, tzinfo=UTC)


def _mails() -> list[tuple[str, str]]:
    """Those to the person who asked."""
    found = OutboxMessage.objects.filter(kind__in=["deletion-asked", "deletion-answered"])
    return list(found.values_list("kind", "mailbox").order_by("id"))


@pytest.mark.django_db
def test_asked_and_taken_back(client: Client, people: dict[str, User]) -> None:
    member = people["member"]
    client.force_login(member)
    assert "data-main" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"reason": "I leave.\x00"}).status_code == 400
    assert client.post(PAGE, {"reason": "I leave.", "receipts": " F-7KQ2-M9XD\r\nF-2222-2222 "}).status_code == 303
    assert DeletionRequest.objects.get().receipts == "F-7KQ2-M9XD\nF-2222-2222"
    page = client.get(PAGE)
    assert "F-7KQ2-M9XD<br>F-2222-2222" in page.content.decode()
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "I leave." in page.content.decode()
    assert _mails() == [("deletion-asked", member.email)]
    assert client.post(PAGE, {"reason": "Again."}).status_code == 303
    assert client.post(PAGE, {"action": "withdraw"}).status_code == 303
    (row,) = DeletionRequest.objects.all()
    assert (row.state, row.mailbox, row.reason) == ("withdrawn", "", "I leave.")
    assert (row.language, row.zone, row.receipts) == ("", "", "")
    assert client.post(PAGE, {"action": "withdraw"}).status_code == 404
    actions = Entry.objects.filter(action__startswith="deletion").order_by("pk").values_list("action", "actor_id")
    assert list(actions) == [("deletion.asked", member.pk), ("deletion.withdrawn", member.pk)]
    assert not re.search("I leave|7KQ2", str(list(Entry.objects.values_list("details", "reason"))))


@pytest.mark.django_db
def test_too_long_a_reason_is_said_at_its_field_and_kept(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["member"])
    page = client.post(PAGE, {"reason": "x" * 2001})
    assert page.status_code == 200
    html = page.content.decode()
    assert "x" * 2001 in html
    assert 'id="id_reason_error"' in html
    assert "maxlength" not in html
    assert html.count("At most 2,000 characters.") == 2
    assert "This is 1 character too long: 2,000 are possible." in html
    assert not DeletionRequest.objects.exists()


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize(("action", "state"), [("do", "done"), ("part", "partly"), ("refuse", "refused")])
def test_a_data_officer_answers(client: Client, people: dict[str, User], action: str, state: str) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT, receipts="F-7KQ2-M9XD")
    (given,) = own_deletion_requests(people["member"], {})
    assert (given["receipts"], given["language"], given["zone"]) == ("F-7KQ2-M9XD", row.language, row.zone)
    client.force_login(people["privacy"])
    assert people["member"].name in client.get(QUEUE).content.decode()
    assert "F-7KQ2-M9XD" in client.get(f"{QUEUE}{row.pk}/change/").content.decode()
    page = client.get(f"{QUEUE}{row.pk}/answer/").content.decode()
    assert "F-7KQ2-M9XD" in page
    assert f">{people['member'].pk}@{people['member'].date_joined:%Y-%m-%dT%H:%M:%SZ}<" in page
    assert page.index(f">{row.mailbox}<") < page.index('id="id_action_0"') < page.index("composer-fold")
    assert "the person’s name, and whether it may be published" in page.partition("composer-fold")[2].lower()
    assert not re.search(r"\b[a-z]+\.[A-Z][A-Za-z]+: ", page)
    assert client.post(f"{QUEUE}{row.pk}/answer/", {"action": action, "answer": " "}).status_code == 200
    assert _send(client, row, action, "All *done*.").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.mailbox, row.answer, row.officer_id) == (state, "", "All *done*.", people["privacy"].pk)
    assert (row.language, row.zone, row.receipts) == ("", "", "")
    assert "F-7KQ2-M9XD" not in client.get(f"{QUEUE}{row.pk}/change/").content.decode()
    assert _mails() == [("deletion-asked", people["member"].email), ("deletion-answered", people["member"].email)]
    told = OutboxMessage.objects.get(kind="deletion-answered").context
    assert told["url"].endswith("/accounts/deletion/")
    assert (told["outcome"], told["answer"]) == (state, {"text": "All *done*.", "language": "en"})
    entry = Entry.objects.get(action=f"deletion.{action}")
    assert (entry.actor_id, entry.target_id, entry.details, entry.reason) == (
        people["privacy"].pk, row.pk, {"mailed": True}, "",
    )  # fmt: skip
    again = client.post(f"{QUEUE}{row.pk}/answer/", {"action": action, "answer": "Again."})
    assert again.status_code == 409
    client.force_login(people["member"])
    assert "All *done*." in client.get(PAGE).content.decode()


@pytest.mark.django_db
def test_line_ends_count_once_and_stay_in_the_mail(client: Client, people: dict[str, User]) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    lines = "Done in part.\r\nYour words stay.\r\n\r\nThank you."
    mail = client.post(f"{QUEUE}{row.pk}/answer/", {"action": "part", "answer": lines}).context["mail"]
    assert re.search(r"Done in part\.<br ?/?>\s*Your words stay\.</p>\s*<p>Thank you", mail.html)
    assert "Done in part.\nYour words stay.\n\nThank you." in mail.text
    long = {"action": "part", "answer": "x" * 1000 + "\r\n" + "x" * 999}
    assert client.post(f"{QUEUE}{row.pk}/answer/", long).context["form"].is_valid()


@pytest.mark.django_db
def test_an_answer_to_what_was_taken_back_is_not_lost(client: Client, people: dict[str, User]) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    page, fields = f"{QUEUE}{row.pk}/answer/", {"action": "part", "answer": "Long <thought> over."}
    seen = client.post(page, fields).context["form"].seen
    services.take_back_deletion(people["member"], at=AT)
    answer = client.post(page, {**fields, "previewed": seen})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Long &lt;thought&gt; over." in html
    assert f'href="{QUEUE}"' in html


def _send(client: Client, row: DeletionRequest, action: str, answer: str) -> Any:
    """Look at the mail, then send it, as the page's own form does."""
    page = f"{QUEUE}{row.pk}/answer/"
    fields = {"action": action, "answer": answer}
    seen = client.post(page, fields)
    assert seen.status_code == 200
    assert not OutboxMessage.objects.filter(kind="deletion-answered").exists()
    return client.post(page, {**fields, "previewed": seen.context["form"].seen})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "language", "subject", "said"),
    [
        ("do", "en", "Your data have been deleted", "has done it"),
        ("part", "en", "Your data have been deleted in part", "What stays, and why"),
        ("refuse", "en", "Your request for deletion was refused", "has refused it"),
    ],
)
def test_the_mail_is_seen_before_it_goes(
    client: Client, people: dict[str, User], action: str, language: str, subject: str, said: str
) -> None:
    """In the person's language, which the page names; something else than what was seen is shown once more."""
    User.objects.filter(pk=people["member"].pk).update(language=language)
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    page = f"{QUEUE}{row.pk}/answer/"
    first = client.post(page, {"action": action, "answer": "As *asked*."})
    assert first.context["mail"].subject == subject
    assert said in first.context["mail"].text
    assert "<em>asked</em>" in first.content.decode()
    other = client.post(page, {"action": action, "answer": "Else.", "previewed": first.context["form"].seen})
    assert "not the mail that you were shown" in other.content.decode()
    assert DeletionRequest.objects.get().state == "open"


@pytest.mark.django_db
def test_the_answer_is_marked_with_its_own_language(client: Client, people: dict[str, User]) -> None:
    User.objects.filter(pk=people["member"].pk).update(language="ar")
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    assert '<bdi lang="ar">العربية</bdi>' in client.get(f"{QUEUE}{row.pk}/answer/").content.decode()
    mail = client.post(f"{QUEUE}{row.pk}/answer/", {"action": "part", "answer": "The texts stay."}).context["mail"]
    assert mail.language == "ar"
    assert re.search(r'<div[^>]*lang="en"[^>]*dir="ltr"[^>]*>\s*<p>The texts stay', mail.html)


@pytest.mark.django_db
def test_what_is_missing_is_said_first_with_the_way_to_it(client: Client, people: dict[str, User]) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    page = client.post(f"{QUEUE}{row.pk}/answer/", {}).content.decode()
    summary = page.index("pt-error-summary")
    assert summary < page.index("By hand".lower())
    for control in ("id_action_0", "id_answer"):
        assert f'href="#{control}"' in page
        assert f'id="{control}"' in page
    assert page.count("cdx-radio__input") == 3


@pytest.mark.django_db
def test_the_list_speaks_of_the_person_and_to_nobody() -> None:
    found = [row for work in privacy_words.by_hand() for row in work.rows]
    assert len(found) > 30
    assert [what for what in found if re.search(r"\byou", what, re.I)] == []


@pytest.mark.django_db
def test_the_proof_is_asked_for_once_and_the_answer_goes_after_it(client: Client, people: dict[str, User]) -> None:
    row = services.ask_for_deletion(people["member"], "", at=AT)
    client.force_login(people["privacy"])
    fields = {"action": "do", "answer": "Done."}
    page = f"{QUEUE}{row.pk}/answer/"
    seen = client.post(page, fields).context["form"].seen
    place = send_stale(client, people["privacy"], page, {**fields, "previewed": seen})
    assert DeletionRequest.objects.get().state == "open"
    assert prove(client, place).headers["Location"] == QUEUE
    assert DeletionRequest.objects.get().state == "done"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["admin", "coordinator", "observer", "member"])
def test_nobody_else_sees_the_queue(client: Client, people: dict[str, User], role: str) -> None:
    row = services.ask_for_deletion(people["applicant"], "Why", at=AT)
    client.force_login(people[role])
    for path in ("", f"{row.pk}/change/", f"{row.pk}/answer/"):
        response = client.get(f"{QUEUE}{path}")
        assert response.status_code in (302, 403, 404)
        assert "Why" not in response.content.decode()


@pytest.mark.long
@pytest.mark.django_db
def test_the_queue_shows_what_waits_the_longest_first(client: Client, people: dict[str, User]) -> None:
    """Nothing chosen is "open"; each state says how many it has, and among all, open ones come first."""
    member, applicant = people["member"], people["applicant"]
    late = services.ask_for_deletion(applicant, "", at=AT + timedelta(hours=1))
    early = services.ask_for_deletion(member, "", at=AT)
    done = services.ask_for_deletion(people["observer"], "", at=AT)
    services.answer_deletion(done.pk, "refuse", "No.", actor=people["privacy"], at=AT)
    client.force_login(people["privacy"])
    page = client.get(QUEUE)
    assert [row.pk for row in page.context["cl"].result_list] == [early.pk, late.pk]
    for words in ("open (2)", "refused (1)", "done (0)", "All (3)"):
        assert words in page.content.decode()
    every = client.get(f"{QUEUE}?state=all").context["cl"].result_list
    assert [row.pk for row in every] == [early.pk, late.pk, done.pk]
    assert [row.pk for row in client.get(f"{QUEUE}?state=refused").context["cl"].result_list] == [done.pk]
    assert client.get(f"{QUEUE}?state=nonsense").status_code == 200


@pytest.mark.django_db
def test_an_open_request_stands_on_the_page_of_the_account(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["member"])
    offer, found = "Ask for your account to be deleted", "take it back"
    page = client.get("/en/accounts/email/").content.decode()
    assert (offer in page, found in page) == (True, False)
    services.ask_for_deletion(people["member"], "", at=AT)
    page = client.get("/en/accounts/email/").content.decode()
    assert (offer in page, found in page) == (False, True)
    assert "15 February 2022, 12:00 UTC" in page
    services.take_back_deletion(people["member"], at=AT)
    assert offer in client.get("/en/accounts/email/").content.decode()


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
@pytest.mark.parametrize("name", ["of one", "coordinator", "admin", "member"])
def test_only_data_officers_for_all_read_and_answer(
    client: Client, people: dict[str, User], tf: TaskForce, name: str
) -> None:
    """Not those of one task force either, whom its administrators appoint."""
    row = services.ask_for_deletion(people["member"], "for my own reasons", at=AT)
    if name == "of one":
        boss = people["admin"].pk
        services.grant_role(people["applicant"], Role.DATA_OFFICER, at=AT, actor_id=boss, task_force_id=tf.pk)
    actor = people["applicant" if name == "of one" else name]
    with pytest.raises(Refused, match="Only data officers for all"):
        services.answer_deletion(row.pk, "refuse", "No.", actor=actor, at=AT)
    client.force_login(actor)
    for page in (QUEUE, f"{QUEUE}{row.pk}/change/", f"{QUEUE}{row.pk}/answer/"):
        answer = client.get(page)
        assert answer.status_code in (302, 403, 404)
        assert b"for my own reasons" not in answer.content
    row.refresh_from_db()
    assert row.state == "open"


@pytest.mark.django_db
def test_who_coordinates_one_task_force_appoints_nobody_who_reads_them(people: dict[str, User]) -> None:
    boss, everywhere = people["coordinator"], people["deputy"]
    for actor in (boss, everywhere):
        with pytest.raises(Refused):
            services.grant_role(people["member"], Role.DATA_OFFICER, at=AT, actor_id=actor.pk)
        services.grant_role(everywhere, Role.COORDINATOR, at=AT, actor_id=None)
    services.grant_role(people["observer"], Role.ADMINISTRATOR, at=AT, actor_id=None)
    services.grant_role(people["member"], Role.DATA_OFFICER, at=AT, actor_id=people["observer"].pk)


@pytest.mark.django_db
def test_an_account_that_is_gone_still_gets_its_answer(people: dict[str, User]) -> None:
    """What was done by hand comes before the answer that says so."""
    gone = User.objects.create_user("gone@demo.example", language="fr", zone="Europe/Paris")
    row = services.ask_for_deletion(gone, "", at=AT)
    gone.delete()
    services.answer_deletion(row.pk, "do", "Done.", actor=people["privacy"], at=AT)
    assert _mails()[-1] == ("deletion-answered", "gone@demo.example")
    mail = OutboxMessage.objects.get(kind="deletion-answered")
    assert (mail.language, mail.zone, mail.context["url"]) == ("fr", "Europe/Paris", "")


@pytest.mark.django_db
def test_the_answer_goes_to_where_the_person_is_now(people: dict[str, User]) -> None:
    """The address of the day they asked may be the very reason why they did: no word of the answer goes there."""
    person = people["member"]
    before = person.email
    row = services.ask_for_deletion(person, "", at=AT)
    EmailAddress.objects.create(user=person, email="safe@demo.example", verified=True)
    assert services.make_primary(person.pk, "safe@demo.example", at=AT)
    assert services.remove_address(person.pk, before, at=AT)
    services.answer_deletion(row.pk, "part", "We keep what the process needs.", actor=people["privacy"], at=AT)
    assert _mails() == [("deletion-asked", before), ("deletion-answered", "safe@demo.example")]


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


@pytest.mark.long
@pytest.mark.django_db
def test_the_pages_count_no_seconds(client: Client, people: dict[str, User]) -> None:
    """Nobody needs to know of a request to the second; of an account the operator's script does."""
    at = AT.replace(second=37)
    User.objects.filter(pk=people["member"].pk).update(date_joined=AT)
    row = services.ask_for_deletion(people["member"], "Why", at=at)
    services.take_back_deletion(people["member"], at=at)
    other = services.ask_for_deletion(people["member"], "Why", at=at)
    client.force_login(people["member"])
    pages = [client.get(path).content.decode() for path in (PAGE, "/en/accounts/email/")]
    client.force_login(people["privacy"])
    staff = ("?state=all", f"{row.pk}/change/", f"{other.pk}/change/", f"{other.pk}/answer/")
    pages += [client.get(f"{QUEUE}{path}").content.decode() for path in staff]
    for page in pages:
        assert "12:00 UTC" in page
        assert ":37" not in page
