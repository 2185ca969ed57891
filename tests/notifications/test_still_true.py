"""A mailing that is no longer true when its turn comes reaches nobody."""

from dataclasses import replace

import pytest

from taskforce.notifications import expansion, kinds, services
from taskforce.notifications.enums import MailingState
from taskforce.notifications.models import Mailing
from tests.notifications.conftest import AT, AUDIENCE, NEWS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("is_true", "mails", "state"), [(True, 1, "expanded"), (False, 0, "expired")])
def test_a_kind_is_asked_before_anybody_gets_it(
    monkeypatch: pytest.MonkeyPatch, *, is_true: bool, mails: int, state: str
) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    asked = []

    def still_true(params: kinds.Params) -> bool:
        asked.append(params)
        return is_true

    monkeypatch.setitem(kinds._kinds, NEWS.name, replace(NEWS, still_true=still_true))
    services.publish_mailing(NEWS.name, key="news:1", params={"name": "All"}, at=AT)
    assert expansion.expand_due() == mails
    assert Mailing.objects.get().state == MailingState(state)
    assert asked == [{"name": "All"}]
