"""An answer is about what staff had before them: what has changed since is looked at before it is published."""

from datetime import timedelta

import pytest

from feedback import answering, drafted, services
from feedback.models import Disposition, FeedbackItem, FeedbackWindow
from feedback.services import answering as acts
from feedback.services.answering import Wanted
from proposals.models import Proposal, Revision
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.test_agreeing import change as change_as_it_is
from tests.feedback.test_answer_pages import fields, got, sent, url
from tests.feedback.test_answer_pages import staff as staff
from tests.feedback.test_answering import AT, draft, draft_for, put, release, theme
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import read, say


def change(item: FeedbackItem, words: str) -> None:
    item.refresh_from_db()
    change_as_it_is(item, words)


def looked(window: FeedbackWindow, lead: User, *drafts: Disposition) -> int:
    seen = answering.ready(window).seen
    return acts.look_again(window.pk, [one.pk for one in drafts], seen=seen, actor=lead, at=AT)


def test_a_text_that_was_changed_is_shown_with_its_difference_before_its_answer_is_public(
    window: FeedbackWindow, staff: Client, lead: User
) -> None:
    item, other = say(window, "Trust people."), say(window, "Other words.")
    draft(window, lead, item, other)
    change(item, "Trust machines.")
    html = got(staff, url(window, "release/"))
    assert "1 answer was written before what it is about changed." in html
    assert 'class="pt-diff__removed"' in html
    assert 'name="confirmed"' not in html
    shown = answering.ready(window).seen
    refused = sent(staff, url(window, "release/"), {"seen": shown, "confirmed": "yes"}, 409)
    assert "1 answer was written before what it is about changed: look at it once more." in refused
    assert 'class="pt-diff__added"' in refused
    assert not Disposition.objects.filter(stands=True).exists()
    sent(staff, url(window, "release/"), {**fields(refused)}, 400)
    mine = Disposition.objects.get(item=item)
    sent(staff, url(window, "release/"), {**fields(refused), "looked": str(mine.pk)})
    entry = Entry.objects.get(action="feedback.answer-looked-at")
    assert (entry.details, entry.actor_id) == ({"count": 1}, lead.pk)
    html = got(staff, url(window, "release/"))
    sent(staff, url(window, "release/"), {**fields(html), "confirmed": "yes"})
    assert Disposition.objects.filter(stands=True).count() == 2
    assert "Thank you." in read(item)


def test_what_changes_while_it_is_looked_at_is_looked_at_again(
    window: FeedbackWindow, staff: Client, lead: User
) -> None:
    item = say(window, "One.")
    draft(window, lead, item)
    change(item, "Two.")
    typed = {**fields(got(staff, url(window, "release/"))), "looked": str(Disposition.objects.get().pk)}
    change(item, "Three.")
    again = sent(staff, url(window, "release/"), typed, 409)
    assert "has changed since you opened the page" in again
    assert "Three" in again
    with pytest.raises(Conflict, match="look at it once more"):
        release(window, lead)


def test_what_comes_into_a_theme_or_goes_out_of_it(
    window: FeedbackWindow, staff: Client, lead: User, people: dict[str, User]
) -> None:
    one, other, late = (say(window, words) for words in ("First.", "Second.", "That came late."))
    trust = theme(window, lead)
    put(window, lead, trust, one, other)
    made = draft_for(window, lead, trust)
    assert drafted.since(window) == []
    put(window, lead, trust, late)
    services.moderate(other.pk, "hide", reason="R.", rule="other", actor=people["moderator"], at=AT)
    (found,) = drafted.since(window)
    assert ([item.pk for item in found.joined], found.gone, found.changed) == ([late.pk], 1, [])
    html = got(staff, url(window, "release/"))
    assert "This text has come into the theme:" in html
    assert "That came late." in html
    assert "1 text has gone out of the theme" in html
    with pytest.raises(Conflict):
        release(window, lead)
    assert looked(window, lead, made) == 1
    release(window, lead)
    assert "Thank you." in read(late)
    change(late, "Other words after it was answered.")
    assert drafted.since(window) == [], "what is public is no draft"


def test_a_text_that_has_gone_on_since_it_was_said_to_have_adopted_it(
    window: FeedbackWindow, staff: Client, lead: User, second: Revision, text: Proposal
) -> None:
    adopted, noted = say(window, "First."), say(window, "Second.")
    draft(window, lead, adopted, wanted=Wanted("adopted", 2, {"en": "Yes."}))
    draft(window, lead, noted)
    shown = answering.ready(window).seen
    Revision.objects.create(proposal=text, number=3, language="en", editor_name="E", at=AT + timedelta(hours=1))
    (found,) = drafted.since(window)
    assert (found.draft.item_id, found.newest_then, found.newest_now) == (adopted.pk, 2, 3)
    with pytest.raises(Conflict, match="has changed since you opened the page"):
        acts.release(window.pk, seen=shown, actor=lead, at=AT)
    html = got(staff, url(window, "release/"))
    assert "/proposals/proposal/diff/2..3/" in html
    draft(window, lead, adopted, wanted=Wanted("adopted", 3, {"en": "Yes."}))
    assert drafted.since(window) == [], "whoever writes it anew has looked"
    release(window, lead)


def test_only_what_waits_is_looked_at(window: FeedbackWindow, lead: User) -> None:
    item = say(window, "First.")
    draft(window, lead, item)
    with pytest.raises(Invalid):
        looked(window, lead, Disposition.objects.get())
    with pytest.raises(Conflict):
        acts.look_again(window.pk, [1], seen="0" * 64, actor=lead, at=AT)
    assert not Entry.objects.filter(action="feedback.answer-looked-at").exists()


def test_what_was_drafted_before_it_was_kept_can_be_published(window: FeedbackWindow, lead: User) -> None:
    item = say(window, "First.")
    draft(window, lead, item)
    Disposition.objects.update(seen={})
    FeedbackItem.objects.filter(pk=item.pk).update(edits=3, edited_at=OPENS)
    release(window, lead)
    assert Disposition.objects.get().stands
