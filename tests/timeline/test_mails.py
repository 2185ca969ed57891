"""The mail about a changed end: to whom, in which language, once."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.notifications import expansion, kinds, rendering
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.notices import dates
from tests.timeline.test_services import AT

REASON = "Late [click](https://evil.example) <b>now</b>"


@pytest.fixture
def messages(tf: TaskForce, people: dict[str, User], phase: Callable[[str], Phase]) -> dict[str, OutboxMessage]:
    """What the mailing makes for three followers, one of whom follows something else."""
    for mailbox, topic, language in [
        ("en@example.org", "deadlines", "en"),
        ("zh@example.org", "deadlines", "zh-hant"),
        ("no@example.org", "announcements", "en"),
    ]:
        services.follow(tf, mailbox=mailbox, topics=[topic], language=language, zone="Asia/Taipei", at=AT)
    pk = phase("feedback").pk
    services.extend(pk, closes_on=date(2022, 3, 7), reason=REASON, actor=people["coordinator"])
    for _ in range(2):
        expansion.expand_due()
    return {message.mailbox: message for message in OutboxMessage.objects.all()}


def rendered(message: OutboxMessage) -> rendering.Rendered:
    return rendering.render(kinds.get(message.kind), message.context, message.language, message.zone)


def test_followers_of_deadlines_get_one_each(messages: dict[str, OutboxMessage]) -> None:
    assert sorted(messages) == ["en@example.org", "zh@example.org"]
    assert {message.kind for message in messages.values()} == {dates.EXTENDED}


def test_the_mail_says_old_end_new_end_and_why(messages: dict[str, OutboxMessage]) -> None:
    mail = rendered(messages["en@example.org"])
    assert "Feedback on the proposal" in mail.subject
    for line in (
        "7 March 2022, anywhere on Earth (AoE)",
        "8 March 2022, 12:00 UTC",
        "28 February 2022, anywhere on Earth (AoE)",
        "1 March 2022, 12:00 UTC",
        "Coordinator Demo",
        "/en/tf/leadership-development/",
    ):
        assert line in mail.text
    assert "\n  8 March 2022, 12:00 UTC\n  Your time: 8 March 2022, 20:00 (Taipei)\n" in mail.text


def test_a_reason_is_text_and_never_a_link(messages: dict[str, OutboxMessage]) -> None:
    mail = rendered(messages["en@example.org"])
    assert 'href="https://evil.example' not in mail.html
    assert "<b>" not in mail.html
    assert "[click]" in mail.text


def test_each_reader_gets_their_language(messages: dict[str, OutboxMessage]) -> None:
    mail = rendered(messages["zh@example.org"])
    assert "對提案的反饋" in mail.subject
    assert "2022年3月7日" in mail.text
    assert "/zh-hant/tf/leadership-development/" in mail.text


def test_what_is_in_another_language_says_so(messages: dict[str, OutboxMessage]) -> None:
    """The reason has no translation; names that have one carry nothing."""
    mail = rendered(messages["zh@example.org"])
    assert re.search(r'<span lang="en"[^>]*>Late \[click', mail.html)
    assert re.search(r'\(<span lang="en"[^>]*>English</span>\)', mail.html)
    assert "<b>now</b> (English)" in mail.text
    assert "English" not in rendered(messages["en@example.org"]).text
    assert not re.search(r"<span [^>]*>對提案的反饋", mail.html)
    assert 'lang="en"' not in rendered(messages["en@example.org"]).html.partition("<body")[2]


@pytest.mark.parametrize("language", languages.CODES)
def test_the_sample_can_be_read_in_every_language(language: str) -> None:
    kind = kinds.get(dates.EXTENDED)
    mail = rendering.render(kind, kind.sample(), language)
    assert mail.subject
    assert "2022-03-08" not in mail.text
