"""What allauth limits is answered with a page of the portal, and with the seconds to wait."""

import re

import pytest
from allauth.account import app_settings
from allauth.core.internal.ratelimit import parse_rates
from django.core.cache import cache

from taskforce.accounts.services import create_account
from taskforce.accounts.views import WAIT
from taskforce.core.clock import app_now
from tests.clients import Client

# This one shows in a form, with its own words (`too_many_passwords`); the phone's is not used.
_OTHERWISE = {"login_failed", "verify_phone"}


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ar"])
def test_too_often_says_what_to_do_and_when(client: Client, language: str) -> None:
    cache.clear()
    client.force_login(create_account("ann@example.org", at=app_now(), name="Ann"))
    answers = [client.post(f"/{language}/accounts/email/", {"action_add": "", "email": "no"}) for _ in range(11)]
    answer = answers[-1]
    assert [one.status_code for one in answers] == [200] * 10 + [429]
    assert answer.headers["Retry-After"] == str(WAIT)
    assert answer.headers["Cache-Control"] == "private, no-store"
    html = answer.content.decode()
    assert re.search(rf'<html lang="{language}"', html)
    assert html.count("<h1") == 1
    assert "pt-header" in html


def test_nothing_is_counted_for_longer() -> None:
    longest = max(
        rate.duration
        for action, rates in app_settings.RATE_LIMITS.items()
        if action not in _OTHERWISE
        for rate in parse_rates(rates)
    )
    assert longest <= WAIT


@pytest.mark.long
@pytest.mark.django_db
def test_a_second_click_is_answered_as_the_first() -> None:
    """From any address, for whoever has an account and whoever has none: nobody is told to wait."""
    cache.clear()
    create_account("ann@example.org", at=app_now(), name="Ann")
    answers = [
        Client().post("/en/accounts/signup/", {"email": mailbox}, headers={"x-forwarded-for": address})
        for mailbox in ("new@example.org", "ann@example.org")
        for address in ("198.51.100.1", "198.51.100.1", "198.51.100.2")
    ]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/en/accounts/confirm-email/")
    }
