"""`manage.py remove_second_factor`: for whoever has lost app and recovery codes."""

import pytest
from django.core.management import CommandError, call_command

from taskforce.accounts import second_factor
from taskforce.audit.models import Entry
from taskforce.notifications.models import OutboxMessage
from tests.accounts.entering import somebody
from tests.conftest import Clock


def test_it_is_off_told_and_in_the_log(clock: Clock) -> None:
    user = somebody(app=True)
    call_command("remove_second_factor", "ANN@example.org")
    assert not second_factor.has(user)
    assert OutboxMessage.objects.get().kind == "account-factor-off"
    assert Entry.objects.get(action="second-factor.removed", target_id=user.pk).actor_id is None


@pytest.mark.parametrize(("address", "said"), [("bo@example.org", "No account"), ("ann@example.org", "no two-step")])
def test_where_there_is_nothing_to_remove_it_says_so(clock: Clock, address: str, said: str) -> None:
    somebody()
    with pytest.raises(CommandError, match=said):
        call_command("remove_second_factor", address)
