"""What an applicant's page says of what was submitted, of what was not, of the mails about it, and of the time left."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from recruitment import describe, mailed, services
from recruitment.enums import Fate, Outcome
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import main_form
from tests.recruitment.conftest import CALL, CLOSES, OPEN, OPENS, PAGE, REVIEW, draft

NOT_SUBMITTED = '<span class="cdx-info-chip__text">not submitted</span>'
LATE = CLOSES - timedelta(minutes=47, seconds=10)


def page(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


def submit(call: Call, user: User, text: str, **changes: Any) -> None:
    services.submit(call.pk, user, draft(call, text, **changes))


def save(call: Call, user: User, text: str) -> None:
    services.save_draft(call.pk, user, draft(call, text))


def part(html: str, start: str, end: str) -> str:
    """What stands between two signs; each must be there."""
    return html.split(start, 1)[1].split(end, 1)[0]


def submitted(html: str) -> str:
    return part(html, '<section class="pt-section" aria-labelledby="submitted">', "</section>")


def tell(call: Call, people: dict[str, User], outcome: Outcome, clock: Clock) -> datetime:
    """Decide on the only application and release it; returns when that was."""
    clock.set(REVIEW)
    services.decide(Application.objects.get().pk, people["coordinator"], outcome)
    services.release(call.pk, people["coordinator"])
    return REVIEW


class TestSubmitted:
    """What was submitted is always there, whole, whatever was saved since."""

    def test_it_is_shown_beside_the_form(self, call: Call, applicant: Client, user: User) -> None:
        submit(call, user, "First text.", name="Ada", publish_name=True)
        html = page(applicant)
        shown = submitted(html)
        assert "First text." in shown
        assert "Two hours a week" in shown
        receipt = part(html, 'class="pt-receipt"', "</section>")
        assert "Version 1, submitted: " in receipt
        assert 'datetime="2022-03-21T12:00:0' in receipt
        assert "data-ref" in receipt
        assert "<p>Ada</p>" in shown
        assert re.search("What may be published if you are chosen</dt><dd>your name</dd>", shown)
        assert NOT_SUBMITTED not in html

    def test_a_newer_draft_stands_beside_it_marked_as_not_submitted(
        self, call: Call, applicant: Client, user: User
    ) -> None:
        submit(call, user, "First text.")
        submit(call, user, "Second text.")
        save(call, user, "Third text.")
        html = page(applicant)
        shown = submitted(html)
        assert "Second text." in shown
        assert "First text." not in html
        assert "Third text." not in shown
        assert "Version 2, submitted: " in html
        assert html.count(NOT_SUBMITTED) == 1
        assert html.index(NOT_SUBMITTED) < html.index("data-main") < html.index("Third text.")

    def test_after_the_close_both_can_still_be_read(
        self, call: Call, applicant: Client, user: User, clock: Clock
    ) -> None:
        submit(call, user, "First text.")
        save(call, user, "Second text.")
        clock.set(CLOSES)
        html = page(applicant)
        assert "First text." in submitted(html)
        assert "Second text." in part(html, NOT_SUBMITTED, "</section>")
        assert "What you submitted counts; the later changes were not submitted." in html

    def test_a_draft_that_was_never_submitted_is_marked(
        self, call: Call, applicant: Client, user: User, clock: Clock
    ) -> None:
        save(call, user, "Only a draft.")
        assert NOT_SUBMITTED in page(applicant)
        clock.set(CLOSES)
        html = page(applicant)
        assert "Only a draft." in part(html, NOT_SUBMITTED, "</section>")
        assert 'aria-labelledby="submitted"' not in html

    @pytest.mark.parametrize("outcome", Outcome)
    def test_once_the_outcome_is_told_the_draft_is_gone(
        self, call: Call, applicant: Client, user: User, people: dict[str, User], clock: Clock, outcome: Outcome
    ) -> None:
        submit(call, user, "First text.")
        save(call, user, "Second text.")
        tell(call, people, outcome, clock)
        html = page(applicant)
        assert "First text." in submitted(html)
        for gone in ("Second text.", NOT_SUBMITTED, "Your draft", "Draft saved"):
            assert gone not in html

    def test_a_held_decision_changes_nothing(
        self, call: Call, applicant: Client, user: User, people: dict[str, User], clock: Clock
    ) -> None:
        submit(call, user, "First text.")
        save(call, user, "Second text.")
        clock.set(REVIEW)
        before = body(page(applicant))
        services.decide(Application.objects.get().pk, people["coordinator"], Outcome.ACCEPT)
        assert body(page(applicant)) == before

    def test_a_conflict_shows_each_text_once(self, call: Call, applicant: Client, user: User) -> None:
        first = f"q-{call.questions.questions.get(position=1).pk}"
        late = {**main_form(applicant, PAGE), first: "From a stale tab.", "action": "save"}
        submit(call, user, "Stored and submitted.")
        response = applicant.post(PAGE, late)
        html = response.content.decode()
        assert response.status_code == 409
        # What the page sends back with the choice is not shown.
        shown = re.sub(r'<input type="hidden"[^>]*>', "", html)
        assert shown.count("Stored and submitted.") == 1
        texts = re.findall(r"<pre[^>]*>([^<]*)</pre>", shown)
        assert texts == ["From a stale tab.", "Stored and submitted."]


FOLDED = '<details class="pt-fold pt-section">'
UNFOLDED = '<details class="pt-fold pt-section" open>'
CHANGE = "<summary>Change your application</summary>"


class TestForm:
    """Once an application is in, the form looks as if nothing more had to be sent: it is folded away."""

    def test_before_it_stands_open(self, call: Call, applicant: Client, user: User) -> None:
        for _ in range(2):
            html = page(applicant)
            assert "data-main" in html
            assert CHANGE not in html
            save(call, user, "A draft.")

    def test_what_was_submitted_comes_first_and_the_form_is_folded(
        self, call: Call, applicant: Client, user: User
    ) -> None:
        submit(call, user, "A text.")
        html = page(applicant)
        assert html.index("data-ref") < html.index('aria-labelledby="submitted"') < html.index(CHANGE)
        assert "data-main" in part(html, FOLDED, "</details>")

    @pytest.mark.long
    def test_what_waits_to_be_sent_is_not_hidden(self, call: Call, applicant: Client, user: User) -> None:
        submit(call, user, "A text.")
        first = f"q-{call.questions.questions.get(position=1).pk}"
        empty = {**main_form(applicant, PAGE), first: "", "action": "submit"}
        late = {**main_form(applicant, PAGE), first: "Late.", "action": "save"}
        invalid = applicant.post(PAGE, empty).content.decode()
        assert "data-main" in part(invalid, UNFOLDED, "</details>")
        save(call, user, "A newer draft.")
        assert "data-main" in part(page(applicant), UNFOLDED, "</details>")
        conflict = applicant.post(PAGE, late)
        assert conflict.status_code == 409
        # A page of its own, with the two texts and nothing besides.
        html = conflict.content.decode()
        assert "data-main" in html
        assert "<details" not in html.split("data-main", 1)[0].split("<main", 1)[1]

    def test_the_fingerprint_is_folded(self, call: Call, applicant: Client, user: User) -> None:
        submit(call, user, "A text.")
        fold = part(submitted(page(applicant)), '<details class="pt-fold">', "</details>")
        assert re.search("[0-9a-f]{64}", fold)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (OPENS - timedelta(days=1), "You can write your application here once the call is open."),
        (OPENS, "You have not applied yet"),
        (CLOSES, "You did not apply."),
    ],
)
def test_who_never_applied_is_told(
    call: Call, applicant: Client, user: User, clock: Clock, moment: datetime, said: str
) -> None:
    clock.set(moment)
    html = page(applicant)
    assert said in html
    assert ("Start here" in html) is ("data-main" in html) is (moment == OPENS)
    if moment == OPENS:
        assert "Submit it before the call closes: 10 April 2022, anywhere on Earth (AoE)" in html
        assert html.index("Start here") < html.index("<form")
        save(call, user, "A draft.")
        assert said not in page(applicant)


def body(html: str) -> str:
    """A page without what every load makes anew: CSRF tokens."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", html)


class TestMails:
    """On its way only just after its cause; then what became of it, as the outbox has it."""

    def test_the_receipt(self, call: Call, applicant: Client, user: User, clock: Clock) -> None:
        submit(call, user, "A text.")
        assert 'A mail about it is on its way to <bdi dir="ltr">applicant@demo.example</bdi>.' in page(applicant)
        clock.set(OPEN + timedelta(hours=1, minutes=1))
        html = page(applicant)
        assert "is on its way to" not in html
        waits = 'A mail about it to <bdi dir="ltr">applicant@demo.example</bdi> still waits to be sent.'
        assert html.count(waits) == 2, "beside what was submitted, and among the mails"
        assert re.search(r'Waiting since: <time[^>]+datetime="2022-03-21T12:00:00Z"', html)
        sent(OPEN + timedelta(hours=2))
        html = page(applicant)
        assert 'A mail about it was sent to <bdi dir="ltr">applicant@demo.example</bdi>:' in html
        assert 'datetime="2022-03-21T14:00:00Z"' in html
        assert "waits to be sent" not in html

    @pytest.mark.parametrize("outcome", Outcome)
    def test_the_outcome(
        self, call: Call, applicant: Client, user: User, people: dict[str, User], clock: Clock, outcome: Outcome
    ) -> None:
        submit(call, user, "A text.")
        sent(OPEN)
        tell(call, people, outcome, clock)
        assert page(applicant).count("is on its way to") == 2
        clock.set(REVIEW + timedelta(weeks=3))
        html = page(applicant)
        assert "is on its way" not in html
        assert html.count("still waits to be sent") == 2
        sent(REVIEW + timedelta(minutes=1))
        assert 'datetime="2022-04-20T12:01:00Z"' in page(applicant)

    @pytest.mark.parametrize(
        ("state", "said", "word"),
        [
            (MessageState.FAILED, "could not be delivered. What it says stands here.", "could not be delivered"),
            (MessageState.UNKNOWN, "Look into the folder for spam too", "not known to be sent"),
            (MessageState.EXPIRED, "could not be sent in time", "was not sent in time"),
            (MessageState.SUPERSEDED, "was not sent: by then it was no longer true", "not sent: it was no longer"),
            (MessageState.SENDING, "is on its way to", "on its way"),
        ],
    )
    def test_what_became_of_it_otherwise(
        self, call: Call, applicant: Client, user: User, state: MessageState, said: str, word: str
    ) -> None:
        submit(call, user, "A text.")
        OutboxMessage.objects.update(state=state)
        html = page(applicant)
        assert html.count(said) == 2
        assert "was sent to" not in html
        is_failed = state == MessageState.FAILED
        assert html.count("Check the address of your account") == (2 if is_failed else 0)
        assert word in page(applicant, f"{PAGE}data.txt")

    def test_what_is_of_no_use_any_more_does_not_wait(
        self, call: Call, applicant: Client, user: User, clock: Clock
    ) -> None:
        submit(call, user, "A text.")
        OutboxMessage.objects.update(valid_until=OPEN + timedelta(hours=3))
        for later, said in ((timedelta(hours=2), "still waits to be sent"), (timedelta(hours=3), "not sent any more")):
            clock.set(OPEN + later)
            assert said in page(applicant)

    def test_each_state_of_the_outbox_has_its_words(self, call: Call, user: User) -> None:
        submit(call, user, "A text.")
        mail_of = Application.objects.get()
        found = set()
        for state in MessageState:
            OutboxMessage.objects.update(state=state)
            for later in (timedelta(0), timedelta(hours=2)):
                (letter,) = mailed.letters([mail_of], (), OPEN + later)
                found.add(letter.note.fate)
        assert found == set(Fate)
        assert len({mailed.in_words(fate) for fate in Fate}) == len(Fate)
        assert mailed.note_of("another", mailed.letters([mail_of], (), OPEN)) is None

    def test_a_held_outcome_has_no_mail_to_speak_of(
        self, call: Call, user: User, people: dict[str, User], clock: Clock
    ) -> None:
        submit(call, user, "A text.")
        clock.set(REVIEW)
        one = Application.objects.get()
        services.decide(one.pk, people["coordinator"], Outcome.ACCEPT)
        assert describe.outcome_mail(describe.standing(one), mailed.letters([one], {one.pk}, REVIEW)) is None


def sent(moment: datetime) -> None:
    """As if the mails had gone out at that moment."""
    OutboxMessage.objects.update(state=MessageState.SENT, sent_at=moment)


class TestTimeLeft:
    @pytest.mark.parametrize(
        ("path", "start", "end"),
        [(CALL, '<section class="pt-next-step"', "</section>"), (PAGE, "<dt>Time left</dt>", "</dd>")],
    )
    def test_both_pages_say_what_is_left_and_warn_on_the_last_day(
        self, call: Call, applicant: Client, clock: Clock, path: str, start: str, end: str
    ) -> None:
        html = page(applicant, path)
        assert "20 days left" in part(html, start, end)
        assert "Less than 24 hours left" not in html
        clock.set(LATE)
        html = page(applicant, path)
        assert "47 minutes left" in part(html, start, end)
        assert html.index("<h1") < html.index("Less than 24 hours left") < html.index("<dl")
        warning = part(html, "Less than 24 hours left", "</div>")
        assert "The call closes: <time" in warning
        assert "47 minutes left" in warning
        assert 'datetime="2022-04-11T12:00:00Z"' in warning

    @pytest.mark.parametrize("path", [CALL, PAGE])
    @pytest.mark.parametrize("moment", [OPENS - timedelta(seconds=5), CLOSES])
    def test_a_call_that_is_not_open_has_none(
        self, call: Call, applicant: Client, clock: Clock, path: str, moment: datetime
    ) -> None:
        clock.set(moment)
        html = page(applicant, path)
        assert "Time left" not in html
        assert "Less than 24 hours left" not in html


@pytest.mark.parametrize(("moment", "said"), [(OPENS - timedelta(days=1), "is not open yet"), (CLOSES, "is closed")])
def test_that_nobody_can_apply_stands_first(
    call: Call, applicant: Client, clock: Clock, moment: datetime, said: str
) -> None:
    clock.set(moment)
    html = page(applicant)
    above = part(html, "</h1>", said)
    assert "<p" in above
    for inviting in ("<dl", "<h2", "<form", "submit"):
        assert inviting not in above


def test_the_opening_is_told_under_its_rule(call: Call, applicant: Client, clock: Clock) -> None:
    clock.set(OPENS - timedelta(days=1))
    assert "<dt>Opens</dt><dd>14 March 2022, anywhere on Earth (AoE)<br><time" in page(applicant)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_is_written_from_left_to_right_stays_so(call: Call, applicant: Client, user: User, language: str) -> None:
    submit(call, user, "A text.")
    html = page(applicant, PAGE.replace("/en/", f"/{language}/"))
    assert re.search(r'<code class="pt-hash" dir="ltr">[0-9a-f]{64}</code>', html)
    assert '<bdi dir="ltr">applicant@demo.example</bdi>' in html
