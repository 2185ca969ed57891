"""Two people at the same moment: with one address, and with one account of the wiki."""

import pytest
from allauth.socialaccount.models import SocialAccount

from taskforce.accounts import social
from taskforce.accounts.models import User
from taskforce.accounts.services import Connected, connect_wikimedia, create_account
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from tests.accounts.oauth_server import Wiki
from tests.accounts.wikimedia import SIGN_UP, come_back
from tests.clients import Client
from tests.timeline.conftest import Run


@pytest.mark.django_db
def test_who_was_a_moment_faster_with_the_address_has_an_account(
    client: Client, wiki: Wiki, no_limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look whether the address is free and the row that takes it."""
    come_back(client)
    assert client.get(SIGN_UP).status_code == 200

    def taken_meanwhile() -> str:
        if not User.objects.exists():
            create_account("new@example.org", at=app_now(), name="Faster")
        return "en"

    monkeypatch.setattr(social, "get_language", taken_meanwhile)
    answer = client.post(SIGN_UP, {"email": "new@example.org"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/accounts/confirm-email/")
    assert (User.objects.get().name, SocialAccount.objects.count()) == ("Faster", 0)
    assert OutboxMessage.objects.latest("pk").kind == "account-connect"


def test_two_people_who_connect_one_account(aside: Run) -> None:
    """One of them gets it, the other is told; nobody waits for ever, and nothing fails."""
    people = [create_account(f"p{number}@example.org", at=app_now()) for number in range(4)]
    asked = [aside(connect_wikimedia, one.pk, "4711", "Wiki Ann", at=app_now()) for one in people]
    outcomes = [one.result(timeout=20) for one in asked]
    assert (outcomes.count(Connected.NOW), outcomes.count(Connected.ELSEWHERE)) == (1, 3)
    assert SocialAccount.objects.count() == 1
