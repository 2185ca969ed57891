"""Several tabs in which a proof is asked for, and whoever changes their mind: a form is done, or given back, once."""

import re
from typing import Any

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY

from taskforce.accounts import waiting
from taskforce.accounts.enums import Purpose
from tests.accounts.entering import BASE, PASSWORD, hidden_at, somebody
from tests.accounts.test_fresh import BY_PASSWORD, GUARDED, TYPED, Done, asked, signed_in
from tests.accounts.test_fresh import done as done
from tests.clients import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_limits")]


def sentence(purpose: Purpose) -> str:
    """As the page says what the proof is for."""
    return f'<p class="pt-lead">{purpose.label}</p>'


def cancelled(client: Client, place: str, fields: dict[str, Any]) -> str:
    """What is shown to whoever presses "Cancel" there, having sent these fields."""
    hidden = hidden_at(place)
    answer = client.post(hidden["next"], {**fields, "given_up": hidden["kept"]})
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.long
def test_two_tabs_do_each_what_was_sent_in_it(done: Done) -> None:
    """To the same address, so that nothing but the mark tells them apart."""
    client = signed_in(somebody())
    first, second = (asked(client.post(GUARDED, {"text": text, text: "1"})) for text in ("mail", "role"))
    pages = [client.get(place).content.decode() for place in (first, second)]
    for page, own, other in zip(
        pages, (Purpose.SEND, Purpose.GIVE_ROLE), (Purpose.GIVE_ROLE, Purpose.SEND), strict=True
    ):
        assert sentence(own) in page
        assert sentence(other) not in page
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(first)})
    assert [one["text"] for one in done] == [["mail"]]
    assert sentence(Purpose.GIVE_ROLE) in client.get(second).content.decode()
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(second)})
    assert [one["text"] for one in done] == [["mail"], ["role"]]


def test_cancelling_in_one_tab_gives_the_other_nothing(done: Done) -> None:
    client = signed_in(somebody())
    first, second = (asked(client.post(GUARDED, {"text": text})) for text in ("mine", "yours"))
    assert "yours" not in client.get(first).content.decode()
    shown = cancelled(client, first, {"text": "mine"})
    assert "mine" in shown
    assert "yours" not in shown
    # There is nothing left in the first to do or to give back; the second still waits.
    page = client.get(first).content.decode()
    assert "pt-lead" not in page
    assert "give-up" not in page
    assert client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(first)}).headers["Location"] == GUARDED
    assert done == []
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(second)})
    assert [one["text"] for one in done] == [["yours"]]


@pytest.mark.long
def test_what_is_cancelled_is_not_done_though_a_proof_has_come_meanwhile(done: Done) -> None:
    client = signed_in(somebody())
    first, second = (asked(client.post(GUARDED, {"text": text})) for text in ("mine", "yours"))
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(second)})
    assert "mine" in cancelled(client, first, {"text": "mine"})
    assert [one["text"] for one in done] == [["yours"]]


def said(client: Client) -> list[str]:
    """What the next page says above all."""
    page = client.get(f"{BASE}email/").content.decode()
    return re.findall(r'<div class="cdx-message__content"><p>(.*?)</p>', page)


@pytest.mark.long
def test_nobody_is_told_that_nothing_was_done_where_it_may_have_been(done: Done) -> None:
    """A form that was done already, or given up before, comes back with another word."""
    client = signed_in(somebody())
    place = asked(client.post(GUARDED, {"text": "mine"}))
    cancelled(client, place, {"text": "mine"})
    assert said(client) == ["Nothing was done. The form is as you left it."]
    place = asked(client.post(GUARDED, {"text": "mine"}))
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    cancelled(client, place, {"text": "mine"})
    assert said(client) == [
        "The form is as you left it. What you sent may have been done already: look before you send it again."
    ]
    assert len(done) == 1


@pytest.mark.long
def test_the_page_in_another_language_knows_it_too(done: Done) -> None:
    """Also where it has something to say about what was typed."""
    client = signed_in(somebody())
    hidden = hidden_at(asked(client.post(GUARDED, TYPED)))
    wrong = client.post(BY_PASSWORD, {"password": "wrong", **hidden}).content.decode()
    (other,) = re.findall(r'<a href="([^"]+)" lang="ar"', wrong)
    page = client.get(other.replace("&amp;", "&")).content.decode()
    assert '<p class="pt-lead">' in page
    assert f'name="kept" value="{hidden["kept"]}"' in page


@pytest.mark.long
def test_so_many_tabs_are_kept_and_the_oldest_is_only_led_on(done: Done) -> None:
    client = signed_in(somebody())
    places = [asked(client.post(GUARDED, {"text": str(number)})) for number in range(waiting.MOST + 1)]
    # A page that is only read is kept once, and costs no form its place.
    asked(client.get(f"{GUARDED}?file=1"))
    asked(client.get(f"{GUARDED}?file=1"))
    kept = client.session["waiting_for_proof"]
    assert len(kept) == waiting.MOST + 1
    assert "pt-lead" not in client.get(places[0]).content.decode()
    for place in places:
        client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    assert [one["text"] for one in done] == [[str(number)] for number in range(1, waiting.MOST + 1)]


@pytest.mark.long
def test_a_password_is_never_kept(done: Done) -> None:
    client = signed_in(somebody())
    place = asked(client.post(GUARDED, {"text": "mine", "new_password": "quite a secret", "code": "123456"}))
    assert "quite+a+secret" not in str(dict(client.session))
    page = client.get(place).content.decode()
    assert ("mine" in page, "secret" in page, "123456" in page) == (True, False, False)
    client.post(BY_PASSWORD, {"password": PASSWORD, **hidden_at(place)})
    assert done == [{"text": ["mine"], "code": ["123456"]}]


@pytest.mark.long
def test_what_an_older_session_keeps_is_still_done(done: Done) -> None:
    """It has no mark and no purpose: the page says what it said."""
    client = signed_in(somebody())
    mark = hidden_at(asked(client.post(GUARDED, TYPED)))["kept"]
    session = client.session
    session[STATE_SESSION_KEY] = {"request": session.pop("waiting_for_proof")[mark]["posted"]}
    session.save()
    page = client.get(f"{BY_PASSWORD}?next={GUARDED}").content.decode()
    assert "What you have sent is kept, and is done afterwards." in page
    assert "pt-lead" not in page
    client.post(BY_PASSWORD, {"password": PASSWORD, "next": GUARDED})
    client.post(BY_PASSWORD, {"password": PASSWORD, "next": GUARDED})
    assert len(done) == 1
