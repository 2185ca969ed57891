"""Reading changes nothing, whoever follows whatever link; and nothing is changed by a form of another site.

`make test` reads each address as one of those who may, by turns; `FUZZ=all` as everybody.
"""

import html
import os
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.notifications import composing, kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import asking, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import TaskForce
from tests.architecture.demo_urls import urlpatterns as demo_urlpatterns
from tests.architecture.routes import all_routes, is_stock
from tests.architecture.table import OUTSIDE, TABLE
from tests.architecture.walk import World, stock_addresses
from tests.clients import Client
from tests.security.protection import problems
from tests.security.state import changes, state

WHOLE = os.environ.get("FUZZ") == "all"
READERS = ("anonymous", "member", "coordinator", "applicant", "reviewer1", "admin")
# The one address that takes a POST without a token: the click of a mail program (RFC 8058).
WITHOUT_TOKEN = {"unsubscribe"}
HERE = "tests.security.test_safe_methods"

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    """A browser, signed in unless anonymous, that has to send CSRF tokens and shows errors as a status."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    if role != "anonymous":
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
    return client


def readers_of(name: str, number: int) -> Iterable[str]:
    """Who reads an address: by turns those who get a page."""
    if WHOLE:
        return READERS
    row = TABLE.get(name)
    may = [role for role in READERS if (row.expected(role) == 200 if row else not name.startswith("admin:"))]
    may = may or [role for role in READERS if role not in OUTSIDE]
    return (may[number % len(may)],)


def addresses(world: World) -> Iterator[tuple[str, str, str]]:
    """(name, role, address) for every route of the URLconf."""
    for number, route in enumerate(all_routes(demo_urlpatterns)):
        for role in readers_of(route.name, number):
            if is_stock(route):
                yield from ((route.name, role, address) for address in stock_addresses(route, role, world))
            else:
                place = TABLE[route.name].path.format(**world)
                yield route.name, role, place if place.startswith("/") else f"/en/{place}"


def read(clients: dict[str, Client], role: str, address: str) -> list[str]:
    """Read it, the page and only its head (in the daily run by turns), and say what is wrong with the answers."""
    client = clients[role]
    ways = [client.get, client.head]
    answers = [way(address) for way in (ways if WHOLE or "admin" not in address else ways[len(address) % 2 :][:1])]
    failed = [f"{role} {address}: {answer.status_code}" for answer in answers if answer.status_code >= 500]
    return failed + [f"{role} {address}: {found}" for answer in answers for found in problems(answer.headers)]


def changing(readings: list[tuple[str, str]], clients: dict[str, Client]) -> list[str]:
    """The readings (role, address) after which the database is not as it was; looked for only if any did."""
    before, wrong = state(), []
    for role, address in readings:
        wrong += read(clients, role, address)
    if not changes(before):
        return wrong
    for role, address in readings:
        before = state()
        read(clients, role, address)
        wrong += [f"{role} {address} changes {what}" for what in changes(before)]
    return [*wrong, "reading changed something, once"]


def signed_in() -> dict[str, Client]:
    """One browser for each reader, before anything is compared: signing in is no reading."""
    cache.clear()
    return {role: client_of(role) for role in READERS}


@pytest.mark.long
def test_reading_any_address_changes_nothing(world: World) -> None:
    readings = [(role, address) for _, role, address in addresses(world)]
    assert len(readings) > 150
    assert changing(readings, signed_in()) == []


# --- links in mails ------------------------------------------------------------------------------------------------


def links_of_samples() -> Iterator[str]:
    """The links of each kind of mail, as staff see its text."""
    for kind in kinds.all_kinds():
        rendered = rendering.render(kind, kinds.sample_of(kind, "en"), "en", "UTC")
        yield from links_in(rendered)


def links_in(rendered: rendering.Rendered) -> list[str]:
    """The addresses of the portal in both parts of a mail."""
    parts = (rendered.text, html.unescape(rendered.html))
    return [link for part in parts for link in re.findall(rf"{re.escape(settings.SITE_URL)}[^\s<>\"')\]]*", part)]


def links_of_mails() -> Iterator[str]:
    """The links of mails that are in the outbox, with the ways out that only their headers and footers name."""
    seen: set[str] = set()
    for message in OutboxMessage.objects.exclude(context={}).order_by("id"):
        if message.kind in seen:
            continue
        seen.add(message.kind)
        ways = composing.ways_of(message)
        rendered = rendering.render(kinds.get(message.kind), message.context, message.language, message.zone)
        yield from (ways.leave, ways.preferences, *links_in(rendered))


def test_links_of_both_parts_of_a_mail_are_followed() -> None:
    site = settings.SITE_URL
    both = rendering.Rendered("", f"See {site}/en/a/.", f'<a href="{site}/en/b/?c=d&amp;e=f">here</a>')
    assert links_in(both) == [f"{site}/en/a/.", f"{site}/en/b/?c=d&e=f"]


def ask_for_mails() -> None:
    """What people cause that no scenario has: every form that sends a link or a code."""
    task_force, secret = TaskForce.objects.get(), "a long enough secret"
    passwords = {"password1": secret, "password2": secret}
    new = Ask("new@example.org", task_force.pk, ("deadlines",), "immediate", "en", "UTC")
    services.ask_to_follow(new, sender=None, at=app_now())
    known = new._replace(mailbox="member@demo.example")
    services.ask_to_follow(known, sender=None, at=app_now())
    for address, email in (("login/code", "member"), ("login/code", "nobody"), ("password/reset", "applicant")):
        Client().post(f"/en/accounts/{address}/", {"email": f"{email}@demo.example"})
    for email in ("member@demo.example", "other@example.org"):
        Client().post("/en/accounts/signup/", {"email": email, **passwords})


def test_following_every_link_of_every_mail_changes_nothing(world: World) -> None:
    """Programs that look through mails open them all, before and after their reader."""
    cache.clear()
    ask_for_mails()
    sent = set(links_of_mails())
    parts = ("/confirm/", "/manage/", "/unsubscribe/", "/reset/key/")
    assert [part for part in parts if not any(part in link for link in sent)] == []
    links = {*sent, *links_of_samples()}
    followed = sorted({urlsplit(link)._replace(scheme="", netloc="").geturl() or "/" for link in links})
    clients = signed_in()
    readings = [(role, link) for link in followed for role in ("anonymous", *(["member"] if WHOLE else []))]
    assert changing(readings, clients) == []


def test_a_confirmation_waits_for_its_button(world: World) -> None:
    """The counterpart: what the links lead to does change something, once somebody presses."""
    ask = Ask("new@example.org", TaskForce.objects.get().pk, ("deadlines",), "immediate", "en", "UTC")
    services.ask_to_follow(ask, sender=None, at=app_now())
    before = state()
    Client().post(f"/en/subscriptions/confirm/{asking.token(ask)}/")
    assert any(change.startswith("timeline_subscription") for change in changes(before))


# --- what must be seen ---------------------------------------------------------------------------------------------


def renames(_request: HttpRequest) -> HttpResponse:
    """A page that changes something when it is read."""
    TaskForce.objects.update(name_en="Renamed by a look")
    return HttpResponse()


urlpatterns = [path("renames/", renames), *demo_urlpatterns]


@pytest.mark.long
def test_a_page_that_changes_something_would_be_seen(world: World) -> None:
    with override_settings(ROOT_URLCONF=HERE):
        found = changing([("anonymous", "/renames/")], signed_in())
    assert any("timeline_taskforce" in change or "once" in change for change in found)


# --- forms of other sites ------------------------------------------------------------------------------------------


def test_what_is_posted_without_a_token_is_refused_everywhere(world: World) -> None:
    clients = signed_in()
    before, taken = state(), {}
    for number, (name, _, address) in enumerate(addresses(world)):
        for role in READERS if WHOLE else (("anonymous", "coordinator")[number % 2],):
            status = clients[role].post(address, {"action": "x", "email": "a@example.org"}).status_code
            if status not in (403, 404, 405) and name not in WITHOUT_TOKEN:
                taken[f"{role} {address}"] = status
    assert taken == {}
    # What the one address does that takes it: somebody has left.
    left = ("timeline_departure", "timeline_subscription", "audit_entry", "notifications_")
    assert [change for change in changes(before) if not change.startswith(left)] == []
