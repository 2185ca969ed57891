"""Whoever reads the tables of sessions and of the cache, or a backup of them, reads no code, no address and no form."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.core.cache import cache
from pytest_django import Settings

from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.accounts.sessions import SessionStore
from taskforce.notifications.models import OutboxMessage
from taskforce.portal.demo import clock
from tests.architecture.walk import World
from tests.clients import Client
from tests.privacy import keyspace

pytestmark = pytest.mark.django_db
LOGIN, CODE, SIGN_UP = "/en/accounts/login/", "/en/accounts/login/code/", "/en/accounts/signup/"
STRANGER, MEMBER, NEW = "stranger@seal.example", "member@demo.example", "new@seal.example"
VISITOR, TYPED = "198.51.100.77", "words-that-wait-for-the-sign-in"


@pytest.fixture
def steps(world: World, settings: Settings) -> Iterator[list[str]]:
    """What people without a session do, each step leaving something behind; returns what must not be read."""
    settings.TRUSTED_PROXIES = 1
    cache.clear()
    clock.set_to(datetime(2022, 3, 20, 12, tzinfo=UTC), back=True)
    earlier = list(OutboxMessage.objects.values_list("pk", flat=True))
    for address, fields in (
        (CODE, {"email": STRANGER}),
        (CODE, {"email": MEMBER}),
        (LOGIN, {"login": MEMBER, "password": "wrong"}),
        (SIGN_UP, {"email": NEW, "password1": "a long secret of 22", "password2": "a long secret of 22"}),
    ):
        assert _visitor().post(address, fields).status_code in (200, 302)
    mails = OutboxMessage.objects.exclude(pk__in=earlier)
    codes = [str(mail.context["code"]) for mail in mails if "code" in mail.context]
    assert len(codes) == 2
    _apply(_visitor())
    yield [STRANGER, MEMBER, NEW, VISITOR, TYPED, *codes]
    cache.clear()


def _visitor() -> Client:
    return Client(headers={"X-Forwarded-For": VISITOR})


def _apply(client: Client) -> None:
    """Send an application form whose sign-in has expired."""
    call = Call.objects.get(published_at__isnull=False)
    page = f"/en/tf/{call.phase.task_force.slug}/join/application/"
    question = call.questions.questions.order_by("position").first()
    assert question is not None
    client.post(page, {"name": TYPED, f"q-{question.pk}": TYPED})


def readable(text: str, words: list[str]) -> list[str]:
    """The words that stand in a text, with or without their marks."""
    plain = re.sub(r"[-\s]", "", text.lower())
    return [word for word in words if re.sub(r"[-\s]", "", word.lower()) in plain]


def test_nothing_of_it_can_be_read(steps: list[str]) -> None:
    assert readable(keyspace.machinery(), steps) == []


def test_the_portal_reads_all_of_it(steps: list[str]) -> None:
    """It is there, and only sealed: the search above would find it."""
    assert set(steps) - set(readable(keyspace.sessions(), steps)) == {VISITOR}


def test_unsealed_it_would_be_found(steps: list[str], settings: Settings) -> None:
    """The twin: Django's own sessions, and names of the cache as allauth gives them."""
    for row in Session.objects.all():
        Session.objects.filter(pk=row.pk).update(
            session_data=db.SessionStore().encode(SessionStore().decode(row.session_data))
        )
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_FUNCTION": None}}
    _visitor().post(LOGIN, {"login": MEMBER, "password": "wrong"})
    assert readable(keyspace.machinery(), steps) == steps


# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_is_read_under_a_former_key_and_nothing_without_it(settings: Settings) -> None:
    sealed = SessionStore().encode({"mailbox": STRANGER})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    assert SessionStore().decode(sealed) == {"mailbox": STRANGER}
    settings.SECRET_KEY_FALLBACKS = []
    assert SessionStore().decode(sealed) == {}


@pytest.mark.parametrize("damage", ["", "x", "gAAAA", "é"])
def test_a_damaged_session_is_none(damage: str) -> None:
    assert SessionStore().decode(damage) == {}


def test_who_signed_in_before_sessions_were_sealed_stays_signed_in(world: World) -> None:
    client = Client()
    client.force_login(User.objects.get(email=MEMBER))
    row: Any = Session.objects.get(pk=client.session.session_key)
    data = SessionStore().decode(row.session_data)
    Session.objects.filter(pk=row.pk).update(session_data=db.SessionStore().encode(data))
    assert client.get("/en/accounts/email/").status_code == 200
