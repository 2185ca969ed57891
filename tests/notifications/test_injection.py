"""What people are called cannot write a mail of its own: no header, no recipient, no link, no word to strangers.

Each name goes the whole way: past the forms into the database, through an act of staff, the outbox and delivery to a
mail server, which says what arrived.
"""

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_string, policy
from email.utils import getaddresses
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.notifications import delivery, expansion
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.notifications.conftest import Write
from tests.notifications.sink import Arrival, Sink
from tests.notifications.test_rendering import Links
from tests.timeline.conftest import past_the_triggers

pytestmark = pytest.mark.django_db

ANN = "ann@example.org"
HEADERS = {
    "a line end": "Cora\r\nBcc: victim@evil.test",
    "a bare LF": "Cora\nCc: victim@evil.test",
    "a bare CR": "Cora\rTo: victim@evil.test",
    "a vertical tab": "Cora\x0bBcc: victim@evil.test",
    "NEL": "Cora\x85Bcc: victim@evil.test",
    "a line separator": "Cora\u2028Bcc: victim@evil.test",
    "a body of its own": "Cora\r\n\r\nPay here: evil.test",
    "an address of its own": "Evil, victim@evil.test <cora@example.org>",
    "quotes": '"Evil" <victim@evil.test>,',
    "a comma": "Cora, victim@evil.test",
    "an encoded line end": "=?utf-8?q?Cora=0D=0ABcc:_victim=40evil.test?=",
    "the words of SMTP": "Cora\r\n.\r\nMAIL FROM:<e@evil.test>\r\nRCPT TO:<victim@evil.test>\r\nDATA\r\n",
}
LINKS = {
    "an address": "http://evil.test/login",
    "a link of Markdown": "http://evil.test [click](http://evil.test)",
    "a reference": "[click][1]\n\n[1]: http://evil.test",
    "an autolink": "<https://evil.test/>",
    "an element": '<a href="http://evil.test">click</a>',
    "a host": "evil.test/login",
    "www": "www.evil.test",
    "a picture": "![x](http://evil.test/p.png)<img src=http://evil.test/p.png>",
    "without scheme": "//evil.test/x",
    "of another kind": "[call](tel:+1) <mailto:x@evil.test> javascript:alert(1)",
    "ours, nearly": "http://testserver.evil.test/ http://testserver@evil.test/",
    "hidden signs": "h\u200bttp://e\u2060vil.test",
}
# What a mail program would make a link of by itself.
LINKED = re.compile(r"\w://|\bwww\.|(?<![@\w.-])[\w-]+(?:\.[\w-]+)*\.test\b", re.IGNORECASE)


@dataclass
class World:
    """A task force with one follower, and staff who move the end of its phase."""

    phase: Phase
    staff: User
    sink: Sink

    def told(self, words: str) -> Arrival:
        """The one mail about a new end, where everybody and everything is called by `words`."""
        with past_the_triggers():
            Phase.objects.filter(pk=self.phase.pk).update(title_en=words)
        TaskForce.objects.filter(pk=self.phase.task_force_id).update(name_en=words[:200])
        User.objects.filter(pk=self.staff.pk).update(name=words[:100])
        self.staff.refresh_from_db()
        self.phase.refresh_from_db()
        day = self.phase.closes_on + timedelta(days=1)
        timeline.extend(self.phase.pk, closes_on=day, reason=words, actor=self.staff)
        self.sink.arrivals.clear()
        expansion.expand_due()
        delivery.deliver_due()
        (arrival,) = self.sink.arrivals
        return arrival


@pytest.fixture
def world(tf: TaskForce, phase: Callable[[str], Phase], people: dict[str, User], sink: Sink) -> World:
    """With Ann, who is told of dates."""
    timeline.follow(tf, mailbox=ANN, topics=["deadlines"], language="en", at=app_now())
    return World(phase("feedback"), people["coordinator"], sink)


def wrong(arrival: Arrival, plain: Arrival, words: str) -> list[str]:
    """What the words have done to a mail that is else as the plain one."""
    mail, usual = arrival.mail, plain.mail
    found = []
    if arrival.recipients != [ANN]:
        found.append(f"goes to {arrival.recipients}")
    if [each for _name, each in getaddresses(mail.get_all("To", []))] != [ANN]:
        found.append(f"is addressed to {mail.get_all('To')}")
    if mail.keys() != usual.keys():
        found.append(f"has the headers {mail.keys()}")
    if [part.get_content_type() for part in mail.walk()] != [part.get_content_type() for part in usual.walk()]:
        found.append("has other parts")
    if seen(words) not in seen(str(mail["Subject"])):
        found.append(f"is called {mail['Subject']}")
    return found


def seen(text: str) -> str:
    """What one sees of a text in one line."""
    return " ".join(re.sub("[\x0b\u200b\u2060\u2066-\u2069]", "", text).split())


def test_no_name_adds_a_header_or_a_recipient(world: World) -> None:
    plain = world.told("Cora")
    told = {what: world.told(words) for what, words in HEADERS.items()}
    assert wrong(plain, plain, "Cora") == []
    assert {what: found for what, words in HEADERS.items() if (found := wrong(told[what], plain, words))} == {}


def naive(words: str, sink: Sink, settings: Settings) -> Arrival:
    """A mail as a template of plain text would make it, sent to whom it names."""
    text = f"From: {words} <news@example.org>\nTo: Ann <{ANN}>\nSubject: {words}: later\n\nSee the portal."
    mail = message_from_string(text, policy=policy.default)
    named = [*mail.get_all("To", [ANN]), *mail.get_all("Cc", []), *mail.get_all("Bcc", [])]
    sink.arrivals.clear()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as smtp:
        smtp.sendmail(
            "news@example.org", [each for _name, each in getaddresses(named)], mail.as_bytes(policy=policy.SMTP)
        )
    return sink.arrivals[0]


def test_in_a_naive_mail_they_do(sink: Sink, settings: Settings) -> None:
    """The twin: the test above sees it."""
    plain = naive("Cora", sink, settings)
    assert wrong(plain, plain, "Cora") == []
    does = {what for what, words in HEADERS.items() if wrong(naive(words, sink, settings), plain, words)}
    assert {"a line end", "a bare LF", "a body of its own", "an encoded line end", "the words of SMTP"} <= does


MAILBOXES = [
    "Evil, victim@evil.test <ann@example.org>",
    '"Evil, victim@evil.test" <ann@example.org>',
    "ann@example.org, victim@evil.test",
    "ann@example.org victim@evil.test",
    "ann@example.org;victim@evil.test",
    "ann@example.org\r\nRCPT TO:<victim@evil.test>",
    "ann@example.org\nBcc: victim@evil.test",
    "ann@example.org> SIZE=1\r\n<victim@evil.test",
    '"ann@example.org, victim"@evil.test',
    "ann@[127.0.0.1]",
    "@evil.test:ann@example.org",
    "ann%evil.test@localhost",
]


@pytest.mark.parametrize("mailbox", MAILBOXES)
def test_what_is_not_one_address_gets_nothing(mailbox: str, sink: Sink, write: Write) -> None:
    row = write(mailbox)
    write(ANN)
    delivery.deliver_due()
    row.refresh_from_db()
    assert [arrival.recipients for arrival in sink.arrivals] == [[ANN]]
    assert row.state == MessageState.FAILED


def links_of(arrival: Arrival) -> list[str]:
    """What a mail program makes a link of, in either part, without the portal's own pages."""
    bodies = {kind: arrival.mail.get_body((kind,)) for kind in ("plain", "html")}
    text, html = (body.get_content() if body else "" for body in bodies.values())
    found = Links()
    found.feed(html)
    html = html.replace("<wbr>", "")
    own = re.compile(r"http://testserver/(?!\S*@)")
    bare = re.sub(r"\S+@\S+", "", own.sub("", text + " ".join(re.sub("<[^>]*>", " ", html).split())))
    return (
        [each for each in found.addresses if not own.match(each)]
        + LINKED.findall(bare)
        + [tag for tag in found.tags if tag in ("img", "script", "iframe", "form")]
    )


def test_no_name_is_a_link(world: World) -> None:
    assert links_of(world.told("Cora")) == []
    assert {what: found for what, words in LINKS.items() if (found := links_of(world.told(words)))} == {}


def test_links_would_be_seen(world: World) -> None:
    """The twin: the same words in a part, as they were typed."""
    arrival = world.told("Cora")
    for what, words in LINKS.items():
        raw = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}".encode()
        is_link = bool(links_of(replace(arrival, raw=raw)))
        assert is_link == (what != "of another kind"), what


def test_no_name_is_a_letter(world: World) -> None:
    """How much of a mail somebody can write who has only a name."""
    room = "Your account is in danger. " * 100
    usual, most = world.told("Cora"), world.told(room[:300])
    lengths = [len(arrival.mail.get_body(("plain",)).get_content()) for arrival in (usual, most)]  # type: ignore[union-attr]
    assert lengths[1] - lengths[0] < 300 * 5


DOORS: dict[str, dict[str, Any]] = {
    "/en/subscriptions/leadership-development/": {"topics": ["deadlines"], "frequency": "immediate", "zone": "UTC"},
    "/en/accounts/login/code/": {},
    "/en/accounts/password/reset/": {},
    "/en/accounts/signup/": {"password1": "a long enough secret", "password2": "a long enough secret"},
}
NAMES = ("name", "first_name", "last_name", "username", "title", "reason", "message", "subject", "next")


@pytest.mark.parametrize("path", DOORS)
def test_whoever_has_not_confirmed_an_address_writes_no_word_to_it(path: str, tf: TaskForce, sink: Sink) -> None:
    cache.clear()
    mailbox = "win-a-prize.evil.test@example.org"
    usual = {"email": ANN, **DOORS[path]}
    hostile = {**dict.fromkeys(NAMES, "Win a prize on http://evil.test"), **DOORS[path], "email": mailbox}
    for fields in (usual, hostile):
        assert Client().post(path, fields, headers={"user-agent": "http://evil.test"}).status_code < 400
    assert OutboxMessage.objects.count() == 2
    delivery.deliver_due()
    told, plain = sink.to(mailbox), sink.to(ANN)
    assert len(told) == len(plain) == 1
    bodies = [mail.mail.get_body(("plain",)).get_content() for mail in (*told, *plain)]  # type: ignore[union-attr]
    secrets = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b|http://testserver/\S+|\b\d{6}\b")
    assert secrets.sub("", bodies[0]) == secrets.sub("", bodies[1])
    assert told[0].mail["Subject"] == plain[0].mail["Subject"]
