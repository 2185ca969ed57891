"""What everybody could read keeps its place and says what became of it: held again, hidden, withdrawn, or changed after
it was answered; and nobody takes somebody else's text away by copying it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from feedback import answering, services
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import answering as acts
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address
from tests.feedback.test_agreeing import change
from tests.feedback.test_answering import AT, NOTED, draft, release, seen
from tests.feedback.test_atom import entry, said, text
from tests.feedback.test_items import listed, of, read, say
from tests.feedback.test_queue import as_person
from tests.feedback.test_replies import reply

WORDS = "We ask the task force to publish every minute of its meetings within a week."
LINKS = "See http://a.example http://b.example http://c.example for all that I have to say about this matter."
HIDDEN, GONE = "It attacks a person or a group", "Whoever wrote this text has withdrawn it"


def test_what_is_held_once_it_was_changed_keeps_its_address(window: FeedbackWindow) -> None:
    """Without its words, for no search engine, and in the feed too; what was never public is not there."""
    item = say(window, WORDS, name="Amani")
    change(item, LINKS)
    item.refresh_from_db()
    assert (item.state, item.was_public) == ("held", True)
    html, one = read(item), entry(item)
    assert "This text is being looked at" in html
    assert '<meta name="robots" content="noindex">' in html
    for words in (WORDS, "a.example", "Amani"):
        assert words not in html
        assert words not in said(one)
    assert "This text is being looked at" in text(one, "title")
    assert listed() == []
    never = say(window, LINKS.replace("matter", "text"))
    assert never.state == "held"
    assert Client().get(of(never)).status_code == 404


def test_what_is_hidden_keeps_rule_and_reason_once_it_is_withdrawn(
    window: FeedbackWindow, people: dict[str, User]
) -> None:
    item = say(window, WORDS)
    services.moderate(item.pk, "hide", reason="Line two.", rule="attack", actor=people["moderator"], at=OPENS)
    services.withdraw(item.pk, at=OPENS)
    for words in (HIDDEN, "Line two.", GONE):
        assert words in read(item)
    for words in (HIDDEN, "Line two."):
        assert words in said(entry(item))
    plain = say(window, "Other words.")
    services.withdraw(plain.pk, at=OPENS)
    assert HIDDEN not in read(plain)


def test_so_does_a_reply(window: FeedbackWindow, people: dict[str, User]) -> None:
    item = say(window, WORDS)
    found = reply(item, people["member"])
    services.moderate_reply(found.pk, "hide", reason="Line two.", rule="attack", actor=people["moderator"], at=OPENS)
    services.withdraw_reply(found.pk, author=people["member"], at=OPENS)
    for words in (HIDDEN, "Line two.", "Whoever wrote this reply has withdrawn it."):
        assert words in read(item)


@pytest.mark.parametrize("name", ["Amani", ""], ids=["named", "nameless"])
def test_in_the_feed_nothing_goes_back(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, name: str
) -> None:
    """Of what came, was hidden, shown again and withdrawn on one day: a later moment each time, one day of coming."""
    clock.set(OPENS)
    item, staff = say(window, WORDS, name=name, visibility="public" if name else "nameless"), people["moderator"]
    times = [(text(entry(item), "published"), text(entry(item), "updated"))]
    acts_of_the_day: tuple[Callable[[], object], ...] = (
        lambda: services.moderate(item.pk, "hide", reason="R.", rule="attack", actor=staff, at=OPENS),
        lambda: services.moderate(item.pk, "publish", reason="", actor=staff, at=OPENS + timedelta(hours=1)),
        lambda: services.withdraw(item.pk, at=OPENS + timedelta(hours=2)),
    )
    for act in acts_of_the_day:
        act()
        times.append((text(entry(item), "published"), text(entry(item), "updated")))
    published, updated = {one for one, _ in times}, [one for _, one in times]
    assert published == {"2022-02-01T00:00:00Z"}
    assert updated == sorted(set(updated))


def test_what_was_not_read_is_not_answered(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Neither drafted nor published: who changes their text in between has that looked at."""
    lead, item = people["coordinator"], say(window, WORDS)
    stamps = seen(item)
    change(item, "Something else altogether, that nobody has read.")
    with pytest.raises(Conflict):
        acts.draft(window.pk, stamps, NOTED, actor=lead, at=AT)
    item.refresh_from_db()
    draft(window, lead, item)
    shown = answering.ready(window).seen
    change(item, WORDS)
    with pytest.raises(Conflict):
        acts.release(window.pk, seen=shown, actor=lead, at=AT)


def test_an_answer_to_what_was_changed_since_says_so(window: FeedbackWindow, people: dict[str, User]) -> None:
    lead, item = people["coordinator"], say(window, WORDS)
    draft(window, lead, item)
    release(window, lead)
    told = "Answered before the text was changed on"
    assert told not in read(item)
    FeedbackItem.objects.filter(pk=item.pk).update(edits=1, edited_at=AT + timedelta(days=1))
    assert told in read(item)
    assert told in said(entry(item))


def test_the_page_of_a_hidden_text_begins_with_that(window: FeedbackWindow, people: dict[str, User]) -> None:
    item = say(window, WORDS)
    own = f"{address()}mine/{services.own_link(item)}/"
    services.moderate(item.pk, "hide", reason="مثال", rule="attack", actor=people["moderator"], at=OPENS)
    html = Client().get(own).content.decode()
    assert "Your text was hidden" in html
    assert '<bdi dir="auto">مثال</bdi>' in html
    for words in ("has been received", "change it as long as"):
        assert words not in html


def test_only_who_answers_is_offered_to_answer(window: FeedbackWindow, people: dict[str, User]) -> None:
    path = f"/en/admin/feedback/feedbackitem/{say(window, WORDS).pk}/change/"
    assert "Answer in public" in as_person(people["coordinator"]).get(path).content.decode()
    assert "Answer in public" not in as_person(people["moderator"]).get(path).content.decode()


def test_the_first_page_says_how_much_is_not_answered_while_a_window_is_open(
    window: FeedbackWindow, people: dict[str, User]
) -> None:
    lead, item = people["coordinator"], say(window, WORDS)
    told, way = "1 text is not answered yet.", f"/en/admin/feedback/feedbackwindow/{window.pk}/answers/"
    first = as_person(lead).get("/en/admin/").content.decode().replace("<bdi>", "").replace("</bdi>", "")
    assert told in first
    assert way in first
    assert way not in as_person(people["moderator"]).get("/en/admin/").content.decode()
    draft(window, lead, item)
    release(window, lead)
    assert way not in as_person(lead).get("/en/admin/").content.decode()
