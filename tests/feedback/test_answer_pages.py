"""The pages on which what was said is sorted and answered, and those on which everybody reads what became of it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import answering, frame
from feedback.models import Disposition, FeedbackWindow, Theme, ThemedItem
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.models import User
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import address, parsed
from tests.feedback.test_answering import AT, draft, draft_for, put, release, theme
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import listed, read, say


@pytest.fixture
def staff(client: Client, lead: User) -> Client:
    """The coordinator, at the staff side while the window is open."""
    client.force_login(lead)
    return client


def url(window: FeedbackWindow, rest: str = "", language: str = "en") -> str:
    return f"/{language}/admin/feedback/feedbackwindow/{window.pk}/answers/{rest}"


def got(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return str(response.content.decode())


def sent(client: Client, path: str, fields: dict[str, Any], status: int = 303) -> str:
    response = client.post(path, fields)
    assert response.status_code == status, response.content.decode()[-3000:]
    return str(response.content.decode())


def fields(html: str) -> dict[str, str]:
    found = parsed(html).fields
    assert found is not None
    return found


ANSWER = {"outcome": "noted", "answer-en": "Thank *you*."}


def test_from_the_list_to_an_answer_that_everybody_reads(window: FeedbackWindow, staff: Client, lead: User) -> None:
    item, other = say(window, "First words of it."), say(window, "Other words.")
    html = got(staff, url(window))
    assert "First words of it." in html
    assert "2 of 2 are undecided." in html
    chosen = f"{url(window, 'chosen/')}?item={item.pk}"
    typed = {**fields(got(staff, chosen)), **ANSWER, "act": "draft"}
    asked = sent(staff, url(window, "chosen/"), typed, 200)
    assert "is drafted." in asked
    assert not Disposition.objects.exists()
    sent(staff, url(window, "chosen/"), {**fields(asked), **ANSWER, "act": "draft"})
    assert Disposition.objects.get().answers == {"en": "Thank *you*."}
    assert "What became of it" not in read(item)
    html = got(staff, url(window, "release/"))
    unconfirmed = sent(staff, url(window, "release/"), fields(html), 200)
    assert "Tick this box to confirm" in unconfirmed
    sent(staff, url(window, "release/"), {**fields(html), "confirmed": "yes"})
    assert "Thank <em>you</em>." in read(item)
    assert "What became of it" not in read(other)
    assert "1 of 2 is undecided." in got(staff, url(window))
    assert got(staff, f"{url(window)}?show=decided").count('name="item"') == 1


def test_a_change_by_somebody_else_is_409_and_what_was_typed_stays(
    window: FeedbackWindow, staff: Client, people: dict[str, User]
) -> None:
    item = say(window, "First.")
    html = got(staff, f"{url(window, 'chosen/')}?item={item.pk}")
    typed = {**fields(html), **ANSWER, "act": "draft", "confirmed": "yes"}
    draft(window, people["deputy"], item, wanted=Wanted("declined", None, {"en": "No."}))
    again = sent(staff, url(window, "chosen/"), typed, 409)
    assert "1 of these texts has changed meanwhile" in again
    assert "Thank *you*." in again
    assert Disposition.objects.get().outcome == "declined"
    sent(staff, url(window, "chosen/"), {**fields(again), "act": "draft"})
    assert Disposition.objects.get().outcome == "noted"
    stale = got(staff, url(window, "release/"))
    draft(window, people["deputy"], item, wanted=Wanted("declined", None, {"en": "No."}))
    sent(staff, url(window, "release/"), {**fields(stale), "confirmed": "yes"}, 409)
    assert not Disposition.objects.filter(stands=True).exists()


def test_many_are_put_in_a_theme_after_it_was_said_what_happens(
    window: FeedbackWindow, staff: Client, lead: User
) -> None:
    sent(staff, url(window, "themes/"), {"title-en": "Trust", "title-ar": "الثقة", "description-en": "Of *trust*."})
    made = Theme.objects.get()
    one, other = say(window, "First."), say(window, "Second.")
    put(window, lead, made, other)
    html = got(staff, f"{url(window, 'chosen/')}?item={one.pk}&item={other.pk}")
    typed = {"items": fields(html)["items"], "theme": str(made.pk), "act": "sort"}
    asked = sent(staff, url(window, "chosen/"), typed, 200)
    assert "It goes into" in asked
    assert "It stays where it is." in asked
    sent(staff, url(window, "chosen/"), {**fields(asked), "act": "sort"})
    assert ThemedItem.objects.filter(theme=made).count() == 2
    assert got(staff, f"{url(window)}?show=all&theme={made.pk}").count('name="item"') == 2
    assert got(staff, f"{url(window)}?show=all&theme=0").count('name="item"') == 0


def test_a_theme_is_changed_moved_and_answered(window: FeedbackWindow, staff: Client, lead: User) -> None:
    first, second = theme(window, lead, "A"), theme(window, lead, "B")
    path = url(window, f"themes/{first.pk}/")
    stale = fields(got(staff, path))
    sent(staff, path, {**stale, "title-en": "AA"})
    again = sent(staff, path, {**stale, "title-en": "AAA"}, 409)
    assert "AAA" in again
    assert "<li" in again.split("It says now:")[1]
    sent(staff, url(window, "themes/"), {"up": f"{second.pk}:{second.position}"})
    sent(staff, url(window, "themes/"), {"up": f"{second.pk}:{second.position}"}, 409)
    path = url(window, f"themes/{first.pk}/answer/")
    stale = fields(got(staff, path))
    sent(staff, path, {**stale, **ANSWER, "act": "draft"})
    sent(staff, path, {**stale, **ANSWER, "act": "draft"}, 409)
    assert "Thank *you*." in got(staff, path)
    sent(staff, path, {**fields(got(staff, path)), "act": "discard"})
    assert not Disposition.objects.exists()


def test_what_is_adopted_links_both_ways(window: FeedbackWindow, lead: User, second: Revision, clock: Clock) -> None:
    item = say(window, "First.")
    clock.set(AT)
    draft(window, lead, item, wanted=Wanted("adopted", 2, {"en": "Yes."}))
    release(window, lead)
    html = read(item)
    assert "/proposals/proposal/r/2/" in html
    assert "/proposals/proposal/diff/1..2/" in html


def test_a_revision_says_what_it_answers_and_leads_there(
    window: FeedbackWindow, lead: User, second: Revision, clock: Clock
) -> None:
    """On its own page and in the history, once it is public; the list says what it is narrowed by."""
    one, other, declined = (say(window, words) for words in ("First.", "Second.", "Third."))
    trust = theme(window, lead)
    put(window, lead, trust, one, declined)
    draft_for(window, lead, trust, Wanted("adopted", 2, {"en": "Yes."}))
    draft(window, lead, other, wanted=Wanted("partly", 2, {"en": "A part of it."}))
    draft(window, lead, declined, wanted=Wanted("declined", None, {"en": "No."}))
    clock.set(AT)
    pages = [f"{TEXT_PAGES[1][:-2]}2/", *TEXT_PAGES]
    visitor = Client()
    for page in pages:
        assert "of what was said" not in got(visitor, page), page
    release(window, lead)
    for page in pages[:2]:
        html = got(visitor, page)
        assert html.count("answers 2 texts of what was said") == 1, page
        assert f'href="{address()}items/?revision=2"' in html
        assert f'href="{address()}themes/#theme-{trust.pk}"' in html
    assert "of what was said" not in got(visitor, pages[2])
    html = got(visitor, f"{address()}items/?revision=2")
    assert one.reference in html
    assert other.reference in html
    assert declined.reference not in html
    assert "Revision 2" in html
    for number in ("1", "3", "999999999"):
        assert "Nothing fits" in got(visitor, f"{address()}items/?revision={number}")
    for number in ("9999999999", "-1", "x", "²"):
        assert "Please choose one of the list." in got(visitor, f"{address()}items/?revision={number}")


TEXT_PAGES = [
    "/en/tf/leadership-development/proposals/proposal/history/",
    "/en/tf/leadership-development/proposals/proposal/r/1/",
]


def test_what_revisions_answer_costs_the_same_however_many_there_are(window: FeedbackWindow, lead: User) -> None:
    costs = []
    for number in range(2, 8):
        Revision.objects.create(proposal=window.proposal, number=number, language="en", editor_name="E", at=AT)
        made = theme(window, lead, f"Theme {number}")
        for words in ("a", "b", "c"):
            put(window, lead, made, say(window, f"{words} {number}"))
        draft_for(window, lead, made, Wanted("adopted", number, {"en": "Yes."}))
        if number in (2, 7):
            # What was drafted before the text went on.
            Disposition.objects.filter(release=None).update(seen={})
            release(window, lead)
            costs.append([_queries(TEXT_PAGES[0]), _queries(f"{TEXT_PAGES[1][:-2]}{number}/")])
    assert got(Client(), TEXT_PAGES[0]).count("answers 3 texts of what was said") == 6
    assert costs[0] == costs[1]


def _queries(path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        got(Client(), path)
    return len(caught)


def test_an_answer_to_one_text_stands_where_everybody_looks_for_answers(
    window: FeedbackWindow, lead: User, clock: Clock
) -> None:
    """Without a theme, too: it is to be read there, and not only counted; of what only staff read nothing is."""
    one, other = say(window, "First."), say(window, "Second.", visibility="staff")
    clock.set(AT)
    draft(window, lead, one, wanted=Wanted("noted", None, {"en": "It is *noted*."}))
    draft(window, lead, other, wanted=Wanted("noted", None, {"en": "For you alone."}))
    release(window, lead)
    html = got(Client(), f"{address()}themes/")
    assert "It is <em>noted</em>." in html
    assert f"/items/{one.reference}/" in html
    assert "For you alone." not in html


def test_themes_as_everybody_reads_them(window: FeedbackWindow, lead: User, clock: Clock) -> None:
    one, other = say(window, "First."), say(window, "Second.", visibility="staff")
    trust = theme(window, lead)
    hidden = theme(window, lead, "Not answered")
    put(window, lead, trust, one, other)
    clock.set(AT)
    page = f"{address()}themes/"
    assert "Nothing is answered yet" in got(Client(), page)
    draft_for(window, lead, trust, Wanted("noted", None, {"en": "One.", "zh-hant": "一。"}))
    assert "Trust" not in got(Client(), page)
    release(window, lead)
    draft_for(window, lead, trust, Wanted("declined", None, {"en": "Two."}))
    release(window, lead)
    html = got(Client(), page)
    assert "Two." in html
    assert "One." in html.split("What it said before:")[1]
    assert "Not answered" not in html
    assert "1 text on this theme" in html
    found = frame.frame_or_404(window.phase.task_force.slug, window.slug)
    assert found.offered == answering.Offered([trust], is_answered=True)
    assert hidden != trust
    assert "一。" in got(Client(), f"{address('zh-hant')}themes/")
    shown = read(one)
    assert "Two." in shown
    assert f"#theme-{trust.pk}" in shown


@pytest.mark.parametrize("path", ["", "themes/", "release/"])
def test_the_work_costs_the_same_for_more(window: FeedbackWindow, staff: Client, lead: User, path: str) -> None:
    def statements() -> int:
        got(staff, url(window, path))
        with CaptureQueriesContext(
            connection,
        ) as found:
            got(staff, url(window, path))
        return len(found)

    trust = theme(window, lead)
    items = [say(window, f"Words {number}.") for number in range(2)]
    put(window, lead, trust, items[0])
    draft(window, lead, items[0])
    few = statements()
    more = [say(window, f"More words {number}.") for number in range(6)]
    for number, item in enumerate(more):
        put(window, lead, theme(window, lead, f"T{number}"), item)
    draft(window, lead, *more[:4])
    assert statements() == few


def test_nothing_of_the_work_is_there_for_others(
    window: FeedbackWindow, client: Client, people: dict[str, User]
) -> None:
    client.force_login(people["moderator"])
    for path in ("", "chosen/", "release/", "themes/"):
        got(client, url(window, path), 404)
    assert "Sort and answer" not in got(client, f"/en/admin/feedback/feedbackwindow/{window.pk}/change/")


def test_the_list_is_narrowed_by_theme_and_by_what_became_of_it(
    window: FeedbackWindow, lead: User, clock: Clock
) -> None:
    one, other, third = (say(window, f"Words {number}.") for number in range(3))
    assert 'name="disposition"' not in got(Client(), f"{address()}items/")
    trust = theme(window, lead)
    put(window, lead, trust, one, other)
    clock.set(AT)
    draft_for(window, lead, trust)
    draft(window, lead, one, wanted=Wanted("declined", None, {"en": "No."}))
    release(window, lead)
    assert set(listed(f"?theme={trust.pk}")) == {one.reference, other.reference}
    for outcome, found in (("declined", one), ("noted", other), (answering.UNDECIDED, third)):
        assert listed(f"?disposition={outcome}") == [found.reference], outcome
    html = got(Client(), f"{address()}items/?theme={trust.pk}&disposition=declined&q=words")
    assert "1 of 3 texts" in html
    assert f"{address()}themes/" in html
    for wrong in ("theme=0", f"theme={trust.pk}x", "theme=" + "9" * 30, "disposition=made-up"):
        assert "Please choose one of the list." in got(Client(), f"{address()}items/?{wrong}"), wrong
