"""The receipt of each version that was submitted: the page, the bytes that were hashed, and the same to be read."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment import queries, receipts, services
from recruitment.models import Application, Call, Snapshot
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.core.text import digest
from taskforce.notifications import kinds, rendering
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.conftest import Clock
from tests.recruitment.conftest import CLOSES, PAGE, draft, key

SignIn = Callable[[User], Client]
RECEIPT = f"{PAGE}receipt/"


def submit(call: Call, user: User, text: str = "I listen.", **changes: Any) -> Snapshot:
    return services.submit(call.pk, user, draft(call, text, **changes))


def test_the_file_has_the_fingerprint(call: Call, user: User, applicant: Client) -> None:
    """The very bytes that were hashed, whatever was written, version by version."""
    for number, text in enumerate(
        ("I listen.", "我傾聽。 \u202e 'quoted' \"twice\" \\ \n\ttab", "ليلى 👩🏽‍🚀"), start=1
    ):
        made = submit(call, user, text, language="zh-hant")
        answer = applicant.get(f"{RECEIPT}{number}.json")
        assert hashlib.sha256(answer.content).hexdigest() == made.sha256
        assert (
            answer.headers["Content-Disposition"]
            == f'attachment; filename="{made.application.reference}-{number}.json"'
        )
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()["number"] == number
        assert text in [one["text"] for one in answer.json()["answers"]]


def test_the_page_says_what_arrived_when_and_how_it_is_checked(call: Call, user: User, applicant: Client) -> None:
    made = submit(call, user, "First.")
    page = applicant.get(f"{RECEIPT}1/")
    html = page.content.decode()
    assert f"data-ref>{made.application.reference}<" in html
    for said in (
        "Version 1 has arrived", 'datetime="2022-03-21T12:00:0', "10 April 2022, anywhere on Earth (AoE)", "First.",
        made.sha256, f"sha256sum {made.application.reference}-1.json", "This is the version that counts.",
    ):  # fmt: skip
        assert said in html
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in html
    for url in re.findall(r'href="([^"]+)" download', html):
        assert applicant.get(url.replace("&amp;", "&")).status_code == 200


def test_earlier_versions_stay(call: Call, user: User, applicant: Client) -> None:
    submit(call, user, "First.")
    submit(call, user, "Second.")
    first, second = (applicant.get(f"{RECEIPT}{number}/").content.decode() for number in (1, 2))
    assert "version 2 counts" in first
    assert "First." in first
    assert "Second." not in first
    assert "This is the version that counts." in second
    assert applicant.get(f"{RECEIPT}3/").status_code == 404


def test_in_the_grace_it_says_so(call: Call, user: User, applicant: Client, clock: Clock) -> None:
    sent = draft(call)
    clock.set(CLOSES + timedelta(seconds=3))
    services.submit(call.pk, user, sent)
    html = applicant.get(f"{RECEIPT}1/").content.decode()
    assert "yes, within the grace" in html
    assert (
        "within the grace for answers that are lost on their way" in applicant.get(f"{RECEIPT}1.txt").content.decode()
    )


def test_to_be_read(call: Call, user: User, applicant: Client) -> None:
    made = submit(call, user, "Line one.\nLine two.")
    answer = applicant.get(f"{RECEIPT}1.txt")
    text = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for said in (
        f"Reference: {made.application.reference}", "Received: 21 March 2022, 12:00", made.sha256,
        "Why do you want to join?\n  Line one.\n  Line two.", "How much time do you have?\n  Two hours a week",
    ):  # fmt: skip
        assert said in text
    assert "您為什麼想加入？" in applicant.get(f"{RECEIPT}1.txt".replace("/en/", "/zh-hant/")).content.decode()


def test_nobody_else_has_it(call: Call, user: User, people: dict[str, User], sign_in: SignIn, client: Client) -> None:
    """Neither an applicant with an application of their own, nor staff; signed out one is led to the sign-in."""
    mine = submit(call, user).application
    submit(call, user, "Second.")
    submit(call, people["member"], "Theirs.")
    for name in ("member", "coordinator", "reviewer1", "admin", "privacy"):
        for path in (
            "2/",
            "2.json",
            "2.txt",
            f"1/?application={mine.reference}",
            f"1.json?application={mine.reference}",
        ):
            assert sign_in(people[name]).get(f"{RECEIPT}{path}").status_code == 404, (name, path)
    for path in ("1/", "1.json", "1.txt"):
        answer = client.get(f"{RECEIPT}{path}?application={mine.reference}")
        assert answer.status_code == 302
        assert f"next={RECEIPT}{path}" in answer.headers["Location"]
        assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["0/", "999999999999999999999/", "1.exe", "1.", "1/?application=A-%00", "1/?call=no"])
def test_what_is_not_there(call: Call, user: User, applicant: Client, path: str) -> None:
    submit(call, user)
    assert applicant.get(f"{RECEIPT}{path}").status_code in {400, 404}


def test_who_applies_anew_keeps_the_receipts_of_both(call: Call, user: User, applicant: Client) -> None:
    first = submit(call, user, "Withdrawn words.").application
    services.withdraw(first.pk, user, at=app_now())
    assert "nothing of it counts" in applicant.get(f"{RECEIPT}1/").content.decode()
    submit(call, user, "New words.")
    assert "New words." in applicant.get(f"{RECEIPT}1/").content.decode()
    html = applicant.get(f"{RECEIPT}1/?application={first.reference}").content.decode()
    assert "Withdrawn words." in html
    assert "New words." not in html
    own = applicant.get(PAGE).content.decode()
    shown = re.findall(r'href="([^"]+/receipt/1/[^"]*)"', own)
    assert len(shown) == 2
    assert {applicant.get(url).status_code for url in shown} == {200}


def test_the_mail_says_where_it_is(call: Call, user: User, applicant: Client) -> None:
    submit(call, user)
    mail = OutboxMessage.objects.get()
    text = rendering.render(kinds.get(mail.kind), mail.context, "en").text
    found = re.search(r"https?://[^/]+(/en/\S+/receipt/1/\S*)", text)
    assert found is not None
    assert Snapshot.objects.get().sha256 in applicant.get(found[1]).content.decode()


@pytest.mark.long
def test_many_versions_cost_no_more(call: Call, user: User, applicant: Client) -> None:
    counts = []
    for many in (2, 8):
        for number in range(many):
            services.submit(call.pk, user, draft(call, f"{many} {number}", form_key=key(call)))
        with CaptureQueriesContext(connection) as captured:
            assert applicant.get(f"{RECEIPT}1/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert Application.objects.count() == 1


def test_the_fingerprint_binds_whose_it_is_when_it_came_and_who_they_said_they_are(
    call: Call, user: User, people: dict[str, User], applicant: Client
) -> None:
    """Equal answers of two people have two fingerprints; each sum covers all that the receipt says."""
    mine, other = submit(call, user), submit(call, people["member"])
    assert mine.answers == other.answers
    assert mine.sha256 != other.sha256
    kept = applicant.get(f"{RECEIPT}1.json").json()
    assert kept["format"] == 2
    assert kept["application"] == mine.application.reference
    assert kept["call"] == call.pk
    assert kept["submitted_at"] == mine.submitted_at.isoformat(timespec="microseconds")
    assert kept["terms"] == mine.terms
    for name, value in (
        ("number", 2), ("submitted_at", mine.submitted_at + timedelta(microseconds=1)), ("terms", "x"),
        ("in_grace", True), ("application", other.application), ("answers", []), ("profile", {"x": 1}),
        ("language", "ar"), ("bound", other.bound),
    ):  # fmt: skip
        changed = Snapshot.objects.select_related("application").get(pk=mine.pk)
        assert queries.fingerprint(changed) == mine.sha256
        setattr(changed, name, value)
        assert queries.fingerprint(changed) != mine.sha256, name


def test_of_who_somebody_is_the_file_has_a_sum_that_nobody_can_guess_back(
    call: Call, user: User, settings: Any
) -> None:
    """Under the portal's key, and another one for each version, though the same is said again."""
    one = submit(call, user, name="Ada")
    application = Application.objects.select_related("identity", "demographics").get(pk=one.application_id)
    again = submit(call, user, "I ask.", name="Ada")
    assert one.bound["identity"] != again.bound["identity"]
    assert "Ada" not in receipts.document(one).decode()
    with patch("secrets.token_hex", return_value=one.bound["nonce"]):
        assert queries.bound(application) == one.bound
        application.identity.name = "Bo"
        application.demographics.age = "x"
        changed = queries.bound(application)
        assert changed["identity"] != one.bound["identity"]
        assert changed["background"] != one.bound["background"]
        application.identity.name, application.demographics.age = "Ada", ""
        settings.SECRET_KEY = "another-key-of-another-portal-0123456789abcdef"
        assert queries.bound(application)["identity"] != one.bound["identity"]


def test_what_was_submitted_before_keeps_its_bytes_and_its_fingerprint(
    call: Call, user: User, applicant: Client
) -> None:
    made = submit(call, user)
    said = {"number": 1, "language": made.language, "answers": made.answers}
    old = digest({**said, "profile": made.profile} if made.profile else said)
    with pgtrigger.ignore("recruitment.Snapshot:append_only"):
        Snapshot.objects.filter(pk=made.pk).update(bound={}, sha256=old)
    kept = applicant.get(f"{RECEIPT}1.json")
    assert hashlib.sha256(kept.content).hexdigest() == old
    assert not {"format", "application", "nonce"} & set(kept.json())
    assert "Your name is not in it" in applicant.get(f"{RECEIPT}1/").content.decode()
