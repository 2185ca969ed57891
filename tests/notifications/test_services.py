"""Writing to the outbox: one row per key, mailings once, taking back, and who works on what."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from taskforce.audit.models import Entry
from taskforce.core.clock import real_now
from taskforce.core.errors import Conflict
from taskforce.core.states import step
from taskforce.notifications import expansion, kinds, services
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.notifications.transitions import MAILING, MESSAGE
from tests.notifications.conftest import AT, AUDIENCE, NEWS, RECEIPT, Write

pytestmark = pytest.mark.django_db


def publish(key: str = "news:1", name: str = "All") -> Mailing:
    """A mailing of the tests' kind."""
    return services.publish_mailing(NEWS.name, key=key, params={"name": name}, at=AT, task_force_id=7)


def test_the_same_key_gives_the_same_row(write: Write) -> None:
    first = write("ann@example.org", key="receipt:1")
    again = write("bob@example.org", key="receipt:1")
    assert again.pk == first.pk
    assert again.mailbox == "ann@example.org"


def test_a_rolled_back_act_leaves_no_mail(write: Write) -> None:
    def act() -> None:
        with transaction.atomic():
            write(key="receipt:1")
            raise IntegrityError

    with pytest.raises(IntegrityError):
        act()
    assert not OutboxMessage.objects.exists()


def test_message_ids_differ_and_name_the_senders_domain(write: Write) -> None:
    ids = {write().message_id, write().message_id}
    assert len(ids) == 2
    assert all(known.startswith("<") and known.endswith("@demo.example>" if "demo" in known else ">") for known in ids)


@pytest.mark.parametrize("zone", ["AoE", "", "../../etc/passwd", "Nowhere/Here"])
def test_an_unknown_zone_or_language_is_no_error_of_the_act(write: Write, zone: str) -> None:
    row = write(zone=zone, language="tlh")
    assert (row.zone, row.language) == ("UTC", "en")


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(kinds.UnknownKind):
        services.publish_mailing("nothing", key="x", params={}, at=AT)
    with pytest.raises(ValueError, match="no mail to many"):
        services.publish_mailing(RECEIPT.name, key="x", params={}, at=AT)


def test_a_kind_is_registered_once() -> None:
    kinds.register(RECEIPT)
    with pytest.raises(ValueError, match="two kinds"):
        kinds.register(MailKind(RECEIPT.name, NEWS.mail_class))


def test_publishing_twice_is_one_mailing_and_one_mail_each() -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC"), ("bob@example.org", "ar", "Africa/Cairo")])
    assert publish().pk == publish().pk
    assert expansion.expand_due() == 2
    publish()
    assert expansion.expand_due() == 0
    bob = OutboxMessage.objects.get(mailbox="bob@example.org")
    assert (bob.language, bob.zone, bob.context["body"], bob.task_force_id) == ("ar", "Africa/Cairo", "*ar*", 7)
    assert Mailing.objects.get().state == MailingState.EXPANDED
    assert list(Entry.objects.order_by("id").values_list("action", flat=True)) == [
        "mailing.published",
        "mailing.expanded",
    ]


def test_one_mailbox_gets_one_mail_however_it_is_spelled() -> None:
    AUDIENCE.extend([[("ann@example.org", "en", "UTC")], [("Ann@Example.org ", "en", "UTC")]])
    publish()
    assert expansion.expand_due(batch=1) == 1


def test_an_interrupted_expansion_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    AUDIENCE.append([(f"p{number}@example.org", "en", "UTC") for number in range(5)])
    mailing = publish()
    whole = services.add_recipients
    batches = []

    def dies_at_the_second(*arguments: object, **named: object) -> int | None:
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return whole(*arguments, **named)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(services, "add_recipients", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        expansion.expand_due(batch=2)
    assert mailing.messages.count() == 2
    assert expansion.expand_due() == 0, "another pass leaves a mailing alone that somebody works on"
    Mailing.objects.update(not_before=real_now())
    assert expansion.expand_due(batch=2) == 3
    assert mailing.messages.count() == 5


def test_a_mailing_that_fails_is_put_off_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    broken = services.publish_mailing(NEWS.name, key="news:broken", params={}, at=AT)
    publish()
    assert expansion.expand_due() == 1
    broken.refresh_from_db()
    assert (broken.state, broken.failures, broken.error) == (MailingState.QUEUED, 1, "KeyError")
    assert broken.not_before > real_now()
    for _ in range(services.MAX_ATTEMPTS):
        Mailing.objects.filter(pk=broken.pk).update(not_before=real_now())
        expansion.expand_due()
    broken.refresh_from_db()
    assert broken.state == MailingState.FAILED


def test_what_was_in_the_way_of_a_mailing_is_forgotten_once_it_went_well() -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    mailing = publish()
    services.put_off_mailing(mailing.pk, error="OperationalError")
    Mailing.objects.update(not_before=real_now())
    assert expansion.expand_due() == 1
    mailing.refresh_from_db()
    assert (mailing.state, mailing.failures, mailing.error) == (MailingState.EXPANDED, 1, "")


def test_a_mailing_whose_time_is_over_writes_nothing() -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    services.publish_mailing(NEWS.name, key="late", params={"name": ""}, at=AT, valid_until=AT)
    assert expansion.expand_due() == 0
    assert Mailing.objects.get().state == MailingState.EXPIRED


def test_supersede_takes_back_what_is_still_queued_and_only_that(write: Write) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC"), ("bob@example.org", "en", "UTC")])
    publish("closing:7:1")
    expansion.expand_due()
    OutboxMessage.objects.filter(mailbox="bob@example.org").update(state=MessageState.SENT)
    publish("closing:7:2")
    other = write(key="closing:71:1")
    assert services.supersede("closing:7:") == 2
    assert services.supersede("closing:7:") == 0
    assert expansion.clear_superseded() == 1
    states = dict(OutboxMessage.objects.values_list("mailbox", "state").exclude(pk=other.pk))
    assert states == {"ann@example.org": MessageState.SUPERSEDED, "bob@example.org": MessageState.SENT}
    assert Mailing.objects.get(key="closing:7:2").state == MailingState.SUPERSEDED
    other.refresh_from_db()
    assert other.state == MessageState.QUEUED
    assert expansion.expand_due() == 0
    with pytest.raises(ValueError, match="every mail"):
        services.supersede("")


def test_sign_in_codes_do_not_wait_behind_a_mailing(write: Write) -> None:
    write("news@example.org", NEWS)
    write("code@example.org", RECEIPT)
    claimed = [services.claim(), services.claim(), services.claim()]
    assert [row.mailbox if row else None for row in claimed] == ["code@example.org", "news@example.org", None]


def test_the_table_and_nothing_else() -> None:
    for status in MessageState.values:
        for action in {action for _, action in MESSAGE}:
            if (status, action) not in MESSAGE:
                with pytest.raises(Conflict):
                    step(MESSAGE, status, action)
    assert set(MESSAGE.values()) <= set(MessageState.values)
    assert set(MAILING.values()) <= set(MailingState.values)


def test_waits_double_up_to_a_cap() -> None:
    waits = [services.backoff(attempts) for attempts in range(1, 12)]
    assert services.FIRST_WAIT <= waits[0] <= services.FIRST_WAIT * 1.2
    assert waits[2] >= 4 * services.FIRST_WAIT
    assert max(waits) <= services.LONGEST_WAIT * 1.2


def test_settling_a_row_that_another_has_taken_over_changes_nothing(write: Write) -> None:
    write()
    first = services.claim()
    assert first is not None
    OutboxMessage.objects.update(lease_until=real_now() - timedelta(seconds=1))
    assert services.release_dead() == 1
    second = services.claim()
    assert second is not None
    assert second.pk == first.pk
    assert not services.settle(first, "refuse", error="late")
    assert services.settle(second, "accept")
    assert OutboxMessage.objects.get().state == MessageState.SENT


def test_the_command_says_what_it_did(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    publish()
    write()
    call_command("send_outbox")
    assert "queued 1, handled 0, still due 2" in capsys.readouterr().out
