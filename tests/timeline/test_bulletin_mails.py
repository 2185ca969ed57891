"""Mails to followers as they arrive: over SMTP, each in its reader's language, the test and the correction marked."""

from email.message import EmailMessage

import pytest
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.notifications import delivery, expansion, kinds, rendering
from taskforce.notifications.models import Mailing
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.notices import bulletins as notices
from taskforce.timeline.notices.digests import Reader, Told
from taskforce.timeline.services import bulletins as services
from tests.conftest import Clock
from tests.notifications.conftest import sink as sink
from tests.notifications.sink import Sink
from tests.timeline.bulletins import AT, draft, follow, sent

People = dict[str, User]
READERS = ("en", "zh-hant", "zh-hans", "ar")


@pytest.fixture(autouse=True)
def morning(clock: Clock) -> None:
    """A day after the announcement."""
    clock.set(AT)


def to(sink: Sink, mailbox: str) -> EmailMessage:
    """The one mail that arrived for a mailbox."""
    (arrival,) = sink.to(mailbox)
    return arrival.mail


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def deliver() -> None:
    """Let everything go that waits."""
    expansion.expand_due()
    delivery.deliver_due()


@pytest.fixture
def told(sink: Sink, tf: TaskForce, people: People) -> Bulletin:
    """A mail that went to four followers, one language each."""
    for code in READERS:
        follow(tf, f"{code}@example.org", code)
    follow(tf, "daily@example.org", frequency="daily")
    made = sent(tf, people["coordinator"], people["deputy"])
    deliver()
    return made


def test_everybody_gets_one_in_their_language(told: Bulletin, sink: Sink) -> None:
    subjects = {code: str(to(sink, f"{code}@example.org")["Subject"]) for code in READERS}
    assert "領導力發展: 第一次會議" in subjects["zh-hant"].replace("：", ": ")
    assert "第一次會議" in subjects["zh-hans"]
    assert subjects["en"] == "Leadership development: The first meeting"
    assert "The first meeting" in subjects["ar"]
    for code, tag in [("ar", "ar"), ("zh-hant", "zh-Hant")]:
        assert to(sink, f"{code}@example.org")["Content-Language"] == tag


def test_a_text_of_another_language_is_named_so(told: Bulletin, sink: Sink) -> None:
    arabic = to(sink, "ar@example.org")
    html = part(arabic, "html")
    assert '<html lang="ar" dir="rtl">' in html
    assert '<div lang="en" dir="ltr">\n<p>It is <strong>on Thursday</strong>.</p>' in html
    assert "English" in part(arabic, "plain")
    chinese = to(sink, "zh-hant@example.org")
    assert "<strong>星期四</strong>" in part(chinese, "html")
    assert "English" not in part(chinese, "plain")
    assert "繁體中文" in part(to(sink, "zh-hans@example.org"), "plain")


def test_each_can_be_left(told: Bulletin, sink: Sink) -> None:
    mail = to(sink, "ar@example.org")
    assert "/unsubscribe/" in mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_test_is_marked_and_goes_to_one(sink: Sink, tf: TaskForce, people: People) -> None:
    follow(tf, "follower@example.org", "ar")
    made = draft(tf, people["coordinator"], subjects={"en": "Meeting", "ar": "اجتماع"})
    services.test(made.pk, language="ar", actor=people["coordinator"], version=1)
    services.test(made.pk, language="ar", actor=people["coordinator"], version=1)
    deliver()
    (arrival,) = sink.arrivals
    assert arrival.recipients == [people["coordinator"].email]
    assert "اجتماع" in arrival.mail["Subject"]
    assert str(arrival.mail["Subject"]) != str(
        rendering.render(kinds.get(notices.BULLETIN), notices.mail_context(made, "ar"), "ar").subject
    )
    assert arrival.mail["List-Unsubscribe"] is None


def test_in_english_the_mark_is_read(sink: Sink, tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"])
    services.test(made.pk, language="en", actor=people["coordinator"], version=1)
    deliver()
    mail = to(sink, people["coordinator"].email)
    assert mail["Subject"] == "[Test] Leadership development: The first meeting"
    assert part(mail, "plain").startswith("This is a test that only you get.")


@pytest.mark.long
def test_a_correction_says_at_its_top_what_it_corrects(told: Bulletin, sink: Sink, people: People) -> None:
    correction = services.correct(told.pk, actor=people["coordinator"])
    services.edit(
        correction.pk,
        subjects={"en": "On Friday", "zh-hant": "星期五"},
        bodies={},
        actor=people["coordinator"],
        version=1,
    )
    services.test(correction.pk, language="en", actor=people["coordinator"], version=2)
    services.offer(correction.pk, actor=people["coordinator"], version=2)
    services.send(correction.pk, actor=people["deputy"], version=2, count=5)
    sink.arrivals.clear()
    deliver()
    text = part(to(sink, "en@example.org"), "plain")
    first = text.strip().splitlines()[0]
    assert "corrects an earlier one" in first
    assert "17 May 2022" in first
    assert "The first meeting" in text.partition("On Friday")[0]
    assert "第一次會議" in part(to(sink, "zh-hant@example.org"), "plain").partition("**")[0]


def test_the_mails_tell_the_text_as_it_was_sent(sink: Sink, tf: TaskForce, people: People) -> None:
    """The row is read when the mails are written: nothing can have changed it."""
    follow(tf, "en@example.org")
    made = sent(tf, people["coordinator"], people["deputy"])
    frozen = rendering.render(kinds.get(notices.BULLETIN), notices.mail_context(made, "en"), "en")
    deliver()
    assert to(sink, "en@example.org")["Subject"] == frozen.subject


@pytest.mark.parametrize(
    "body",
    [
        "![p](https://evil.example/p.png)",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "\u202eevil\u202c ﷺ",
        "[" * 5000,
        "> " * 3000 + "deep",
    ],
)
def test_hostile_markdown_does_nothing(tf: TaskForce, people: People, settings: Settings, body: str) -> None:
    made = draft(tf, people["coordinator"], bodies={"en": body})
    for code in ("en", "ar"):
        mail = rendering.render(kinds.get(notices.BULLETIN), notices.mail_context(made, code), code)
        assert not [bad for bad in ("<img", 'href="javascript', 'href="data', "onerror=alert(1)>") if bad in mail.html]
        assert settings.SITE_URL in mail.text


def test_a_name_is_text_in_the_mail(tf: TaskForce, people: People) -> None:
    made = draft(tf, people["coordinator"], subjects={"en": "**Bold** [x](https://evil.example) <b>"})
    mail = rendering.render(kinds.get(notices.BULLETIN), notices.mail_context(made, "en"), "en")
    assert "**Bold**" in mail.subject
    assert 'href="https://evil.example"' not in mail.html
    assert "<b>" not in mail.html


def test_who_reads_once_a_day_gets_the_whole_text(tf: TaskForce, people: People, told: Bulletin) -> None:
    entry = Told([]).entry(Mailing.objects.get(), Reader("daily@example.org", "zh-hant", "UTC"))
    assert entry is not None
    context = {"foremost": entry["subject"], "more": 0, "groups": [{"task_force": "X", "entries": [entry]}]}
    mail = rendering.render(kinds.get("digest"), context, "zh-hant")
    assert "星期四" in mail.text
    assert "<strong>星期四</strong>" in mail.html
