"""Followers on the staff side: who sees how many, who sees whom, and a list that is pasted."""

import re
from typing import Any

import pytest

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.core.clock import app_now
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services
from taskforce.timeline.models import Subscription, TaskForce
from tests.clients import Client

pytestmark = pytest.mark.django_db
LIST, ADD = "/en/admin/timeline/subscription/", "/en/admin/timeline/subscription/add/"


@pytest.fixture
def followers(tf: TaskForce) -> None:
    """Two in Arabic and one in French, one of them waiting."""
    for name, language in (("ann", "ar"), ("bob", "ar"), ("cy", "fr")):
        services.follow(tf, mailbox=f"{name}@example.org", topics=["deadlines"], language=language, at=app_now())
    Subscription.objects.filter(mailbox="cy@example.org").update(confirmed_at=None)


def page(client: Client, who: User, address: str = LIST) -> str:
    client.force_login(who)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("name", "sees"), [("coordinator", True), ("deputy", True), ("admin", True), ("observer", False)]
)
def test_addresses_are_for_those_who_keep_them(
    client: Client, followers: None, people: dict[str, User], name: str, *, sees: bool
) -> None:
    html = page(client, people[name])
    assert ("ann@example.org" in html) is sees
    assert "cy@example.org" not in html
    assert (ADD in html) is sees
    row = Subscription.objects.get(mailbox="ann@example.org")
    assert ("ann@example.org" in page(client, people[name], f"{LIST}{row.pk}/change/")) is sees
    # Not by asking for it letter by letter either.
    for query in ("mailbox__startswith=a", "mailbox=ann@example.org", "q=ann"):
        assert "ann@example.org" not in page_or_refusal(client, f"{LIST}?{query}") or sees
    assert 'class="pt-tally' not in html or "العربية" in html


def page_or_refusal(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code < 500
    return str(answer.content.decode())


def test_of_another_task_force_nothing_is_there(client: Client, followers: None, people: dict[str, User]) -> None:
    other = services.create_task_force("other", {"en": "Other"}, at=app_now())
    grant_role(people["member"], Role.COORDINATOR, at=app_now(), actor_id=None, task_force_id=other.pk)
    people["member"].refresh_from_db()
    html = page(client, people["member"])
    assert "ann@example.org" not in html
    row = Subscription.objects.get(mailbox="ann@example.org")
    assert client.get(f"{LIST}{row.pk}/change/").status_code == 404


@pytest.mark.long
def test_the_list_costs_the_same_for_many_as_for_few(
    client: Client, tf: TaskForce, people: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    counted = []
    page(client, people["coordinator"])
    for size in (3, 60):
        for number in range(Subscription.objects.count(), size):
            services.follow(tf, mailbox=f"a{number}@example.org", topics=["updates"], language="en", at=app_now())
        with django_assert_max_num_queries(60) as taken:
            assert page(client, people["coordinator"]).count("@example.org") == size
        counted.append(len(taken))
    assert counted[0] == counted[1]


def fields(tf: TaskForce, **changes: Any) -> dict[str, Any]:
    values = {
        "task_force": tf.pk,
        "topics": ["deadlines"],
        "language": "en",
        "how": "ask",
        "where": "",
        "addresses": "ann@example.org\nnobody\nbob@example.org, ar\nann@example.org",
    }
    return {**values, **changes}


def test_a_pasted_list_and_its_report(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    page(client, people["coordinator"], ADD)
    html = client.post(ADD, fields(tf)).content.decode()
    assert OutboxMessage.objects.count() == 2
    assert '<td data-label="Line">2</td>' in html
    assert "The same address as in line 1." in html
    # What was no address stands in the form again, to be mended.
    assert ">\nnobody</textarea>" in html
    assert dict(OutboxMessage.objects.values_list("mailbox", "language")) == {
        "ann@example.org": "en",
        "bob@example.org": "ar",
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"how": "agreed"}, "Say where and when"),
        ({"topics": []}, "required"),
        ({"task_force": "999999"}, "valid choice"),
        ({"addresses": "\n".join(["a@example.org"] * 10_001)}, "at most 10000"),
        ({"addresses": " \n "}, "no address"),
    ],
)
def test_what_was_typed_is_not_lost(
    client: Client, tf: TaskForce, people: dict[str, User], changes: dict[str, Any], said: str
) -> None:
    client.force_login(people["coordinator"])
    sent = fields(tf, **changes)
    html = client.post(ADD, sent).content.decode()
    assert said in html
    assert sent["addresses"].strip() in html
    assert not Subscription.objects.exists()


def test_what_has_ended_is_not_offered(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    other = services.create_task_force("other", {"en": "Other task force"}, at=app_now())
    both = people["coordinator"]
    grant_role(both, Role.COORDINATOR, at=app_now(), actor_id=None, task_force_id=other.pk)
    offered = f'<option value="{tf.pk}"'
    assert offered in page(client, both, ADD)
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    shown = page(client, both, ADD)
    assert (offered in shown, f'<option value="{other.pk}"' in shown) == (False, True)
    # A form from before has its reason, and what was typed.
    late = client.post(ADD, fields(tf))
    assert late.status_code == 403
    assert "it cannot be followed any more" in late.content.decode()
    assert "ann@example.org" in late.content.decode()
    client.force_login(people["deputy"])
    none = client.get(ADD)
    assert (none.status_code, "it cannot be followed any more" in none.content.decode()) == (403, True)


def test_a_task_force_that_is_not_ones_own_cannot_be_chosen(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    other = services.create_task_force("other", {"en": "Other"}, at=app_now())
    client.force_login(people["coordinator"])
    assert client.post(ADD, fields(tf, task_force=other.pk)).status_code == 200
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("name", ["observer", "reviewer1", "moderator", "privacy"])
def test_nobody_else_gets_to_the_page(client: Client, tf: TaskForce, people: dict[str, User], name: str) -> None:
    client.force_login(people[name])
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, fields(tf)).status_code == 403
    assert not Subscription.objects.exists()


def test_the_report_names_the_lines_of_those_who_have_left(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    services.leave(Leave("bob@example.org", tf.pk, ""), at=app_now())
    client.force_login(people["coordinator"])
    html = client.post(ADD, fields(tf)).content.decode()
    start = html.index("Have left; not added and not asked</h2>")
    row = re.sub(r"<[^>]+>", " ", html[html.index("<td", start) : html.index("</table>", start)]).split()
    assert row[:2] == ["3", "bob@example.org"]
    assert "Has left on" in html
    assert OutboxMessage.objects.get().mailbox == "ann@example.org"
