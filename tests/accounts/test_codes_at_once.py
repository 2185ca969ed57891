"""One code that comes from several browsers at once, each in a real transaction of its own."""

from collections.abc import Callable
from time import sleep

import pytest
from allauth.mfa.models import Authenticator

from taskforce.accounts import sealing, second_factor
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from tests.accounts.entering import app_code, recovery_code, somebody
from tests.timeline.conftest import Run

Use = Callable[[User, str], bool]


def locked(user: User, code: str) -> bool:
    """The portal's own way."""
    return second_factor.use(user, code, at=app_now()) is not None


def unlocked(user: User, code: str) -> bool:
    """Look, then write: what this test must be able to catch."""
    row = Authenticator.objects.get(user=user, type="totp")
    step = second_factor.step_of(sealing.unseal(row.data["secret"]), code)
    fits = step is not None and step > row.data["last_step"]
    sleep(0.3)
    if fits:
        row.data["last_step"] = step
        row.save(update_fields=["data"])
    return fits


@pytest.mark.parametrize(("use", "holds"), [(locked, True), (unlocked, False)], ids=["locked", "look and write"])
def test_a_code_of_the_app_opens_one_session(aside: Run, use: Use, *, holds: bool) -> None:
    user, code = somebody(app=True), app_code(1)
    answers = [running.result(20) for running in [aside(use, user, code) for _ in range(6)]]
    assert (sum(answers) == 1) is holds


def test_a_recovery_code_opens_one_session(aside: Run) -> None:
    user, code = somebody(app=True), recovery_code()
    answers = [running.result(20) for running in [aside(locked, user, code) for _ in range(6)]]
    assert sum(answers) == 1
