"""A text is called final once what was said is answered, or it is said in public how much is not."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from feedback import answering, queries, services
from feedback.earlier import CONFIRMABLE
from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow, FinalCall
from feedback.services import finality
from feedback.services.finality import call_final
from feedback.subjects import asked_about
from proposals.models import Proposal
from proposals.services import lives
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import Mailing
from taskforce.timeline import services as timeline
from taskforce.timeline import subjects as timeline_subjects
from taskforce.timeline.models import Verdict
from tests.clients import Client, note_sign_in
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES
from tests.feedback.pages import parsed
from tests.feedback.test_answering import draft, release
from tests.feedback.test_confirming import by_mail, send
from tests.feedback.test_items import say
from tests.meeting import until
from tests.portal.making import make_text

__all__ = ["by_mail"]
AFTER = CLOSES + timedelta(days=1)
WHY = {"en": "It came too late.", "zh-hant": "來得太晚。"}
TEXT = "/{}/tf/leadership-development/proposals/proposal/"


def final(window: FeedbackWindow, who: User, *, left: int = 0, **changes: Any) -> FinalCall:
    given = {"revision": 1, "left": left, "statements": {}, "actor": who, "at": AFTER, **changes}
    return call_final(window.proposal_id, **given)


def shown(language: str = "en") -> str:
    return str(Client().get(TEXT.format(language)).content.decode())


def test_not_while_something_is_undecided_and_nothing_is_said_about_it(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    lead = people["coordinator"]
    item = say(window, "First.")
    with pytest.raises(Refused, match="is open"):
        final(window, lead, left=1, statements=WHY)
    clock.set(AFTER)
    with pytest.raises(Conflict):
        final(window, lead)
    with pytest.raises(Invalid):
        final(window, lead, left=1)
    with pytest.raises(Conflict):
        final(window, lead, left=1, statements=WHY, revision=2)
    for other in ("moderator", "observer", "member"):
        with pytest.raises(Refused):
            final(window, people[other], left=1, statements=WHY)
    assert "was called final" not in shown()
    final(window, lead, left=1, statements=WHY)
    assert "1 text of what was said was not answered then." in shown()
    assert "It came too late." in shown()
    assert "來得太晚。" in shown("zh-hant")
    draft(window, lead, item)
    release(window, lead)
    made = final(window, lead, statements=WHY)
    assert (made.number, made.left, made.statements) == (2, 0, {})
    assert "was called final" in shown()
    assert "was not answered then" not in shown()


def test_what_only_staff_read_is_told_in_steps(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    for number in range(9):
        say(window, f"Words {number}.", visibility="public" if number < 2 else "staff")
    clock.set(AFTER)
    final(window, people["coordinator"], left=9, statements=WHY)
    page = shown()
    assert "2 texts of what was said were not answered then." in page
    assert "At least 5 texts that not everybody could read were not answered either." in page


def test_the_page_shows_how_much_is_undecided_and_asks_why(
    window: FeedbackWindow, client: Client, people: dict[str, User], clock: Clock
) -> None:
    say(window, "First.")
    clock.set(AFTER)
    client.force_login(people["coordinator"])
    path = f"/en/admin/feedback/feedbackwindow/{window.pk}/answers/final/"
    fields = parsed(client.get(path).content.decode()).fields
    assert fields is not None
    assert fields["left"] == "1"
    assert client.post(path, {**fields, "confirmed": "yes"}).status_code == 400
    stale = {**fields, "left": "0", "confirmed": "yes", "statement-en": "Because."}
    again = client.post(path, stale)
    assert again.status_code == 409
    assert "Because." in again.content.decode()
    assert client.post(path, {**fields, "statement-en": "Because."}).status_code == 200
    assert not FinalCall.objects.exists()
    assert client.post(path, {**fields, "confirmed": "yes", "statement-en": "Because."}).status_code == 303
    assert FinalCall.objects.get().statements == {"en": "Because."}


def test_while_it_is_impossible_the_page_says_why_and_has_no_form(
    window: FeedbackWindow, client: Client, people: dict[str, User], clock: Clock
) -> None:
    say(window, "First.")
    client.force_login(people["coordinator"])
    path = f"/en/admin/feedback/feedbackwindow/{window.pk}/answers/final/"
    page = client.get(path).content.decode()
    assert "it cannot be final yet" in page
    assert "data-main" not in page
    assert "Call it final" not in page
    fields = {"left": "1", "revision": "1", "confirmed": "yes", "statement-en": "Typed before."}
    refused = client.post(path, fields)
    assert refused.status_code == 403
    page = refused.content.decode()
    assert "it cannot be final yet" in page
    assert "Typed before." in page
    assert "Call it final" not in page
    clock.set(AFTER)
    page = client.get(path).content.decode()
    assert "it cannot be final yet" not in page
    assert "Call it final" in page


# --- what is not published yet -------------------------------------------------------------------------------------


def test_what_is_held_or_waits_for_a_mail_is_undecided_too(
    by_mail: FeedbackWindow, visitor: Client, people: dict[str, User], clock: Clock
) -> None:
    """In public only that there was something, in steps; the mail as long as its link works."""
    lead = people["coordinator"]
    send(visitor)
    FeedbackWindow.objects.update(participation="anybody")
    for number in range(4):
        say(by_mail, f"Held {number}.", suspected=True)
    clock.set(AFTER)
    left = answering.left_with_coming([by_mail], AFTER)
    assert (left.undecided, left.held, left.coming, left.to_say) == (0, 4, 1, 5)
    with pytest.raises(Conflict):
        final(by_mail, lead)
    with pytest.raises(Invalid):
        final(by_mail, lead, left=5)
    made = final(by_mail, lead, left=5, statements=WHY)
    assert (made.left, made.readable) == (5, 0)
    assert "At least 5 texts that not everybody could read were not answered either." in shown()
    assert "was not answered then" not in shown()
    assert answering.left_with_coming([by_mail], CLOSES + CONFIRMABLE).coming == 0


def test_the_page_of_the_act_says_what_may_still_come(
    by_mail: FeedbackWindow, visitor: Client, client: Client, people: dict[str, User], clock: Clock
) -> None:
    send(visitor)
    clock.set(AFTER)
    client.force_login(people["coordinator"])
    html = client.get(f"/en/admin/feedback/feedbackwindow/{by_mail.pk}/answers/final/").content.decode()
    assert "1 more may still come" in html.replace("<bdi>", "").replace("</bdi>", "")
    assert (parsed(html).fields or {})["left"] == "1"


@pytest.mark.parametrize("way", ["moderator", "mail"])
def test_what_is_published_afterwards_is_told_on_the_page(
    by_mail: FeedbackWindow, visitor: Client, people: dict[str, User], clock: Clock, way: str
) -> None:
    lead = people["coordinator"]
    if way == "mail":
        send(visitor)
    else:
        FeedbackWindow.objects.update(participation="anybody")
        say(by_mail, "Held.", suspected=True)
    clock.set(AFTER)
    final(by_mail, lead, left=1, statements=WHY)
    assert "is not answered" not in shown()
    if way == "mail":
        services.confirm(FeedbackUnconfirmed.objects.get().pk, at=AFTER)
    else:
        services.moderate(FeedbackItem.objects.get().pk, "publish", reason="", actor=people["moderator"], at=AFTER)
    assert "Now 1 text that everybody can read is not answered." in shown()
    draft(by_mail, lead, FeedbackItem.objects.get())
    release(by_mail, lead)
    assert "is not answered" not in shown()


Close = Callable[[FeedbackWindow, User], object]


def _race(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, close: Close, *, by_mail: bool = False
) -> list[object]:
    """Somebody publishes an item that is held, or confirms one, and the matter is closed before that is committed."""
    if by_mail:
        FeedbackWindow.objects.update(participation="mail")
        send(Client(enforce_csrf_checks=True))
        waits = FeedbackUnconfirmed.objects.get().pk
        come: Callable[[], object] = partial(services.confirm, waits, at=AFTER)
    else:
        item = say(window, "Held.", suspected=True)
        assert item.state == "held"
        moderator = people["moderator"]
        come = partial(services.moderate, item.pk, "publish", reason="R.", actor=moderator, at=AFTER)
    clock.set(AFTER)
    inside, called = Event(), Event()
    done: list[object] = []
    lead = people["coordinator"]

    def publish() -> None:
        try:
            with transaction.atomic():
                come()
                inside.set()
                until(called.is_set)
        finally:
            inside.set()
            connection.close()

    def call() -> None:
        inside.wait(30)
        try:
            done.append(close(window, lead))
        except Conflict as error:
            done.append(error)
        finally:
            called.set()
            connection.close()

    threads = [Thread(target=publish), Thread(target=call)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return done


def decided(window: FeedbackWindow, who: User) -> Verdict:
    return timeline.decide(window.phase_id, outcome="proceed", reasons=WHY, actor=who, unanswered=0)


def withdrawn(window: FeedbackWindow, who: User) -> int | None:
    return lives.withdraw(window.proposal_id, reasons=WHY, editor=who, at=AFTER).unanswered


def readable(window: FeedbackWindow, who: User) -> int | None:
    return final(window, who, left=1, statements=WHY).readable


@pytest.mark.parametrize(("close", "found"), [(readable, 1), (decided, Conflict), (withdrawn, 1)])
def test_nothing_becomes_public_while_the_matter_is_closed(
    committed: None, window: FeedbackWindow, people: dict[str, User], clock: Clock, close: Close, found: object
) -> None:
    (done,) = _race(window, people, clock, close)
    assert found in (done, type(done))


@pytest.mark.parametrize("is_locked", [True, False], ids=["service", "twin"])
def test_nothing_is_confirmed_while_the_matter_is_closed(
    committed: None,
    window: FeedbackWindow,
    people: dict[str, User],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_locked: bool,
) -> None:
    """The number that everybody reads has it; the twin counts past it."""
    if not is_locked:
        monkeypatch.setattr(finality, "hold_window", lambda window_id: None)
    assert _race(window, people, clock, withdrawn, by_mail=True) == [1 if is_locked else 0]


@pytest.mark.parametrize(("close", "found"), [(readable, 0), (decided, Verdict), (withdrawn, 0)])
def test_without_the_lock_it_would(
    committed: None,
    window: FeedbackWindow,
    people: dict[str, User],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    close: Close,
    found: object,
) -> None:
    """The failing twin."""
    monkeypatch.setattr(finality, "hold_window_of", lambda item_id: None)
    (done,) = _race(window, people, clock, close)
    assert found in (done, type(done))


PROCESS = "/en/tf/leadership-development/process/"
TOLD = "1 text of what was said was not answered then."


@pytest.mark.parametrize("outcome", ["proceed", "revise", "stop"])
def test_a_decision_says_in_public_how_much_is_not_answered(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, outcome: str
) -> None:
    """Beside its reason, without which there is none; whoever decides has seen the number."""
    lead, item = people["coordinator"], say(window, "First.")
    clock.set(AFTER)
    decide = partial(timeline.decide, window.phase_id, outcome=outcome, reasons=WHY, actor=lead)
    with pytest.raises(Conflict):
        decide(unanswered=0)
    assert decide(unanswered=1).unanswered == 1
    html = Client().get(PROCESS).content.decode()
    assert html.index("It came too late.") < html.index(TOLD)
    draft(window, lead, item)
    release(window, lead)
    if outcome != "stop":
        assert decide(unanswered=0, seen=1).unanswered == 0
    assert Client().get(PROCESS).content.decode().count(TOLD) == 1, "the first decision says what was so then"


def test_the_page_of_a_decision_shows_the_number_and_asks_anew_where_it_changes(
    window: FeedbackWindow, client: Client, people: dict[str, User], clock: Clock
) -> None:
    lead, item = people["coordinator"], say(window, "First.")
    clock.set(AFTER)
    client.force_login(lead)
    note_sign_in(client, lead, second_factor=True)
    path = f"/en/admin/timeline/phase/{window.phase_id}/decide/"
    sent = {"outcome": "proceed", "reason-en": "It is good.", "seen": "0"}
    preview: Any = client.post(path, sent)
    assert TOLD in preview.content.decode()
    draft(window, lead, item)
    release(window, lead)
    again: Any = client.post(path, {**sent, "previewed": preview.context["preview"]["token"], "confirmed": "yes"})
    assert "not what you were shown before" in again.content.decode()
    assert TOLD not in again.content.decode()
    assert not Verdict.objects.exists()
    confirmed = {**sent, "previewed": again.context["preview"]["token"], "confirmed": "yes"}
    assert client.post(path, confirmed).status_code == 302
    assert Verdict.objects.get().unanswered == 0


def test_a_text_that_ends_is_not_final_and_says_how_much_is_not_answered(
    window: FeedbackWindow, text: Proposal, people: dict[str, User], clock: Clock
) -> None:
    """With the reason, which has to be given then; it can still be answered, and not be called final any more."""
    lead, item = people["coordinator"], say(window, "First.")
    other = make_text(text.task_force, "plan", kind="plan")
    clock.set(AFTER)
    with pytest.raises(Invalid):
        lives.supersede(text.pk, successor_id=other.pk, reasons={}, editor=lead, at=AFTER)
    for end in (
        partial(lives.supersede, text.pk, successor_id=other.pk),
        partial(lives.withdraw, text.pk),
    ):
        assert TOLD not in shown()
        end(reasons=WHY, editor=lead, at=AFTER)
        assert TOLD in shown()
        assert "was called final" not in shown()
        with pytest.raises(Refused):
            final(window, lead, left=1, statements=WHY)
        lives.resume(text.pk, editor=lead, at=AFTER)
    lives.withdraw(text.pk, reasons=WHY, editor=lead, at=AFTER)
    draft(window, lead, item)
    release(window, lead)
    assert answering.left([window]).undecided == 0
    lives.resume(text.pk, editor=lead, at=AFTER)
    lives.supersede(text.pk, successor_id=other.pk, reasons={}, editor=lead, at=AFTER)
    assert TOLD not in shown()


def test_who_counts_is_asked_once_however_often_it_registers(window: FeedbackWindow, clock: Clock) -> None:
    say(window, "First.")
    timeline_subjects.register(asked_about, queries.asked_in_phases, finality.unanswered)
    assert timeline_subjects.unanswered(window.proposal_id) == 1


def test_of_a_text_without_windows_nothing_is_left(text: Proposal, people: dict[str, User]) -> None:
    made = call_final(text.pk, revision=1, left=0, statements={}, actor=people["coordinator"], at=AFTER)
    assert made.left == 0


def test_no_number_that_is_public_counts_what_staff_alone_read(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    """It would follow from how much of the list is not decided."""
    say(window, "Everybody reads this.")
    say(window, "Staff alone read this.", visibility="staff")
    clock.set(AFTER)
    assert finality.unanswered(window.proposal_id, hold=False) == 1


@pytest.mark.parametrize("act", ["cancel", "end"])
def test_a_task_force_that_ends_without_a_decision_says_how_much_is_not_answered(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, act: str
) -> None:
    """By whatever door it ends: on its pages and in the log. What is taken up again has no such number."""
    first = say(window, "First.")
    say(window, "For staff.", visibility="staff")
    task_force = window.phase.task_force
    if act == "end":
        timeline.change_state(task_force.pk, "announce", at=AFTER, actor_id=None)
    clock.set(AFTER)
    timeline.change_state(task_force.pk, act, at=AFTER, actor_id=None)
    told = "1 text of what was said was not answered."
    for path in (PROCESS, PROCESS.removesuffix("process/")):
        assert told in Client().get(path).content.decode(), path
    assert Entry.objects.get(action=f"task-force.{act}").details["unanswered"] == 1
    draft(window, people["coordinator"], first)
    release(window, people["coordinator"])
    assert told in Client().get(PROCESS).content.decode(), "it says what was so then"
    timeline.change_state(task_force.pk, "resume", at=AFTER, actor_id=None)
    task_force.refresh_from_db()
    assert task_force.unanswered is None
    timeline.change_state(task_force.pk, act, at=AFTER, actor_id=None)
    assert told not in Client().get(PROCESS).content.decode()


@pytest.mark.parametrize("is_held", [True, False], ids=["service", "twin"])
def test_nothing_is_published_while_a_task_force_ends(
    committed: None,
    window: FeedbackWindow,
    people: dict[str, User],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_held: bool,
) -> None:
    """The number that everybody reads has it; the twin counts past it."""
    if not is_held:
        monkeypatch.setattr(finality, "hold_window_of", lambda item_id: None)
    (done,) = _race(window, people, clock, _ended)
    assert done == (1 if is_held else 0)


def _ended(window: FeedbackWindow, who: User) -> int | None:
    return timeline.change_state(window.phase.task_force_id, "cancel", at=AFTER, actor_id=None).unanswered


def test_the_mail_and_the_lists_of_a_decision_carry_the_number(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    say(window, "First.")
    clock.set(AFTER)
    timeline.decide(window.phase_id, outcome="stop", reasons=WHY, actor=people["coordinator"], unanswered=1)
    kind, mailing = kinds.get("feedback-decided"), Mailing.objects.get(kind="feedback-decided")
    assert kind.context
    for language in ("en", "zh-hant", "ar"):
        assert kind.context(mailing.params, language)["unanswered"] == 1
    assert TOLD in str(rendering.excerpt(kind, {**kind.context(mailing.params, "en"), "language": "en"}))
    for path in ("/en/", PROCESS.removesuffix("process/"), "/en/tf/leadership-development/proposals/proposal/"):
        assert TOLD in Client().get(path).content.decode(), path
    assert Entry.objects.get(action="phase.decided").details["unanswered"] == 1


def test_the_log_has_the_number_of_a_text_that_ends(
    window: FeedbackWindow, text: Proposal, people: dict[str, User], clock: Clock
) -> None:
    say(window, "First.")
    clock.set(AFTER)
    lives.withdraw(text.pk, reasons=WHY, editor=people["coordinator"], at=AFTER)
    assert Entry.objects.get(action="proposal.withdrawn").details["unanswered"] == 1
