"""Word of outdated translations is true when it goes: what was brought up to date meanwhile is not told any more."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from proposals import notices, queries
from proposals.models import Proposal
from proposals.services import Typed, buttons, drafts, lives, save_translations, translate
from proposals.services.drafts import Typed as Changed
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role, remove_role
from taskforce.core.clock import real_now
from taskforce.notifications import delivery, kinds, rules, services
from taskforce.notifications.enums import MessageState
from taskforce.notifications.kinds import Context
from taskforce.notifications.models import OutboxMessage
from taskforce.notifications.services import pacing
from taskforce.timeline import services as timeline
from tests.conftest import STANDING
from tests.meeting import until
from tests.notifications import sink as sinks
from tests.notifications.sink import Sink
from tests.proposals.editing import AT, coordinator, piece_with, published
from tests.proposals.test_at_once import at_once

ITEMS = ("Write a definition", "Draft a plan")
LATER = ("Write two definitions", "Draft two plans")


@pytest.fixture
def editor(text: Proposal) -> User:
    return coordinator(text)


@pytest.fixture
def translator(text: Proposal) -> User:
    """Of German and French, into which both items are translated."""
    user = create_account("tian@demo.example", at=AT, name="Tian", language="en")
    for code in ("de", "fr"):
        grant_role(user, Role.TRANSLATOR, at=AT, actor_id=None, task_force_id=text.task_force_id, language=code)
    return user


@pytest.fixture
def units(text: Proposal, editor: User, translator: User) -> list[int]:
    found = [int(piece_with(text, said).unit or 0) for said in ITEMS]
    for code in ("de", "fr"):
        save_translations(text.pk, code, {unit: f"{code} {unit}" for unit in found}, editor=editor, at=AT)
    return found


def change(text: Proposal, editor: User, *said: tuple[str, str], is_minor: bool = False) -> None:
    """Publish other words."""
    pieces = [(piece_with(text, before), after) for before, after in said]
    typed = {piece.key: Changed(after, None, piece.token) for piece, after in pieces}
    drafts.save(text.pk, typed, None, editor=editor, at=AT)
    published(text, editor, is_minor=is_minor)


def outdate(text: Proposal, editor: User) -> None:
    """Both items."""
    change(text, editor, *zip(ITEMS, LATER, strict=True))


def mails() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=notices.OUTDATED).order_by("pk"))


def waiting() -> list[list[tuple[str, int]]]:
    """What each mail that still waits says."""
    found = [mail for mail in mails() if mail.state == MessageState.QUEUED]
    return [[(line["name"], line["count"]) for line in mail.context["lines"]] for mail in found]


def saved(text: Proposal, unit: int, code: str, translator: User) -> None:
    """As a translator does it on the page."""
    row = queries.unit_texts([unit], [code])[unit, code]
    source = queries.unit_texts([unit], ["en"])[unit, "en"]
    typed = Typed(unit, f"{code} {unit} new", row.version, source.version)
    translate(text.pk, code, typed, editor=translator, at=AT)


def test_what_is_left_is_counted(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    """Of several paragraphs and languages one is told less with each that is saved, at the moment that it was to go."""
    outdate(text, editor)
    (due,) = [mail.not_before for mail in mails()]
    left = [[("Deutsch", 2), ("français", 2)]]
    assert waiting() == left
    for unit, code, then in (
        (units[0], "de", [[("Deutsch", 1), ("français", 2)]]),
        (units[1], "de", [[("français", 2)]]),
        (units[1], "fr", [[("français", 1)]]),
        (units[0], "fr", []),
    ):
        saved(text, unit, code, translator)
        assert waiting() == then
        assert mails()[0].not_before == due
    assert [(mail.state, mail.context) for mail in mails()] == [(MessageState.SUPERSEDED, {})]


def test_brought_back_by_the_original(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    """A restored revision, and the earlier words typed again, whoever else did it, are no news for a translator."""
    outdate(text, editor)
    drafts.restore(text.pk, 3, editor=editor, at=AT)
    published(text, editor)
    assert not queries.outdated(text)
    assert waiting() == []
    outdate(text, editor)
    piece = piece_with(text, LATER[1])
    drafts.change(text.pk, partial(buttons.remove, key=piece.key), editor=editor, at=AT)
    published(text, editor)
    assert waiting() == [[("Deutsch", 1), ("français", 1)]]


def test_a_minor_change_tells_of_the_same(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    """It brings nothing up to date."""
    outdate(text, editor)
    change(text, editor, (LATER[0], "Write two definitions."), is_minor=True)
    assert waiting() == [[("Deutsch", 2), ("français", 2)]]


def test_the_task_force_ends(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    """What waits is not true any more when it would go, and nothing more is written."""
    outdate(text, editor)
    (mail,) = mails()
    kind = kinds.get(notices.OUTDATED)
    assert kind.freshened
    assert kind.freshened(mail.context, mail.mailbox, at=AT, is_true=lambda mailing: True)
    timeline.change_state(text.task_force_id, "cancel", at=AT, actor_id=None)
    assert kind.freshened(mail.context, mail.mailbox, at=AT, is_true=lambda mailing: True) is None
    change(text, editor, (LATER[0], "Write three definitions"))
    assert len(mails()) == 1
    assert waiting() == []


def test_the_text_ends(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    outdate(text, editor)
    lives.withdraw(text.pk, reasons={"en": "No."}, editor=editor, at=AT)
    assert waiting() == []
    lives.resume(text.pk, editor=editor, at=AT)
    assert waiting() == []


def test_another_text_s_mail_stays(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    """Also that of a text whose number begins with the same digits."""
    outdate(text, editor)
    (mail,) = mails()
    for number in (f"{text.pk}0", f"1{text.pk}"):
        key = mail.key.replace(f":{text.pk}:", f":{number}:", 1)
        services.enqueue(
            notices.OUTDATED, key=key, mailbox="a@demo.example", language="en", context=mail.context, at=AT
        )
    lives.withdraw(text.pk, reasons={"en": "No."}, editor=editor, at=AT)
    assert len(waiting()) == 2


def cost_of_counting(text: Proposal) -> int:
    """So many statements."""
    read = Proposal.objects.get(pk=text.pk)
    with CaptureQueriesContext(connection) as found:
        notices.recount(read)
    return len([one for one in found if "SAVEPOINT" not in one["sql"]])


def join(number: int) -> None:
    """So many more who translate into German."""
    for n in range(number):
        user = create_account(f"t{n}@demo.example", at=AT, name="T", language="en")
        grant_role(user, Role.TRANSLATOR, at=AT, actor_id=None, language="de")


def test_nothing_is_counted_where_nothing_waits(
    text: Proposal, editor: User, translator: User, units: list[int]
) -> None:
    """Saving a translation costs one statement more for it, whoever translates."""
    costs = [cost_of_counting(text)]
    join(9)
    assert [*costs, cost_of_counting(text)] == [1, 1]


def test_counting_costs_the_same_however_many_mails_wait(
    text: Proposal, editor: User, translator: User, units: list[int]
) -> None:
    """One to be put right, and ten."""
    costs = []
    for number, said in ((0, zip(ITEMS, LATER, strict=True)), (9, zip(LATER, ITEMS, strict=True))):
        join(number)
        change(text, editor, *said)
        (*_others, mail) = mails()
        OutboxMessage.objects.filter(kind=notices.OUTDATED).update(
            context=mail.context | {"lines": [{"name": "Deutsch", "count": 7, "url": ""}]}
        )
        costs.append(cost_of_counting(text))
        assert waiting() == [[("Deutsch", 2)]] * (number + 1)
        for unit in units:
            saved(text, unit, "de", translator)
            saved(text, unit, "fr", translator)
    assert costs[0] == costs[1]


# --- what failed, and is sent again ----------------------------------------------------------------------------------


def fail() -> OutboxMessage:
    """The last one could not be sent."""
    mail = mails()[-1]
    OutboxMessage.objects.filter(pk=mail.pk).update(state=MessageState.FAILED, error="550 no")
    return mail


def again(mail: OutboxMessage, editor: User) -> int:
    """Staff send it again; how many that were."""
    report = services.act(rules.REQUEUE, [mail.pk], reason="Mended.", at=AT, actor_id=editor.pk, allow=None)
    return report.done


def test_what_failed_is_counted_anew(text: Proposal, editor: User, translator: User, units: list[int]) -> None:
    """Staff read on it what is true, and may send just that again; of what is done nobody can."""
    outdate(text, editor)
    mail = fail()
    saved(text, units[0], "de", translator)
    saved(text, units[1], "de", translator)
    mail.refresh_from_db()
    assert [(line["name"], line["count"]) for line in mail.context["lines"]] == [("français", 2)]
    assert mail.state == MessageState.FAILED
    assert again(mail, editor) == 1
    assert waiting() == [[("français", 2)]]
    mail = fail()
    for unit in units:
        saved(text, unit, "fr", translator)
    mail.refresh_from_db()
    assert (mail.state, mail.context) == (MessageState.SUPERSEDED, {})
    assert again(mail, editor) == 0


def test_what_failed_gives_way_to_the_next_one(
    text: Proposal, editor: User, translator: User, units: list[int]
) -> None:
    """It says all that the other did, so nobody sends both."""
    outdate(text, editor)
    saved(text, units[0], "de", translator)
    mail = fail()
    change(text, editor, (LATER[0], "Write three definitions"))
    mail.refresh_from_db()
    assert mail.state == MessageState.SUPERSEDED
    assert [sorted(lines) for lines in waiting()] == [[("Deutsch", 2), ("français", 2)]]


def test_a_language_that_is_not_theirs_any_more_is_not_told(
    text: Proposal, editor: User, translator: User, units: list[int], sink: Sink
) -> None:
    """The role ended while the mail waited to be sent again."""
    outdate(text, editor)
    mail = fail()
    remove_role(translator.grants.get(language="fr").pk, at=AT, actor_id=None)
    again(mail, editor)
    due()
    delivery.deliver_due()
    (sent,) = mails()
    assert (sent.state, [line["name"] for line in sent.context["lines"]]) == (MessageState.SENT, ["Deutsch"])


# --- beside the delivery ---------------------------------------------------------------------------------------------


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    handler = Sink()
    with sinks.running(handler) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield handler


def due() -> None:
    """Its wait is over, and nothing else waits."""
    OutboxMessage.objects.exclude(kind=notices.OUTDATED).delete()
    OutboxMessage.objects.filter(kind=notices.OUTDATED).update(not_before=real_now())


def test_what_a_sender_had_is_asked_once_more(
    text: Proposal, editor: User, translator: User, units: list[int], sink: Sink
) -> None:
    """It was with a sender when the work was done, and came back to the queue: it says what is left, or does not go."""
    outdate(text, editor)
    due()
    for unit, code in ((units[0], "de"), (units[0], "fr"), (units[1], "de")):
        claimed = services.claim()
        assert claimed
        saved(text, unit, code, translator)
        services.settle(claimed, "defer")
        due()
    delivery.deliver_due()
    (mail,) = mails()
    assert (mail.state, [line["count"] for line in mail.context["lines"]]) == (MessageState.SENT, [1])
    assert len(sink.arrivals) == 1
    change(text, editor, (LATER[0], "Write three definitions"))
    due()
    claimed = services.claim()
    assert claimed
    for unit, code in ((units[0], "de"), (units[0], "fr"), (units[1], "fr")):
        saved(text, unit, code, translator)
    services.settle(claimed, "defer")
    due()
    delivery.deliver_due()
    assert [mail.state for mail in mails()] == [MessageState.SENT, MessageState.SUPERSEDED]
    assert len(sink.arrivals) == 1


def whatever_a_sender_has(prefix: str, freshen: Callable[[Context], Context | None]) -> int:
    """The twin: what was read as queued is written as taken back, whoever has it by then."""
    found = list(OutboxMessage.objects.filter(key__startswith=prefix, state=MessageState.QUEUED))
    for mail in found:
        mail.state, mail.context = MessageState.SUPERSEDED, {}
        mail.save(update_fields=["state", "context"])
    return len(found)


@pytest.fixture
def moving(transactional_db: None) -> Iterator[None]:
    """Afterwards the portal's clock goes on."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(STANDING.format(body="clock_timestamp()"))


@pytest.mark.parametrize("twin", [None, whatever_a_sender_has])
def test_saved_beside_the_delivery(
    moving: None,
    text: Proposal,
    editor: User,
    translator: User,
    units: list[int],
    monkeypatch: pytest.MonkeyPatch,
    twin: Callable[..., int] | None,
) -> None:
    """What a sender is just taking is its own: it is handed over, and does not stand there as taken back."""
    change(text, editor, (ITEMS[0], LATER[0]))
    saved(text, units[0], "fr", translator)
    due()
    if twin:
        monkeypatch.setattr(notices, "freshen_singles", twin)
    taken, is_saved = threading.Event(), threading.Event()

    def slowly(domain: str, now: Any) -> bool:
        taken.set()
        until(is_saved.is_set)
        return True

    monkeypatch.setattr(pacing, "take_turn", slowly)

    def deliver() -> bool:
        claimed = services.claim()
        assert claimed
        is_saved.wait(30)
        return services.settle(claimed, "accept")

    def save() -> None:
        taken.wait(30)
        try:
            saved(text, units[0], "de", translator)
        finally:
            is_saved.set()

    delivered, done = at_once(deliver, save)
    done.result()
    (mail,) = mails()
    if twin:
        assert (delivered.result(), mail.state) == (False, MessageState.SUPERSEDED)
    else:
        assert (delivered.result(), mail.state) == (True, MessageState.SENT)
        assert waiting() == []
        assert [line["name"] for line in mail.context["lines"]] == ["Deutsch"]
