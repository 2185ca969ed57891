"""What facilitators enter for those who spoke elsewhere: by whom, until when, once, and without anybody's name."""

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from feedback import elsewhere, export, listing
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import Told, enter, moderate, take_back
from taskforce.accounts.models import RoleGrant, User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import MOMENT, Clock
from tests.feedback.conftest import CLOSES, HARD_CLOSES
from tests.feedback.pages import address, filled, main_form, text_question

ENTER = f"{address()}enter/"
SAID = "We were never asked in our own language."
FIELDS = {
    "channel": "chat",
    "said_on": "2022-02-10",
    "spoke": "affiliate",
    "place_url": "https://meta.wikimedia.org/wiki/Talk:X?a=1&b=2#c",
    "visibility": "public",
    "consent": "on",
}


@pytest.fixture
def facilitator(people: dict[str, User]) -> User:
    """Holds the role for English."""
    return people["facilitator"]


@pytest.fixture
def page(window: FeedbackWindow, facilitator: User, clock: Clock) -> Client:
    """Their browser, while the window is open."""
    browser = Client()
    browser.force_login(facilitator)
    return browser


def told(window: FeedbackWindow, **changes: Any) -> Told:
    question = window.questions.questions.get(kind="long-text")
    said: dict[str, Any] = {
        "language": "en", "channel": "call", "said_on": date(2022, 2, 10), "spoke": "contributor",
        "place_url": "", "visibility": "public", "answers": [Answer(question.pk, SAID)],
    }  # fmt: skip
    return Told(**{**said, **changes})


def key(window: FeedbackWindow, at: Any = MOMENT) -> gates.FormKey:
    return gates.read_form_key(gates.new_form_key(at, window.phase_id), window.phase_id)


def typed(browser: Client, **changes: Any) -> dict[str, Any]:
    fields = main_form(browser, ENTER)
    return {**fields, **FIELDS, text_question(fields): SAID, **changes}


def test_it_is_entered_and_everybody_reads_where_it_was_said_and_never_by_whom(
    page: Client, window: FeedbackWindow, facilitator: User
) -> None:
    response = page.post(ENTER, typed(page))
    item = FeedbackItem.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"{ENTER}#{item.reference}")
    assert (item.channel, item.said_on, item.spoke) == ("chat", date(2022, 2, 10), "affiliate")
    assert (item.entered_by, item.state, item.name) == (facilitator, "published", "")
    entry = Entry.objects.get(action="feedback.entered")
    assert (entry.actor_id, entry.target_id) == (facilitator.pk, item.pk)
    visitor = Client()
    for path in (f"{address()}items/", f"{address()}items/{item.reference}/"):
        html = visitor.get(path).content.decode()
        assert "Entered by a facilitator" in html
        # In the place of a name, and nowhere besides.
        assert html.split("<main")[1].count("Board or staff of an affiliate") == 1
        assert "10 February 2022" in html
        assert (
            'href="https://meta.wikimedia.org/wiki/Talk:X?a=1&amp;b=2#c" rel="nofollow noopener noreferrer ugc"' in html
        )
        assert facilitator.name not in html
        assert facilitator.email not in html


def test_without_who_spoke_neither_they_nor_the_place_is_public_and_staff_see_both(
    page: Client, people: dict[str, User]
) -> None:
    page.post(ENTER, typed(page, visibility="nameless"))
    item = FeedbackItem.objects.get()
    for path in (f"{address()}items/", f"{address()}items/{item.reference}/"):
        html = Client().get(path).content.decode()
        assert "Entered by a facilitator" in html
        assert "Board or staff" not in html
        assert "Talk:X" not in html
    staff = Client()
    staff.force_login(people["moderator"])
    html = staff.get(f"/en/admin/feedback/feedbackitem/{item.pk}/change/").content.decode()
    assert "Board or staff of an affiliate" in html
    assert "Talk:X" in html
    assert "Facilitator Demo" in html


def test_the_same_form_twice_is_one_item_and_with_other_words_a_conflict(page: Client) -> None:
    fields = typed(page)
    first, again = page.post(ENTER, fields), page.post(ENTER, fields)
    assert first.headers["Location"] == again.headers["Location"]
    other = page.post(ENTER, {**fields, "spoke_words": "somebody else"})
    assert other.status_code == 409
    assert "somebody else" in other.content.decode()
    assert FeedbackItem.objects.count() == 1
    # What makes them one: the form's key, without which there would be two.
    page.post(ENTER, {**fields, "form_key": main_form(page, ENTER)["form_key"]})
    assert FeedbackItem.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("channel", "web", "Please choose one of the list."),
        ("channel", "", "Please choose one of the list."),
        ("said_on", "2022-02-17", "This day has not come yet."),
        ("said_on", "2021-06-01", "This is long before anything was asked"),
        ("said_on", "10.2.2022", "year, month and day"),
        ("spoke", "", "Please choose one of the list."),
        ("spoke", "Jane Doe", "Please choose one of the list; other words belong into"),
        ("spoke_words", "jane@example.org", "no mail address"),
        ("place_url", "javascript:alert(1)", "begins with https:// or http://"),
        ("place_url", "https://jane:pw@example.org/", "begins with https:// or http://"),
        ("place_url", "https://example.org/\u202egro", "begins with https:// or http://"),
        ("language", "ar", "Please choose one of the list."),
        ("unit", "999999", "Please choose one of the list."),
        ("consent", "", "Please ask them first"),
        ("visibility", "x", "Please choose one of the answers given here."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    page: Client, field: str, value: str, said: str
) -> None:
    response = page.post(ENTER, typed(page, **{field: value}))
    html = response.content.decode()
    assert response.status_code == 200
    assert said in html
    assert SAID in html
    assert not FeedbackItem.objects.exists()


@pytest.mark.parametrize("name", ["Maria", "maria garcia", "王小明", "محمد العربي", "Dr. M. Garcia from Lagos", "Иван"])
def test_who_spoke_is_of_the_list_and_no_name_is_public(
    page: Client, window: FeedbackWindow, people: dict[str, User], name: str
) -> None:
    """FAILS where a name stands in public, or in a file without names."""
    assert "Please choose one of the list" in page.post(ENTER, typed(page, spoke=name)).content.decode()
    assert not FeedbackItem.objects.exists()
    assert page.post(ENTER, typed(page, spoke="other", spoke_words=name)).status_code == 303
    item = FeedbackItem.objects.get()
    assert (item.spoke, item.spoke_words) == ("other", name)
    public = [
        f"{address()}items/",
        f"{address()}items/{item.reference}/",
        f"{address()}feed.atom",
        f"{address()}summary/",
    ]
    public += [f"/open-data/leadership-development/feedback.{kind}" for kind in ("json", "csv")]
    for path in public:
        assert name not in Client().get(path).content.decode()
    files = {named: taken_out(window, item, named=named) for named in (True, False)}
    assert name in files[True]
    assert name not in files[False]
    staff = Client()
    staff.force_login(people["moderator"])
    assert name in staff.get(f"/en/admin/feedback/feedbackitem/{item.pk}/change/").content.decode()


def taken_out(window: FeedbackWindow, item: FeedbackItem, *, named: bool) -> str:
    """What staff take out of it."""
    return b"".join(export.as_json(window, [item.pk], named=named, may=lambda: True)).decode()


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["Jane Doe", "other"])
def test_the_database_takes_no_other_words_for_who_spoke(
    window: FeedbackWindow, facilitator: User, clock: Clock, words: str
) -> None:
    item = enter(window.pk, told(window), form_key=key(window), actor=facilitator)
    change = FeedbackItem.objects.filter(pk=item.pk)
    if words == "other":
        assert change.update(spoke=words) == 1
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        change.update(spoke=words)


@pytest.mark.parametrize(
    "place",
    [
        "https://meta.wikimedia.org/wiki/User_talk:Jane_Doe",
        "https://meta.wikimedia.org/wiki/User:Jane",
        "https://de.wikipedia.org/wiki/Benutzerin_Diskussion:Erika",
        "https://zh.wikipedia.org/wiki/%E7%94%A8%E6%88%B7:X",
        "https://ru.wikipedia.org/wiki/Обсуждение_участника:Иван",
        "https://ar.wikipedia.org/wiki/نقاش_المستخدم:محمد",
        "https://en.wikipedia.org/w/index.php?title=User_talk%3AJane&action=history",
        "https://en.wikipedia.org/wiki/Special:Contributions/Jane",
        "https://social.example/@jane/1",
        "https://example.org/users/jane",
        "https://t.me/jane_doe",
        "https://pl.wikipedia.org/wiki/Dyskusja_u%C5%BCytkownika:Jane",
    ],
)
def test_a_page_of_somebodys_own_is_no_place(page: Client, place: str) -> None:
    """FAILS where the address beside a text tells who spoke."""
    response = page.post(ENTER, typed(page, place_url=place))
    # Of an address that may be a person's or a group's, too.
    said = "so this one may tell who spoke" if "//t.me/" in place else "This address is somebody’s own page"
    assert said in response.content.decode()
    assert not FeedbackItem.objects.exists()
    # Of one that stands in the database already there is no link.
    page.post(ENTER, typed(page))
    FeedbackItem.objects.update(place_url=place)
    assert FeedbackItem.objects.get().shown_place == ""


@pytest.mark.parametrize(
    "place",
    [
        "https://meta.wikimedia.org/wiki/User_groups",
        "https://meta.wikimedia.org/wiki/Wikimedia_User_Group_X:Talk",
        "https://meta.wikimedia.org/wiki/Talk:Users",
        "https://fr.wikipedia.org/wiki/Discussion_Wikipédia:Bistro",
        "https://example.org/wiki/Discusion",
        "https://example.org/calls/5-february",
    ],
)
def test_other_pages_are(place: str) -> None:
    assert not elsewhere.is_somebodys(place)


def test_that_those_who_spoke_know_of_it_is_kept_and_staff_see_it(
    page: Client, window: FeedbackWindow, people: dict[str, User]
) -> None:
    """FAILS where the mark is asked for and thrown away."""
    page.post(ENTER, typed(page))
    item = FeedbackItem.objects.get()
    assert item.consent_at == item.received_at
    row = json.loads(taken_out(window, item, named=False))[0]
    assert (row["consent"], row["consent_at"]) == (True, "2022-02-15T12:00:00Z")
    assert "place" not in row
    assert "entered_by" not in row
    staff = Client()
    staff.force_login(people["moderator"])
    change = f"/en/admin/feedback/feedbackitem/{item.pk}/change/"
    assert "Those who spoke know of it" in staff.get(change).content.decode()
    FeedbackItem.objects.update(consent_at=None)
    assert "not kept" in staff.get(change).content.decode()
    browser = Client()
    browser.post(address(), filled(browser))
    own = FeedbackItem.objects.latest("pk")
    assert json.loads(taken_out(window, own, named=False))[0]["consent"] is None


@pytest.mark.parametrize("name", ["member", "reviewer1", "translator", "moderator", "observer", "privacy"])
def test_for_others_the_page_is_not_there(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, name: str
) -> None:
    browser = Client()
    browser.force_login(people[name])
    assert browser.get(ENTER).status_code == 404
    assert browser.post(ENTER, {}).status_code == 404


def test_a_visitor_is_led_to_the_sign_in(window: FeedbackWindow, visitor: Client) -> None:
    assert visitor.get(ENTER).status_code == 302


def test_only_in_the_languages_of_their_role_as_they_are_now(
    window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    with pytest.raises(Refused):
        enter(window.pk, told(window, language="ar"), form_key=key(window), actor=facilitator)
    enter(window.pk, told(window), form_key=key(window), actor=facilitator)
    RoleGrant.objects.filter(user=facilitator).delete()
    with pytest.raises(Refused):
        enter(window.pk, told(window), form_key=key(window), actor=facilitator)
    assert FeedbackItem.objects.count() == 1


def test_until_the_close_and_in_the_grace_by_a_form_from_before(
    window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    before = key(window, clock.set(CLOSES - timedelta(seconds=1)))
    clock.set(CLOSES + timedelta(seconds=5))
    with pytest.raises(Refused):
        enter(window.pk, told(window), form_key=key(window, CLOSES), actor=facilitator)
    item = enter(window.pk, told(window), form_key=before, actor=facilitator)
    assert item.in_grace
    clock.set(HARD_CLOSES)
    assert enter(window.pk, told(window), form_key=before, actor=facilitator) == item
    late = key(window, CLOSES - timedelta(seconds=1))
    with pytest.raises(Refused):
        enter(window.pk, told(window), form_key=late, actor=facilitator)


def test_a_closed_window_says_so_keeps_what_was_typed_and_lets_them_take_back(page: Client, clock: Clock) -> None:
    page.post(ENTER, typed(page))
    fields = typed(page)
    clock.set(HARD_CLOSES)
    refused = page.post(ENTER, fields)
    assert refused.status_code == 403
    assert SAID in refused.content.decode()
    html = page.get(ENTER).content.decode()
    assert "data-main" not in html
    item = FeedbackItem.objects.get()
    assert f"{ENTER}{item.reference}/take-back/" in html
    assert page.post(f"{ENTER}{item.reference}/take-back/", {"reason": "It was said twice."}).status_code == 303
    item.refresh_from_db()
    assert (item.state, item.spoke, item.spoke_words, item.place_url, item.search_text) == ("withdrawn", "", "", "", "")
    left = Client().get(f"{address()}items/{item.reference}/").content.decode()
    assert "It was said twice." in left
    assert SAID not in left


def test_nobody_takes_back_what_another_has_entered(
    window: FeedbackWindow, facilitator: User, people: dict[str, User], clock: Clock
) -> None:
    item = enter(window.pk, told(window), form_key=key(window), actor=facilitator)
    with pytest.raises(Refused):
        take_back(item.pk, reason="No.", actor=people["coordinator"], at=MOMENT)
    with pytest.raises(Invalid):
        take_back(item.pk, reason=" ", actor=facilitator, at=MOMENT)
    browser = Client()
    browser.force_login(people["member"])
    assert browser.get(f"{ENTER}{item.reference}/take-back/").status_code == 404


def test_the_list_is_ones_own_and_says_that_it_is_empty(
    page: Client, window: FeedbackWindow, people: dict[str, User]
) -> None:
    assert "Nothing entered yet" in page.get(ENTER).content.decode()
    item = enter(window.pk, told(window), form_key=key(window), actor=people["facilitator"])
    assert item.reference in page.get(ENTER).content.decode()
    other = enter(window.pk, told(window), form_key=key(window), actor=people["admin"])
    assert other.reference not in page.get(ENTER).content.decode()


def test_counts_by_channel_add_up_to_the_total(
    page: Client, window: FeedbackWindow, people: dict[str, User], settings: Any
) -> None:
    settings.SMALL_GROUP = 1
    for channel in ("chat", "call", "call", "mail"):
        enter(window.pk, told(window, channel=channel), form_key=key(window), actor=people["facilitator"])
    browser = Client()
    browser.post(address(), filled(browser))
    html = browser.get(f"{address()}items/").content.decode()
    select = html[html.index('name="channel"') : html.index("</select>", html.index('name="channel"'))]
    counts = [int(number) for number in re.findall(r"\((\d+)\)</option>", select)]
    assert sorted(counts) == [1, 1, 1, 2]
    assert sum(counts) == FeedbackItem.objects.count() == 5
    data = json.loads(browser.get("/open-data/leadership-development/feedback.json").content)
    assert sorted(Counter(row["channel"] for row in data).values()) == sorted(counts)
    assert sum(group.total for group in listing.groups(window, listing.Chosen())) == sum(counts)


def test_the_page_of_its_paragraph_and_open_data_have_it(
    window: FeedbackWindow, facilitator: User, clock: Clock
) -> None:
    unit = window.proposal.units.get()
    named = told(window, unit_id=unit.pk, place_url="https://example.org/said")
    hidden = {"visibility": "nameless", "spoke": "partner", "place_url": "https://a.example/"}
    nameless = told(window, unit_id=unit.pk, **hidden)
    for each in (named, nameless):
        enter(window.pk, each, form_key=key(window), actor=facilitator)
    html = Client().get(f"/en/tf/leadership-development/proposals/proposal/u/{unit.pk}/").content.decode()
    assert html.count("Entered by a facilitator") == 2
    data = Client().get("/open-data/leadership-development/feedback.json").content.decode()
    for page in (html, data):
        assert "ontributor" in page
        assert "https://example.org/said" in page
        for never in ("artner", "a.example", facilitator.email, facilitator.name):
            assert never not in page
    rows = {row["who_spoke"]: row for row in json.loads(data)}
    assert set(rows) == {"contributor", None}
    assert rows[None]["said_on"] == "2022-02-10"


def test_what_is_no_address_in_the_database_is_no_link(window: FeedbackWindow, facilitator: User, clock: Clock) -> None:
    item = enter(window.pk, told(window), form_key=key(window), actor=facilitator)
    FeedbackItem.objects.update(place_url="javascript:alert(1)")
    assert "javascript:" not in Client().get(f"{address()}items/{item.reference}/").content.decode()


def test_it_is_not_to_be_read_by_a_link_as_ones_own(page: Client) -> None:
    """The form of the window knows nothing of keys with which something was entered here."""
    fields = typed(page)
    page.post(ENTER, fields)
    browser = Client()
    sent = browser.post(address(), filled(browser, form_key=fields["form_key"]))
    assert sent.status_code == 303
    assert FeedbackItem.objects.count() == 2


def test_hostile_words_are_an_error_or_harmless(page: Client) -> None:
    for text in ("\x00", "x" * 2_000_000, "[" * 20_000, "<script>alert(1)</script>", "\u202e" * 500):
        for field in ("spoke", "spoke_words", "place_url"):
            response = page.post(ENTER, typed(page, **{field: text}))
            assert response.status_code in (200, 303, 400)
            assert "<script>alert(1)" not in response.content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "web"},
        {"said_on": date(2023, 1, 1)},
        {"said_on": date(2020, 1, 1)},
        {"answers": []},
        {"spoke": "Jane Doe"},
        {"spoke": ""},
        {"place_url": "https://meta.wikimedia.org/wiki/User:Jane"},
        {"unit_id": 10**6},
    ],
)
def test_the_service_refuses_what_no_form_sends(
    window: FeedbackWindow, facilitator: User, clock: Clock, change: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        enter(window.pk, told(window, **change), form_key=key(window), actor=facilitator)


def test_what_another_person_entered_by_a_form_is_nobody_elses(
    window: FeedbackWindow, facilitator: User, people: dict[str, User], clock: Clock
) -> None:
    form_key = key(window)
    enter(window.pk, told(window), form_key=form_key, actor=facilitator)
    with pytest.raises(Conflict):
        enter(window.pk, told(window), form_key=form_key, actor=people["admin"])


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("keys", "items"), [(1, 1), (6, 6)], ids=["one key", "no key in common"])
def test_parallel_posts_of_one_form_are_one_item(
    committed: None, window: FeedbackWindow, people: dict[str, User], clock: Clock, keys: int, items: int
) -> None:
    """The twin: forms that no key tells to be the same are as many items, however equal their words."""
    actor, made = people["facilitator"], [key(window) for _ in range(keys)]
    together = Barrier(6)

    def one(turn: int) -> int:
        try:
            together.wait()
            return enter(window.pk, told(window), form_key=made[turn % keys], actor=actor).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = set(pool.map(one, range(6)))
    assert len(found) == FeedbackItem.objects.count() == items
    assert Entry.objects.filter(action="feedback.entered").count() == items


def test_what_was_hidden_can_be_taken_back(
    window: FeedbackWindow, facilitator: User, people: dict[str, User], clock: Clock
) -> None:
    """In its place everybody goes on to read for which rule it was hidden, and why, as where an author withdraws."""
    item = enter(window.pk, told(window), form_key=key(window), actor=facilitator)
    moderate(item.pk, "hide", reason="Why.", rule="private", actor=people["moderator"], at=MOMENT)
    item = take_back(item.pk, reason="It was said twice.", actor=facilitator, at=MOMENT)
    assert (item.state, item.rule, item.state_reason) == ("withdrawn", "private", "Why.")
    assert Entry.objects.get(action="feedback.taken-back").reason == "It was said twice."
