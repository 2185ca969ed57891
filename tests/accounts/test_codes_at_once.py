"""One code that comes from several browsers at once, each in a real transaction of its own."""

from collections.abc import Callable
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from allauth.account import app_settings
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from taskforce.accounts import code_tries, proof_codes, sealing, second_factor
from taskforce.accounts.models import User
from taskforce.core.clock import app_now, real_now
from taskforce.limits import table
from tests.accounts.entering import (
    CODE,
    CONFIRM,
    WRONG,
    app_code,
    forget_limits,
    is_signed_in,
    recovery_code,
    somebody,
)
from tests.accounts.test_codes_before import CONFIRM_ADDRESS, NEW, code_at, sign_up
from tests.accounts.test_proofs_at_once import request_of
from tests.clients import Client
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


@pytest.mark.long
@pytest.mark.parametrize(("use", "holds"), [(locked, True), (unlocked, False)], ids=["locked", "look and write"])
def test_a_code_of_the_app_opens_one_session(aside: Run, use: Use, *, holds: bool) -> None:
    user, code = somebody(app=True), app_code(1)
    answers = [running.result(20) for running in [aside(use, user, code) for _ in range(6)]]
    assert (sum(answers) == 1) is holds


def test_a_recovery_code_opens_one_session(aside: Run) -> None:
    user, code = somebody(app=True), recovery_code()
    answers = [running.result(20) for running in [aside(locked, user, code) for _ in range(6)]]
    assert sum(answers) == 1


AT_ONCE = 7


def of_the_session(process: Any) -> bool:
    """The count that each request has read for itself."""
    return bool(process.state["failed_attempts"] < process.max_attempts)


@pytest.mark.parametrize("where", ["sign-in", "sign-up"])
@pytest.mark.parametrize(
    ("count", "holds"), [(code_tries.count, True), (of_the_session, False)], ids=["counted", "by the session"]
)
def test_a_code_is_looked_at_three_times_whatever_comes_at_once(
    aside: Run, monkeypatch: pytest.MonkeyPatch, count: Callable[[Any], bool], where: str, *, holds: bool
) -> None:
    """And then opens nothing, in whatever copy of the session it is typed."""
    forget_limits()
    if where == "sign-in":
        mailbox, page, browser = somebody().email, CONFIRM, Client()
        browser.post(CODE, {"email": mailbox})
    else:
        mailbox, page, browser = NEW, CONFIRM_ADDRESS, sign_up()
    meeting = Barrier(AT_ONCE)

    def all_at_once(process: Any) -> bool:
        meeting.wait(20)
        return count(process)

    def wrong() -> int:
        one = Client()
        one.cookies.update(browser.cookies)
        return one.post(page, {"code": WRONG}).status_code

    monkeypatch.setattr(code_tries, "count", all_at_once)
    answers = [running.result(30) for running in [aside(wrong) for _ in range(AT_ONCE)]]
    assert (answers.count(200) == table.CODE_TRIES.most - 1) is holds, "the third wrong one is led away, as all beyond"
    monkeypatch.setattr(code_tries, "count", count)
    browser.post(page, {"code": code_at(mailbox)})
    assert is_signed_in(browser) is not holds


@pytest.mark.parametrize("holds", [True, False], ids=["counted", "by the session"])
def test_a_code_for_a_proof_is_looked_at_three_times(aside: Run, monkeypatch: pytest.MonkeyPatch, holds: bool) -> None:
    forget_limits()
    if not holds:
        monkeypatch.setattr(code_tries, "of_proof", lambda _code: 1)
    request, until = request_of(), real_now().timestamp() + 60
    request.session[proof_codes._KEY] = {"code": proof_codes._fingerprint("right"), "until": until, "tries": 0}
    request.session.save()
    meeting = Barrier(AT_ONCE)

    def wrong() -> bool:
        one = request_of(request.session.session_key)
        assert proof_codes.sent(one) is not None
        meeting.wait(20)
        return proof_codes.is_right(one, WRONG)

    assert not any(running.result(30) for running in [aside(wrong) for _ in range(AT_ONCE)])
    late: HttpRequest = request_of(request.session.session_key)
    assert proof_codes.is_right(late, "right") is not holds


def test_the_table_says_as_many_as_the_pages() -> None:
    most = {app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS, app_settings.EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS}
    assert most == {table.CODE_TRIES.most}
    for seconds in (app_settings.LOGIN_BY_CODE_TIMEOUT, app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT):
        assert table.CODE_TRIES.within.total_seconds() > 2 * seconds, "an older one works for twice its time at most"
