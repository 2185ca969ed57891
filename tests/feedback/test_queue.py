"""What waits for moderators: appeals first, then what is held; narrowed, and decided about in one go."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import services, undecided
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services.deciding import MOST_AT_ONCE
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid
from tests.clients import Client
from tests.feedback.conftest import AT, OPENS
from tests.feedback.pages import main_form
from tests.feedback.test_items import say

QUEUE = "/en/admin/feedback/feedbackitem/queue/"
FOLD = '<details class="queue-fold"'
Cast = dict[str, User]


def as_person(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def listed(client: Client, query: str = "") -> list[str]:
    """The references on a page of the queue, in its order."""
    response = client.get(f"{QUEUE}{query}")
    assert response.status_code == 200
    return re.findall(r'<h2 id="item-\d+"><a [^>]*><bdi dir="ltr">([^<]+)', response.content.decode())


def held(window: FeedbackWindow, words: str, **more: Any) -> FeedbackItem:
    return say(window, words, suspected=True, **more)


@pytest.fixture
def appealed(window: FeedbackWindow, people: Cast) -> FeedbackItem:
    item = say(window, "Strong words.")
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)
    services.appeal(item.pk, words="I meant nobody.", at=OPENS)
    return item


def test_appeals_come_first_then_the_oldest(window: FeedbackWindow, people: Cast) -> None:
    """And nothing that stands, is hidden for good or withdrawn."""
    first, second = held(window, "First."), held(window, "Second.")
    say(window, "It stands.")
    item = say(window, "Strong words.")
    services.moderate(item.pk, "hide", reason="Why.", rule="attack", actor=people["moderator"], at=OPENS)
    client = as_person(people["coordinator"])
    assert listed(client) == [first.reference, second.reference]
    services.appeal(item.pk, words="I meant nobody.", at=OPENS)
    assert listed(client) == [item.reference, first.reference, second.reference]
    made = client.get(QUEUE).content.decode()
    assert "I meant nobody." in made
    assert "a field was filled in that people do not see" in made
    services.withdraw(second.pk, at=OPENS)
    assert listed(client) == [item.reference, first.reference]


def test_the_first_page_of_the_staff_side_says_what_waits(
    window: FeedbackWindow, appealed: FeedbackItem, people: Cast
) -> None:
    held(window, "One.")
    made = as_person(people["coordinator"]).get("/en/admin/").content.decode()
    assert "<bdi>1</bdi> appeal waits." in made or "1 appeal waits." in made
    assert "1 text is held." in made
    for role in ("observer", "translator"):
        assert "appeal waits" not in as_person(people[role]).get("/en/admin/").content.decode()


def test_who_has_hidden_a_text_is_not_sent_to_decide_about_its_appeal(
    window: FeedbackWindow, appealed: FeedbackItem, people: Cast
) -> None:
    """Neither by the first page of the staff side nor by the button on the page of the text."""
    held(window, "One.")
    page = f"/en/admin/feedback/feedbackitem/{appealed.pk}/change/"
    for role, is_theirs in (("moderator", False), ("coordinator", True)):
        client = as_person(people[role])
        made = client.get("/en/admin/").content.decode()
        assert ("appeal waits" in made) is is_theirs
        assert "1 text is held." in made
        assert ("Publish or hide" in client.get(page).content.decode()) is is_theirs
    services.decide_appeal(appealed.pk, "upheld", reason="Read again.", actor=people["coordinator"], at=OPENS)
    assert "Publish or hide" in as_person(people["moderator"]).get(page).content.decode(), "nothing waits any more"


@pytest.mark.parametrize(
    ("query", "found"),
    [("?why=appeal", "appealed"), ("?why=held&sign=trap", "held"), ("?language=fr", "held"), ("?sign=links", "")],
)
def test_it_is_narrowed(window: FeedbackWindow, appealed: FeedbackItem, people: Cast, query: str, found: str) -> None:
    other = held(window, "En français.", language="fr")
    expected = {"appealed": [appealed.reference], "held": [other.reference], "": []}[found]
    client = as_person(people["coordinator"])
    assert listed(client, query) == expected
    assert len(listed(client, f"?window={window.pk}")) == 2
    if not expected:
        assert "Nothing of this waits" in client.get(f"{QUEUE}{query}").content.decode()


@pytest.mark.parametrize("query", ["?why=x", "?window=-1", "?window=99999999999999999999", "?sign=" + "x" * 9000])
def test_filters_that_are_none(window: FeedbackWindow, people: Cast, query: str) -> None:
    item = held(window, "One.")
    assert listed(as_person(people["moderator"]), query) == [item.reference]


def test_many_are_decided_about_at_once(window: FeedbackWindow, people: Cast) -> None:
    """With one reason, each with its own row of the log; what is not marked waits on."""
    items = [held(window, f"Text {number}.") for number in range(4)]
    client = as_person(people["moderator"])
    fields: dict[str, Any] = {**main_form(client, QUEUE), "action": "hide", "rule": "advertising", "reason": "Spam."}
    nothing = client.post(QUEUE, fields)
    assert nothing.status_code == 200
    assert "Please mark at least one text." in nothing.content.decode()
    fields["item"] = [str(items[0].pk), str(items[2].pk)]
    wrong = client.post(QUEUE, {**fields, "rule": ""}).content.decode()
    assert "Please say which rule it breaks" in wrong
    assert wrong.count(" checked>") >= 2
    done = client.post(QUEUE, fields, follow=True).content.decode()
    assert "texts are decided." in done
    assert listed(client) == [items[1].reference, items[3].reference]
    assert set(Entry.objects.filter(action="feedback.hide").values_list("target_id", flat=True)) == {
        items[0].pk,
        items[2].pk,
    }
    client.post(QUEUE, {**fields, "action": "publish", "rule": "", "item": [], "all": "on"})
    assert FeedbackItem.objects.filter(state="published").count() == 2
    assert "Nothing waits" in client.get(QUEUE).content.decode()


def test_what_somebody_else_has_decided_is_left(window: FeedbackWindow, people: Cast) -> None:
    """And the rest is done all the same."""
    items = [held(window, f"Text {number}.") for number in range(2)]
    services.moderate(items[0].pk, "publish", reason="Fine.", actor=people["coordinator"], at=OPENS)
    ids = [item.pk for item in items]
    made = services.moderate_many(ids, "publish", reason="Fine.", actor=people["moderator"], at=OPENS)
    assert made.done == 1
    assert [reference for reference, _why in made.left] == [items[0].reference]
    with pytest.raises(Invalid):
        services.moderate_many(
            list(range(MOST_AT_ONCE + 1)), "publish", reason="x", actor=people["moderator"], at=OPENS
        )


def test_nobody_decides_about_what_is_not_on_the_page(window: FeedbackWindow, people: Cast) -> None:
    """Neither what stands, nor an appeal, nor what belongs to another task force."""
    item, stands = held(window, "One."), say(window, "It stands.")
    client = as_person(people["moderator"])
    fields = {**main_form(client, QUEUE), "action": "hide", "rule": "other", "reason": "x"}
    assert client.post(QUEUE, {**fields, "item": [str(stands.pk), "99999999999999999999", "x"]}).status_code == 200
    stranger = create_account("stranger@demo.example", at=AT)
    grant_role(stranger, Role.MODERATOR, at=AT, actor_id=None, task_force_id=10_000)
    elsewhere = as_person(stranger)
    assert listed(elsewhere) == []
    assert elsewhere.post(QUEUE, {**fields, "item": [str(item.pk)], "all": "on"}).status_code == 200
    assert set(FeedbackItem.objects.values_list("state", flat=True)) == {"held", "published"}


@pytest.mark.parametrize("role", ["observer", "reviewer1", "privacy"])
def test_other_staff_have_no_queue(window: FeedbackWindow, people: Cast, role: str) -> None:
    assert as_person(people[role]).get(QUEUE).status_code == 403


def test_it_costs_the_same_for_two_and_for_a_page(window: FeedbackWindow, people: Cast) -> None:
    """And two times as many as a page holds are on two pages."""
    client = as_person(people["moderator"])

    def cost() -> int:
        listed(client)
        with CaptureQueriesContext(connection) as found:
            listed(client)
        return len(found)

    made = [held(window, f"Text {number}.") for number in range(2)]
    few = cost()
    made += [held(window, f"Text {number}.") for number in range(2, undecided.PER_PAGE + 2)]
    assert cost() == few
    assert len(listed(client)) == undecided.PER_PAGE
    assert listed(client, "?page=2") == [made[-2].reference, made[-1].reference]


def test_a_decision_leads_back_into_the_queue_as_it_was_narrowed(window: FeedbackWindow, people: Cast) -> None:
    """By the page of the text, too; whoever came another way stays with the text."""
    first, second = held(window, "First."), held(window, "Second.")
    client = as_person(people["moderator"])
    query = f"?why=held&window={window.pk}&language=en"
    html = client.get(f"{QUEUE}{query}&other=1").content.decode()
    folded = html[html.index(FOLD) : html.index("</details>", html.index(FOLD))]
    assert 'name="why"' in folded
    assert "<bdi>English</bdi>" in folded
    way = next(one for one in re.findall(r'href="([^"]+)"', html) if f"/{first.pk}/change/" in one)
    sheet = client.get(way.replace("&amp;", "&")).content.decode()
    decide = next(one for one in re.findall(r'href="([^"]+)"', sheet) if f"/{first.pk}/decide/" in one)
    address = decide.replace("&amp;", "&")
    assert address.endswith(f"/decide/{query}&from=queue")
    answer = client.post(address, {**main_form(client, address), "action": "publish"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{QUEUE}{query}")
    assert "The decision is saved" in client.get(answer.headers["Location"]).content.decode()
    address = f"/en/admin/feedback/feedbackitem/{second.pk}/decide/?why=held"
    answer = client.post(address, {**main_form(client, address), "action": "publish"})
    assert answer.headers["Location"] == f"/en/admin/feedback/feedbackitem/{second.pk}/change/"
