"""What every page of the staff side has in common, on the pages of several apps."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.models import User
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.staff import sentence, title_text
from taskforce.timeline.models import Phase
from tests.clients import Client

pytestmark = pytest.mark.django_db


def page_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def test_a_list_is_called_by_what_it_lists(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    page = page_of(client, "/en/admin/timeline/phase/")
    assert "<h1>Phases</h1>" in page
    assert re.search(r"\b4 rows\b", page)


def test_the_search_has_a_label_that_is_seen(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    page = page_of(client, "/zh-hant/admin/notifications/outboxmessage/")
    label = re.search(r'<label for="searchbar">([^<]+)</label>', page)
    assert label
    assert label[1] != "Search"
    assert 'alt="Search"' not in page


def test_a_search_of_many_words_is_done_for_the_first(client: Client, people: dict[str, User]) -> None:
    """Each is a condition of its own: two thousand took the database eleven seconds."""
    client.force_login(people["coordinator"])
    list_page = "/en/admin/notifications/outboxmessage/"
    with CaptureQueriesContext(connection) as captured:
        page = page_of(client, f"{list_page}?q={'+'.join(['a'] * 1900)}")
    assert "A search looks for 10 words at most" in page
    # One more finds a mail that is not shown to whom by its Message-ID.
    assert max(query["sql"].count(" LIKE ") for query in captured) == 2 * 10 + 1
    assert "words at most" not in page_of(client, f"{list_page}?q=one+two")


OURS = sorted(
    (model for model, shown in admin.site._registry.items() if isinstance(shown, ReadOnlyAdmin)),
    key=lambda model: model._meta.label,
)


@pytest.mark.parametrize("model", OURS)
def test_no_page_leads_to_an_empty_history(client: Client, people: dict[str, User], model: type[Model]) -> None:
    client.force_login(people["admin"])
    label = model._meta.label_lower.replace(".", "/")
    assert client.get(f"/en/admin/{label}/1/history/").status_code == 404
    if model is Phase:
        assert "/history/" not in page_of(client, f"/en/admin/{label}/{Phase.objects.all()[0].pk}/change/")


class Plain(ReadOnlyAdmin):
    """A page that shows stored fields and nothing else."""

    fields = ("task_force", "opens_at", "text", "slug", "capabilities")


def lines(user: User, phase: Phase) -> dict[str, Any]:
    """What the page shows of a phase to somebody, by field."""
    request = RequestFactory().get("/")
    request.user = user
    return {column.__name__: column(phase) for column in Plain(Phase, admin.site).get_fields(request, phase)}


def test_a_related_row_is_a_link_only_for_those_who_may_open_it(
    people: dict[str, User], phase: Callable[[str], Phase]
) -> None:
    found = phase("feedback")
    link = f'<a href="/en/admin/timeline/taskforce/{found.task_force_id}/change/"><bdi>Leadership development</bdi></a>'
    for name in ("coordinator", "observer"):
        assert lines(people[name], found)["task_force"] == link
    assert lines(people["moderator"], found)["task_force"] == "<bdi>Leadership development</bdi>"


def test_a_stored_value_shows_by_its_kind(people: dict[str, User], phase: Callable[[str], Phase]) -> None:
    shown = lines(people["coordinator"], phase("feedback"))
    assert shown["opens_at"] == '<time datetime="2022-02-01T12:00:00Z">1 February 2022, 12:00 UTC</time>'
    assert shown["text"] == "–"
    assert shown["slug"] == "<bdi>feedback</bdi>"


def test_a_name_in_another_language_is_marked_and_set_apart(
    client: Client, people: dict[str, User], phase: Callable[[str], Phase]
) -> None:
    client.force_login(people["coordinator"])
    found = phase("feedback")
    page = page_of(client, f"/ar/admin/timeline/phase/{found.pk}/change/")
    name = '<bdi><span lang="en" dir="ltr">Feedback on the proposal</span></bdi>'
    assert f"<h1>{name}</h1>" in page
    assert f"› \n  {name}\n" in page.replace("›\n", "› \n"), "not in the crumbs"
    title = re.search(r"<title>(.*?)</title>", page)
    assert title
    assert title[1].startswith("Feedback on the proposal · ")


def test_a_sentence_sets_its_values_apart_and_escapes_them() -> None:
    made = sentence("%(count)s of %(name)s", count=3, name="<b>&")
    assert made == "<bdi>3</bdi> of <bdi>&lt;b&gt;&amp;</bdi>"
    assert title_text(made) == "3 of <b>&"
    assert title_text("<b>&") == "<b>&"


def test_the_first_page_shows_no_list_of_acts_that_is_always_empty(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    assert "recent-actions" not in page_of(client, "/en/admin/")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("coordinator", "Phases"),
        ("deputy", "Phases"),
        ("reviewer1", "Candidates"),
        ("moderator", "[^<]*[Ff]eedback[^<]*"),
        ("privacy", "Requests for deletion"),
        ("observer", "Phases"),
        ("admin", "Phases"),
    ],
)
def test_the_first_page_has_something_for_every_role(
    client: Client, people: dict[str, User], name: str, words: str
) -> None:
    client.force_login(people[name])
    page = page_of(client, "/en/admin/")
    assert re.search(rf'<th scope="row"[^>]*>\s*<a [^>]*>{words}</a>', page)
    assert "have permission" not in page


@pytest.mark.parametrize(("query", "status"), [("", 200), ("_to_field=", 200), ("_to_field=title_en", 400)])
def test_a_row_is_found_by_its_key_only(client: Client, people: dict[str, User], query: str, status: int) -> None:
    client.force_login(people["coordinator"])
    page_of(client, f"/en/admin/timeline/phase/{Phase.objects.all()[0].pk}/change/?{query}", status)
