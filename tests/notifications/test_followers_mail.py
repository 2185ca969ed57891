"""Mail to followers: its headers, its footer, what is each reader's own in it, and corrections."""

import re
from email.message import EmailMessage

import pytest
from pytest_django import Settings

from taskforce.notifications import composing, delivery, expansion, leaving, preferences, rendering, services
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import Mailing, OutboxMessage
from tests.notifications.conftest import AT, AUDIENCE, NEWS, RECEIPT, Write
from tests.notifications.sink import Sink

pytestmark = pytest.mark.django_db
LANGUAGES = {"en": "en", "zh-hant": "zh-Hant", "ar": "ar"}


def part(mail: EmailMessage, kind: str) -> str:
    """The text of the plain or the HTML part."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def publish(key: str = "news:1", **options: object) -> Mailing:
    """A mailing to the audience, expanded and sent."""
    values = {"params": {"name": "All"}, "at": AT, "task_force_id": 7, "topic": "updates"} | options
    mailing = services.publish_mailing(NEWS.name, key=key, **values)  # type: ignore[arg-type]  # as the tests name them
    expansion.expand_due()
    delivery.deliver_due()
    return mailing


@pytest.mark.long
def test_many_mails_each_right_for_its_reader(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    people = {f"P{number}@example.org": list(LANGUAGES)[number % 3] for number in range(30)}
    AUDIENCE.append([(mailbox, code, "Africa/Cairo" if code == "ar" else "UTC") for mailbox, code in people.items()])
    rendered = []
    whole = rendering.render

    def counted(*arguments: object, **named: object) -> rendering.Rendered:
        rendered.append(1)
        return whole(*arguments, **named)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(rendering, "render", counted)
    publish()
    assert len(sink.arrivals) == len(people)
    assert len(rendered) == len(LANGUAGES), "what is the same for many is rendered once"
    for arrival in sink.arrivals:
        mail = arrival.mail
        (mailbox,) = arrival.recipients
        assert (mail["To"], mail["Cc"], mail["Bcc"]) == (mailbox, None, None)
        assert mail["Content-Language"] == LANGUAGES[people[mailbox]]
        leave = str(mail["List-Unsubscribe"]).strip("<>")
        assert leaving.read(leave.split("/")[-2]) == Leave(mailbox.lower(), 7, "updates")
        for kind in ("plain", "html"):
            text = part(mail, kind)
            links = set(re.findall(r"https?://testserver[^\s<>\"]+", text)) - {"http://testserver/"}
            tokens = {link.split("/")[-2] for link in links if link.count("/") > 4}
            ours = {leave.split("/")[-2], preferences.token(mailbox.lower())}
            assert tokens == ours, "nobody else's way out, and no blank one"
            assert f"/{people[mailbox]}/subscriptions/manage/" in text
            assert not re.search(r"%\(|\{\{|\{%|\{[a-z_]+\}", text)


def test_the_headers_of_a_mail_that_can_be_left(sink: Sink, write: Write, settings: Settings) -> None:
    write("ann@example.org", NEWS, topic="updates", task_force_id=7)
    write("ann@example.org", NEWS, topic="digest")
    write("ann@example.org", RECEIPT)
    delivery.deliver_due()
    receipt, topic, digest = (arrival.mail for arrival in sink.arrivals)
    assert topic["List-Unsubscribe"] == f"<{leaving.address(Leave('ann@example.org', 7, 'updates'))}>"
    assert digest["List-Unsubscribe"] == f"<{leaving.address(Leave('ann@example.org', None, 'digest'))}>"
    assert topic["List-Unsubscribe-Post"] == digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (topic["List-Id"], digest["List-Id"]) == ("<updates.7.testserver>", "<digest.testserver>")
    for mail in (receipt, topic, digest):
        assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", None)
    assert not [name for name in receipt if name.startswith("List-")]
    assert "You get this mail because" not in part(receipt, "plain")
    assert "asked for the updates of this task force" in part(topic, "plain")
    assert "one mail a day" in part(digest, "plain")
    for mail, kind in ((topic, "plain"), (topic, "html")):
        assert leaving.address(Leave("ann@example.org", 7, "updates")) in part(mail, kind)


def test_a_correction_answers_the_readers_earlier_mail_if_there_was_one(sink: Sink) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    wrong = publish()
    first = OutboxMessage.objects.get()
    AUDIENCE.append([("bob@example.org", "en", "UTC")])
    publish("news:2", corrects_id=wrong.pk)
    assert sink.arrivals[0].mail["References"] is None
    answers = {arrival.recipients[0]: arrival.mail["In-Reply-To"] for arrival in sink.arrivals[1:]}
    assert answers == {"ann@example.org": first.message_id, "bob@example.org": None}
    assert sink.arrivals[1].mail["References"] == first.message_id


def test_who_leaves_while_a_mailing_is_written_gets_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list that the expansion reads still holds a mailbox that has left meanwhile."""
    AUDIENCE.append([(f"p{number}@example.org", "en", "UTC") for number in range(4)])
    mailing = services.publish_mailing(
        NEWS.name, key="news:1", params={"name": ""}, at=AT, task_force_id=7, topic="updates"
    )
    whole = services.add_recipients

    def after_somebody_left(*arguments: object, **named: object) -> int | None:
        services.take_back("P1@example.org", task_force_id=7, topic="updates")
        services.take_back("p2@example.org", task_force_id=7, topic="deadlines")
        services.take_back("p3@example.org", task_force_id=8)
        return whole(*arguments, **named)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(services, "add_recipients", after_somebody_left)
    expansion.expand_due()
    states = dict(mailing.messages.values_list("mailbox", "state"))
    assert states == {
        "p0@example.org": "queued",
        "P1@example.org": "superseded",
        "p2@example.org": "queued",
        "p3@example.org": "queued",
    }


@pytest.mark.parametrize("value", ["a\r\nBcc: b@x.test", "a\nb", "a\tb", "é"])
def test_a_header_that_could_end_its_line_is_never_written(value: str) -> None:
    with pytest.raises(ValueError, match="X is not plain"):
        composing._header_line("X", value)


def test_from_shows_the_portals_name_in_any_script(sink: Sink, write: Write, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "工作組入口網站 <portal@example.org>"
    write()
    delivery.deliver_due()
    assert sink.arrivals[0].mail["From"] == "工作組入口網站 <portal@example.org>"


@pytest.mark.long
def test_one_bad_mail_among_many_holds_up_no_other(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PASS_SECONDS", 200.0)
    AUDIENCE.append([(f"p{number}@example.org", "en", "UTC") for number in range(150)])
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "All"}, at=AT)
    expansion.expand_due()
    bad = mailing.messages.order_by("pk")[70]
    OutboxMessage.objects.filter(pk=bad.pk).update(kind="gone")
    assert delivery.deliver_due() == 150
    assert len(sink.message_ids()) == 149
    assert sink.connections == 1
    bad.refresh_from_db()
    assert (bad.state, bad.error) == ("queued", "cannot be rendered: UnknownKind")
