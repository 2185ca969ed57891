"""The page that asks for a proof says what it is for, at every place that asks; whoever changes their mind is back
where they were, with all that they had typed, and nothing is done.
"""

import ast
import html
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.cache import cache
from django.utils import translation

from taskforce.accounts import fresh, links
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import Invitation, User
from tests.accounts.entering import BASE
from tests.accounts.oauth_server import Wiki
from tests.architecture.conftest import world as world
from tests.architecture.reading import calls, nodes, parsed, sources, uses
from tests.architecture.walk import World
from tests.clients import Client, note_sign_in
from tests.security.state import changes, state

pytestmark = pytest.mark.django_db
STALE = fresh.WITHIN.total_seconds() + 1
ASKING, MODULE = {"require", "ask"}, "taskforce.accounts.fresh"
TYPED = "Three words, “quoted” & <kept>\r\nand a line of ٣ more"


# --- in the sources --------------------------------------------------------------------------------------------------


def without_purpose(path: str, text: str) -> list[str]:
    """Where a proof is asked for without one of the purposes, as itself or as an argument that can be nothing else."""
    tree, found = parsed(text), []
    known = {
        argument.arg
        for node in nodes(tree)
        if isinstance(node, ast.FunctionDef)
        for argument in node.args.args
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "Purpose"
    }
    for node, name in calls(tree):
        if name in {f"{MODULE}.{each}" for each in ASKING}:
            given = ast.unparse(node.args[1]) if len(node.args) > 1 else "nothing"
            is_one = given.removeprefix("Purpose.") in Purpose.__members__ or given in known | _OF_A_TABLE
            found += [] if is_one else [f"{path}:{node.lineno} asks for {given}"]
    return found


# Looked up in a table of purposes of the same module.
_OF_A_TABLE = {"purposes[0]"}


def test_each_place_that_asks_names_its_purpose() -> None:
    asking = [path for path, text in sources() for _node, name in calls(parsed(text)) if name == f"{MODULE}.require"]
    assert len(asking) > 10
    assert [one for path, text in sources() for one in without_purpose(path, text)] == []


def test_each_purpose_is_that_of_some_place() -> None:
    named = {
        name.rsplit(".", 1)[-1]
        for path, text in sources()
        if path != "taskforce/accounts/enums.py"
        for _line, name in uses(parsed(text))
        if name.startswith("taskforce.accounts.enums.Purpose.") and name != "taskforce.accounts.enums.Purpose.values"
    }
    assert named == set(Purpose.__members__)


@pytest.mark.parametrize("call", ["require(request)", "ask(request)", "require(request, 'give-role')", "ask(r, words)"])
def test_a_place_that_names_none_is_found(call: str) -> None:
    """The twin."""
    assert without_purpose("x.py", f"from taskforce.accounts import fresh\ndef view(r, words: str):\n fresh.{call}")


def test_the_sentences_differ() -> None:
    assert len({str(one.label) for one in Purpose}) == len(Purpose)


# --- on the pages ----------------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """Who sends what where, "*" being what was typed; `shown`: what the page shows of it once it is given back.

    Without fields a page is only asked for.
    """

    role: str
    path: str
    fields: dict[str, str] | None
    shown: str = ""


_ADMIN = "/en/admin/"
_INVITATION = f"{_ADMIN}accounts/invitation/{{invitation}}/"
_GIVEN = {"address": "typed@example.org", "role": "observer", "place": "{tf}", "language": "", "mail_language": "ar"}
PLACES = {
    Purpose.ADD_ADDRESS: Place(
        "member", f"{BASE}email/", {"action_add": "", "email": "typed@example.org"}, 'value="typed@example.org"'
    ),
    Purpose.MAIN_ADDRESS: Place("member", f"{BASE}email/", {"action_primary": "", "email": "member@demo.example"}),
    Purpose.REMOVE_ADDRESS: Place("member", f"{BASE}email/", {"action_remove": "", "email": "member@demo.example"}),
    Purpose.CONNECT: Place("member", f"{BASE}mediawiki/login/", {"process": "connect"}),
    Purpose.DISCONNECT: Place("member", f"{BASE}3rdparty/", {"account": "1"}),
    Purpose.TURN_ON: Place("member", f"{BASE}2fa/totp/activate/", None),
    Purpose.TURN_OFF: Place("coordinator", f"{BASE}2fa/totp/deactivate/", {}),
    Purpose.NEW_CODES: Place("coordinator", f"{BASE}2fa/recovery-codes/generate/", None),
    Purpose.SET_PASSWORD: Place("applicant", f"{BASE}password/set/", None),
    Purpose.TAKE_DATA: Place("member", f"{BASE}data/", {}),
    Purpose.ASK_FOR_DELETION: Place("applicant", f"{BASE}deletion/", {"reason": TYPED}, TYPED),
    Purpose.ANSWER_DELETION: Place(
        "privacy",
        f"{_ADMIN}accounts/deletionrequest/{{deletionrequest}}/answer/",
        {"action": "part", "answer": TYPED},
        TYPED,
    ),
    Purpose.GIVE_ROLE: Place("coordinator", f"{_ADMIN}accounts/rolegrant/give/", _GIVEN, "typed@example.org"),
    Purpose.ACCEPT_ROLE: Place("member", f"{BASE}invitation/{{mine}}/", {"answer": "yes"}),
    Purpose.TAKE_ROLE: Place("coordinator", f"{_ADMIN}accounts/rolegrant/{{moderating}}/take/", {}),
    Purpose.INVITE_AGAIN: Place("coordinator", f"{_INVITATION}again/", {}),
    Purpose.WITHDRAW: Place("coordinator", f"{_INVITATION}withdraw/", {}),
    Purpose.PUBLISH: Place("deputy", f"{_ADMIN}announcements/announcement/{{draft}}/publish/", {"confirmed": "x"}),
    Purpose.SEND: Place("deputy", f"{_ADMIN}timeline/bulletin/{{bulletin}}/change/", {"act": "send", "version": "1"}),
    Purpose.DECIDE: Place(
        "coordinator",
        f"{_ADMIN}timeline/phase/{{closed}}/decide/",
        {"outcome": "proceed", "reason-en": TYPED, "seen": "0", "confirmed": "on"},
        TYPED,
    ),
    Purpose.EXPORT_FEEDBACK: Place(
        "coordinator",
        f"{_ADMIN}feedback/feedbackwindow/{{feedbackwindow}}/export/",
        {"form": "csv", "reason": TYPED},
        TYPED,
    ),
    Purpose.SUMMARY: Place(
        "coordinator",
        f"{_ADMIN}feedback/feedbackwindow/{{feedbackwindow}}/summary/publish/",
        {"version": "1", "number": "1", "confirmed": "on"},
    ),
    Purpose.RELEASE: Place("coordinator", f"{_ADMIN}recruitment/call/{{call}}/release/", {"seen": "x"}),
    Purpose.STAFF_SIDE: Place("coordinator", _ADMIN, None),
}


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> Iterator[None]:
    """allauth counts in the cache."""
    cache.clear()
    yield
    cache.clear()


class Asked(NamedTuple):
    """Somebody who is asked who they are: their browser, where they were, and where they are asked."""

    client: Client
    address: str
    page: str


@pytest.fixture(params=Purpose, ids=lambda purpose: str(purpose.value))
def purpose(request: pytest.FixtureRequest) -> Purpose:
    """Each of them."""
    found: Purpose = request.param
    return found


@pytest.fixture
def asked(purpose: Purpose, world: World, wiki: Wiki) -> Asked:
    """What was sent a while after the last proof."""
    role, path, fields, _shown = PLACES[purpose]
    user, client = User.objects.get(email=f"{role}@demo.example"), Client()
    if purpose == Purpose.SET_PASSWORD:
        user.set_unusable_password()
        user.save()
    client.force_login(user)
    if purpose == Purpose.ACCEPT_ROLE:
        Invitation.objects.update(mailbox=user.email)
    address = path.format(**world, mine=links.token(Invitation.objects.get().pk, user.email))
    sent = {name: value.format(tf=world["taskforce"]) for name, value in (fields or {}).items()}
    if purpose in (Purpose.GIVE_ROLE, Purpose.ANSWER_DELETION):
        sent["previewed"] = client.post(address, sent).context["form"].seen
    if purpose == Purpose.DECIDE:
        sent["previewed"] = client.post(address, sent).context["preview"]["token"]
    has_passed = user.is_staff and purpose != Purpose.STAFF_SIDE
    note_sign_in(client, user, second_factor=has_passed, seconds_ago=STALE)
    answer = client.get(address, follow=True) if fields is None else client.post(address, sent, follow=True)
    return Asked(client, address, answer.redirect_chain[-1][0])


def html_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.long
def test_the_page_says_what_the_proof_is_for(asked: Asked, purpose: Purpose) -> None:
    """In the language in which it is read, not in the one in which the form was sent."""
    assert "/reauthenticate/" in asked.page
    for language in ("en", "ar"):
        page = html_of(asked.client.get(asked.page.replace("/en/", f"/{language}/", 1)))
        with translation.override(language):
            assert f'<p class="pt-lead">{purpose.label}</p>' in page
        assert page.count("pt-lead") == 1


def given_up(page: str) -> tuple[str, dict[str, str]]:
    """The form behind "Cancel": its address, and what it sends, as a browser reads it."""
    form = re.search(r'<form id="give-up" method="post" action="([^"]+)">(.*?)</form>', page, re.S)
    assert form is not None
    assert re.search(r'<button [^>]*form="give-up"[^>]*>Cancel<', page)
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[2])
    areas = re.findall(r'<textarea name="([\w-]+)" hidden>\n(.*?)</textarea>', form[2], re.S)
    return html.unescape(form[1]), {name: html.unescape(value) for name, value in [*inputs, *areas]}


@pytest.mark.long
def test_whoever_cancels_is_back_with_all_that_was_typed(asked: Asked, purpose: Purpose) -> None:
    before = state()
    page = html_of(asked.client.get(asked.page))
    fields, shown = PLACES[purpose].fields, PLACES[purpose].shown
    if fields is None or purpose in _SENT_AFTERWARDS:
        (address,) = re.findall(r'<a href="([^"]+)" [^>]*>Cancel<', page)
        # No page that would ask once more.
        assert asked.client.get(address).status_code == 200
        return
    address, sent = given_up(page)
    assert address == asked.address
    assert fields.keys() <= sent.keys()
    back = asked.client.post(address, sent, follow=True)
    found = html.unescape(html_of(back))
    assert shown.replace("\r\n", "\n") in found.replace("\r\n", "\n")
    assert ("The form is as you left it." in found) is (bool(shown) or purpose in _SHOWN_AS_SENT)
    assert "Nothing was done." in found
    assert changes(before) == []
    assert asked.client.session.get("waiting_for_proof") == {}


# Where the proof leads back to the form, which is sent then: nothing is kept.
_SENT_AFTERWARDS = {Purpose.TAKE_DATA}
# Where there is only something to tick, or nothing in this world.
_SHOWN_AS_SENT = {Purpose.PUBLISH, Purpose.SEND, Purpose.SUMMARY, Purpose.RELEASE}
