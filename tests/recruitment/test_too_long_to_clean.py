"""What is longer than any field holds is not cleaned: to bring a body of marks into order once took two seconds."""

from typing import Any

import pytest

from recruitment.models import Call
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import normal, text
from taskforce.questions.enums import LONGEST_ANSWER
from taskforce.questions.queries import questions
from tests.clients import Client
from tests.recruitment.conftest import PAGE

pytestmark = pytest.mark.django_db
# Not as much as can be sent, but too much for any field.
MANY = "a" + "\u0344" * 100_000
DELETION = "/en/accounts/deletion/"


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long each text was that was brought into a normal form."""
    lengths: list[int] = []

    def noted(form: Any, given: str) -> str:
        lengths.append(len(given))
        return normal.normalized(form, given)

    monkeypatch.setattr(text, "normalized", noted)
    return lengths


def test_a_form_of_anybody(call: Call, people: dict[str, User], cleaned: list[int]) -> None:
    """Signed in or not, in a field of the form or in one that it does not have, on its page and on those of errors."""
    field = f"q-{questions(call.questions_id)[0].pk}"
    owner = signed_out.owner_mark(people["member"])
    sent: dict[str, dict[str, str]] = {
        PAGE: {field: MANY, "other": MANY, "owner": MANY, "version": MANY, "action": "save"},
        DELETION: {"reason": MANY, "owner": owner},
        "/en/accounts/nothing/": {"reason": MANY},
    }
    member = Client()
    member.force_login(people["member"])
    found = {}
    for who, browser in (("visitor", Client()), ("member", member)):
        for address, fields in sent.items():
            answer = browser.post(address, fields)
            found[who, address] = (answer.status_code, MANY in answer.content.decode())
    assert found == {
        ("visitor", PAGE): (403, True),
        ("visitor", DELETION): (403, True),
        ("visitor", "/en/accounts/nothing/"): (404, False),
        ("member", PAGE): (400, True),
        ("member", DELETION): (200, True),
        ("member", "/en/accounts/nothing/"): (404, True),
    }, "what was typed is there to be copied"
    assert max(cleaned, default=0) <= 4 * LONGEST_ANSWER
