"""What was said as a feed: valid Atom whatever people write, and nothing in it that the pages do not say."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import changed, services
from feedback.models import FeedbackItem, FeedbackReply, FeedbackWindow
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.models import User
from taskforce.questions.forms import Answer
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address
from tests.feedback.test_answering import AT, draft, draft_for, put, release, theme
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import copies, say
from tests.feedback.test_replies import answer as answered
from tests.feedback.test_replies import reply as replied

A, H, XML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/XML/1998/namespace}"
T = "{http://purl.org/syndication/thread/1.0}"
ONCE = {"id", "title", "updated"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def raw(language: str = "en", query: str = "") -> bytes:
    response = Client().get(f"{address(language)}feed.atom{query}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not response.cookies
    content: bytes = response.content
    return content


def feed(language: str = "en", query: str = "") -> ET.Element:
    """The feed, which is valid."""
    read = parsed(raw(language, query))
    faults = list(wrong(read))
    assert not faults, faults
    return read


def parsed(made: bytes | str) -> ET.Element:
    """As a program reads it."""
    return ET.fromstring(made)  # noqa: S314 - of the portal's own making


def entry(item: FeedbackItem | FeedbackReply, language: str = "en", query: str = "") -> ET.Element:
    found = [one for one in feed(language, query).findall(f"{A}entry") if item.reference in text(one, "title")]
    assert len(found) == 1
    return found[0]


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{A}{name}") or ""


def said(element: ET.Element) -> str:
    """The words of an entry's content."""
    content = element.find(f"{A}content")
    assert content is not None
    return "".join(content.itertext())


# What may stand in a feed, each with the attributes that it may have; xml:lang may be on all.
_OF_ATOM = {"id": set(), "title": set(), "updated": set(), "published": set(), "author": set(), "name": set(),
    "entry": set(), "category": {"term", "label"}, "link": {"rel", "href", "type", "hreflang"}, "content": {"type"},
}  # fmt: skip
KNOWN = {f"{A}{name}": attributes for name, attributes in _OF_ATOM.items()} | {
    f"{T}in-reply-to": {"ref", "type", "href"}
}


def wrong(element: ET.Element) -> Iterator[str]:
    """What RFC 4287 has against a feed (4.1.1, 4.1.2, 3.1 to 3.4, 4.2), and RFC 4685 against replies in it."""
    yield from _wrong_order(element)
    yield from _not_known(element)
    if element.tag != f"{A}feed":
        yield "no feed"
    if not [one for one in element.findall(f"{A}link") if one.get("rel") == "self"]:
        yield "no link to itself"
    ids = [text(one, "id") for one in element.iter(f"{A}entry")]
    if len(set(ids)) != len(ids):
        yield "two entries of one id"
    for one in [element, *element.findall(f"{A}entry")]:
        yield from _wrong_in(one)
        if one.tag == f"{A}entry":
            yield from _wrong_content(one)


def _wrong_order(element: ET.Element) -> Iterator[str]:
    changed_at = [text(entry, "updated") for entry in element.findall(f"{A}entry")]
    days = [at[:10] for at in changed_at]
    if days != sorted(days, reverse=True):
        yield "no order"
    if text(element, "updated") < max(changed_at, default=""):
        yield "a feed that is older than what stands in it"


def _not_known(element: ET.Element) -> Iterator[str]:
    for one in element.iter():
        if one is element or one.tag.startswith(H):
            continue
        if one.tag not in KNOWN or not set(one.keys()) <= KNOWN[one.tag] | {f"{XML}lang"}:
            yield f"what Atom does not know: {one.tag} {one.attrib}"
    for entry in element.findall(f"{A}entry"):
        for to in entry.findall(f"{T}in-reply-to"):
            if not re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", str(to.get("ref"))) or to.get("ref") == text(entry, "id"):
                yield "a reply to nothing"


def _wrong_in(one: ET.Element) -> Iterator[str]:
    for name in ONCE:
        if len(one.findall(f"{A}{name}")) != 1:
            yield f"not one {name}"
    if not re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", text(one, "id")):
        yield "an id that is no IRI"
    for name in ("updated", "published"):
        yield from (f"{name} is no instant" for at in one.findall(f"{A}{name}") if not INSTANT.fullmatch(at.text or ""))
    if not one.get(f"{XML}lang"):
        yield "no language"
    yield from _wrong_people_and_links(one)
    if text(one, "published") > text(one, "updated"):
        yield "changed before it was published"


def _wrong_people_and_links(one: ET.Element) -> Iterator[str]:
    for author in one.findall(f"{A}author"):
        if len(author.findall(f"{A}name")) != 1 or not text(author, "name").strip():
            yield "an author without a name"
    if not one.findall(f"{A}author"):
        yield "no author"
    links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in one.findall(f"{A}link")]
    if len(set(links)) != len(links) or not [rel for rel, _type, _lang in links if rel == "alternate"]:
        yield "links"
    for link in one.findall(f"{A}link"):
        if not str(link.get("href")).startswith("http"):
            yield "a link that is not whole"
    yield from ("a category without a term" for each in one.findall(f"{A}category") if not each.get("term"))


def _wrong_content(one: ET.Element) -> Iterator[str]:
    (content,) = one.findall(f"{A}content")
    if content.get("type") != "xhtml" or [child.tag for child in content] != [f"{H}div"]:
        yield "content that is no single div"
    if not {child.tag for child in content.iter()} <= {f"{A}content", *(f"{H}{name}" for name in TAGS)}:
        yield "an element that nobody wrote"


TAGS = ("div", "p", "br", "h2", "h3", "ul", "li", "a")


def test_a_fault_is_found() -> None:
    """What judges the feed sees what is wrong with one."""
    assert "no feed" in list(wrong(parsed("<x/>")))
    strange = f'<feed xmlns="{A[1:-1]}"><entry><id>x</id><script/><updated>2022</updated><content/></entry></feed>'
    assert any("does not know" in fault for fault in wrong(parsed(strange)))
    assert "a feed that is older than what stands in it" in list(wrong(parsed(strange)))
    inside = '<id>x</id><title/><updated>2022-02-01</updated><link href="/x"/>'
    made = parsed(f'<feed xmlns="{A[1:-1]}">{inside}</feed>')
    faults = " ".join(wrong(made))
    for fault in ("link to itself", "no IRI", "no instant", "no language", "no author", "not whole"):
        assert fault in faults


def test_each_entry_is_in_its_own_language(window: FeedbackWindow) -> None:
    """Questions and what the portal says are in the reader's."""
    first, second = window.questions.questions.order_by("position")
    answers = [Answer(first.pk, "كلام\n\nسطر\nآخر"), Answer(second.pk, choices=("yes",))]
    item = say(window, answers=answers, language="ar", name="Amani")
    for language, asked, chosen, code in (
        ("en", "What should the task force do?", "Yes", "en"),
        ("zh-hant", "專案組應該做什麼？", "同意", "zh-Hant"),
    ):
        one = entry(item, language)
        assert feed(language).get(f"{XML}lang") == code
        assert one.get(f"{XML}lang") == "ar"
        assert text(one, "title") == f"Amani ({item.reference})"
        spoken = [(each.text, each.get(f"{XML}lang"), each.get("dir")) for each in one.iter(f"{H}p")]
        assert spoken == [("كلام", "ar", "rtl"), ("سطر", "ar", "rtl")]
        assert (asked, code) in [(each.text, each.get(f"{XML}lang")) for each in one.iter(f"{H}h3")]
        assert chosen in [each.text for each in one.iter(f"{H}li")]
        link = one.find(f"{A}link")
        assert link is not None
        assert str(link.get("href")).endswith(f"{address(language)}items/{item.reference}/")
    assert text(entry(item, "en"), "id") == text(entry(item, "zh-hant"), "id")
    assert text(feed("en"), "id") != text(feed("zh-hant"), "id")


def test_what_everybody_may_read_and_nothing_else(window: FeedbackWindow, clock: Clock) -> None:
    clock.set(OPENS + timedelta(hours=3, minutes=7, seconds=9))
    named = say(window, "One.", name="Amani")
    nameless = say(window, "Two.", name="Zuri", visibility="nameless")
    say(window, "Words for staff.", visibility="staff", name="Baraka")
    say(window, "Words that are held.", suspected=True)
    made = raw().decode()
    assert len(feed().findall(f"{A}entry")) == 2
    assert "staff." not in made
    assert "held" not in made
    assert "Baraka" not in made
    assert "Zuri" not in made
    assert text(entry(named), "updated") == "2022-02-01T15:07:00Z"
    assert text(entry(named), "published") == "2022-02-01T00:00:00Z"
    assert text(entry(nameless), "updated") == text(entry(nameless), "published") == "2022-02-01T00:00:00Z"
    assert text(entry(nameless), "title") == f"Without a name ({nameless.reference})"
    assert ":09" not in made
    assert not set(re.findall(r"\d{7,}", made)) & {str(item.pk) for item in FeedbackItem.objects.all()}


def test_the_order_of_a_day_tells_nothing(window: FeedbackWindow, clock: Clock) -> None:
    many: list[list[str]] = []
    for day in range(2):
        for minute in range(5):
            clock.set(OPENS + timedelta(days=day, minutes=minute))
            many = many if minute else [*many, []]
            many[day].append(say(window, f"{day} {minute}", visibility="nameless").reference)
    shown = re.findall(r"F-[\w-]+(?=\))", "".join(text(one, "title") for one in feed().findall(f"{A}entry")))
    assert shown == [reference for day in reversed(many) for reference in sorted(day)]


@pytest.mark.parametrize("change", ["hide", "withdraw"])
def test_who_keeps_a_copy_learns_what_is_gone(
    window: FeedbackWindow, people: dict[str, User], clock: Clock, change: str
) -> None:
    """Under its identity, in front again, without its words and its name; what never stood is no entry."""
    stood, never = say(window, "Bad words.", name="Amani"), say(window, "Other words.", suspected=True)
    later = say(window, "Later.")
    before, at = text(entry(stood), "id"), OPENS + timedelta(days=20, hours=5, minutes=3)
    clock.set(at)
    for item in (stood, never):
        if change == "hide":
            services.moderate(item.pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=at)
        else:
            services.withdraw(item.pk, at=at)
    made, one = raw().decode(), entry(stood)
    assert text(feed().findall(f"{A}entry")[0], "id") == before == text(one, "id")
    assert text(one, "updated") == f"2022-02-21T23:59:5{7 if change == 'hide' else 9}Z"
    assert "Bad words." not in made
    assert "Amani" not in made
    assert never.reference not in made
    assert later.reference in made
    assert ("It insults." in said(one)) is (change == "hide")
    assert ("It attacks a person or a group" in said(one)) is (change == "hide")
    category = one.find(f"{A}category")
    assert category is not None
    assert category.get("term") == ("hidden" if change == "hide" else "withdrawn")


def test_a_change_by_its_author_brings_it_back_in_front(window: FeedbackWindow, clock: Clock) -> None:
    """Without a name on the day of the change, and no minute of it."""
    clock.set(OPENS)
    item, later = say(window, "First.", visibility="nameless"), OPENS + timedelta(days=3, hours=2)
    clock.set(OPENS + timedelta(days=1))
    say(window, "Another one.")
    FeedbackItem.objects.filter(pk=item.pk).update(edits=1, edited_at=later)
    assert item.reference in text(feed().findall(f"{A}entry")[0], "title")
    assert (text(entry(item), "published"), text(entry(item), "updated")) == (
        "2022-02-01T00:00:00Z", "2022-02-04T23:59:56Z",
    )  # fmt: skip


HOSTILE = (
    "]]><script>alert(1)</script>", "<entry><id>x</id></entry>", "&lt;b&gt; &amp; &nbsp; &#0;", "a\ufffeb\uffffc",
    "\u202eright\u2066left", "<!--", "-->", "<?xml version='1.0'?>", "<![CDATA[", '"\'>', "javascript:alert(1)",
    "🙂\U0010ffff",
)  # fmt: skip


def test_whatever_people_write_is_words(window: FeedbackWindow) -> None:
    """In the name, in the text; also what a database holds that no form lets in."""
    for words in HOSTILE:
        item = say(window, f"{words} {FeedbackItem.objects.count()}", name=words[:40])
        FeedbackItem.objects.filter(pk=item.pk).update(name=f"{words[:40]}\x0b\x1b")
        item.answers.update(text=f"{words}\x07\x85\r\nend\x1f")
        one = entry(item)
        kept = words.replace("\ufffe", "").replace("\uffff", "")
        assert kept in said(one)
        assert said(one).rstrip().endswith("end")
        assert text(one, "title").startswith(kept[:40])
    assert {child.tag for child in feed().iter() if child.tag.startswith(H)} <= {f"{H}{name}" for name in TAGS}


# --- what became of it, replies, translations -------------------------------------------------------------------------


def day_of(element: ET.Element) -> str:
    return text(element, "updated")[:10]


def terms(element: ET.Element) -> list[str]:
    return [str(each.get("term")) for each in element.findall(f"{A}category")]


def test_what_is_answered_comes_to_the_front_once(
    window: FeedbackWindow, lead: User, second: Revision, clock: Clock
) -> None:
    """Under its identity, with the answer and the revision that has taken it up; what is drafted is nowhere."""
    clock.set(OPENS)
    named, nameless = say(window, "One.", name="Amani"), say(window, "Two.", visibility="nameless")
    other, trust = say(window, "Three."), theme(window, lead)
    before = {item: text(entry(item), "id") for item in (named, nameless, other)}
    put(window, lead, trust, nameless)
    clock.set(AT)
    draft(window, lead, named, wanted=Wanted("adopted", second.number, {"en": "Thank you & **all**.\n\nWe did."}))
    draft_for(window, lead, trust, Wanted("declined", None, {"en": "No, sadly.", "zh-hant": "不。"}))
    assert "sadly" not in raw().decode()
    release(window, lead)
    assert len(feed().findall(f"{A}entry")) == 3
    for item, words, term in ((named, "Thank you & all.", "adopted"), (nameless, "No, sadly.", "declined")):
        one = entry(item)
        assert text(one, "id") == before[item]
        assert day_of(one) == AT.date().isoformat()
        assert terms(one) == ["web", term]
        assert words in said(one)
        ways = [str(link.get("href")) for link in one.iter(f"{H}a")]
        assert [way.endswith(f"/r/{second.number}/") for way in ways] == ([True] if term == "adopted" else [])
    assert text(entry(nameless), "updated").endswith("T23:59:56Z")
    assert day_of(entry(other)) == "2022-02-01"
    assert "不。" in said(entry(nameless, "zh-hant"))
    front = [text(one, "title") for one in feed().findall(f"{A}entry")]
    assert other.reference in front[2]


def test_a_reply_is_an_entry_that_points_to_its_item(
    window: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    """An answer of staff says that it is one; the item itself stays where it was, and what is held is nowhere."""
    clock.set(OPENS)
    item = say(window, "One.", name="Amani")
    later = OPENS + timedelta(days=3, hours=1, minutes=2, seconds=3)
    clock.set(later)
    answer = answered(item, people["coordinator"], "We heard you.")
    nameless = replied(item, people["member"], "So say I.")
    named = replied(item, people["applicant"], "Me too.", name="Zuri")
    held = replied(item, people["member"], "Buy this.", suspected=True)
    made = feed()
    assert len(made.findall(f"{A}entry")) == 4
    assert held.reference not in raw().decode()
    assert day_of(entry(item)) == "2022-02-01"
    for reply, words, term in (
        (answer, "We heard you.", "answer"),
        (nameless, "So say I.", "reply"),
        (named, "Me too.", "reply"),
    ):
        one = entry(reply)
        to = one.find(f"{T}in-reply-to")
        assert to is not None
        assert (to.get("ref"), terms(one), said(one)) == (text(entry(item), "id"), [term], words)
    assert text(entry(named), "updated") == "2022-02-04T13:02:00Z"
    assert text(entry(nameless), "updated") == "2022-02-04T00:00:00Z"
    assert text(entry(nameless), "title").startswith("Without a name")
    assert text(entry(answer), "title").startswith("The people who run this")


def test_a_reply_that_is_gone_leaves_word_of_it(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    """Of what its item was; with the item that is gone the replies to it are too."""
    clock.set(OPENS)
    item = say(window, "One.")
    withdrawn, hidden = replied(item, people["member"], "Mine."), replied(item, people["applicant"], "Bad.")
    before = {reply: text(entry(reply), "id") for reply in (withdrawn, hidden)}
    at = OPENS + timedelta(days=2)
    services.withdraw_reply(withdrawn.pk, author=people["member"], at=at)
    services.moderate_reply(hidden.pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=at)
    for reply, words in ((withdrawn, "Whoever wrote this reply has withdrawn it."), (hidden, "It insults.")):
        one = entry(reply)
        assert (text(one, "id"), day_of(one)) == (before[reply], "2022-02-03")
        assert words in said(one)
    made = raw().decode()
    assert "Mine." not in made
    assert "Bad." not in made
    services.moderate(item.pk, "hide", rule="attack", reason="Bad.", actor=people["moderator"], at=at)
    assert len(feed().findall(f"{A}entry")) == 1


def test_a_translation_stands_behind_the_original(window: FeedbackWindow, people: dict[str, User]) -> None:
    """Marked as one, in the feeds of those who read that language; it is no change of what was said."""
    item = say(window, "ينمو القادة.", language="ar")
    before = text(entry(item), "updated")
    question = item.answers.get().asked_id
    words = services.Words({question: "Leaders grow."}, "Wanda", 0, 0)
    services.translate(item.pk, "en", words, actor=people["coordinator"], at=OPENS + timedelta(days=4))
    for language in ("en", "fr"):
        one = entry(item, language)
        assert [(each.text, each.get(f"{XML}lang")) for each in one.iter(f"{H}p")][:2] == [
            ("ينمو القادة.", "ar"), ("Leaders grow.", "en"),
        ]  # fmt: skip
        assert "Wanda" in said(one)
        assert text(one, "updated") == before
    assert "Leaders" not in said(entry(item, "ar"))


def test_pages_lead_from_one_to_the_next(window: FeedbackWindow) -> None:
    """Each entry on one of them; a page that is not there is not found."""
    copies(window, changed.PER_PAGE + 5)
    pages = [feed(query=query) for query in ("", "?page=2")]
    shown = [text(one, "id") for each in pages for one in each.findall(f"{A}entry")]
    assert len(set(shown)) == len(shown) == changed.PER_PAGE + 5
    ways = [{str(link.get("rel")): str(link.get("href")) for link in each.findall(f"{A}link")} for each in pages]
    assert ways[0]["next"] == ways[1]["self"]
    assert ways[1]["previous"] == ways[0]["self"] == ways[1]["first"]
    assert "next" not in ways[1]
    assert "previous" not in ways[0]
    for number in ("3", "0", "-1", "x", "9" * 400, "%D9%A1", ""):
        assert Client().get(f"{address()}feed.atom?page={number}").status_code == 404, number


def test_nothing_yet_is_a_feed_too(window: FeedbackWindow) -> None:
    assert not feed().findall(f"{A}entry")
    assert datetime.fromisoformat(text(feed(), "updated")).tzinfo == UTC


def test_it_is_the_same_for_everybody_and_asked_for_by_its_tag(window: FeedbackWindow, people: dict[str, User]) -> None:
    say(window, "Words.", visibility="nameless")
    client = Client()
    path = f"{address()}feed.atom"
    before = client.get(path)
    client.force_login(people["coordinator"])
    assert client.get(path).content == before.content
    client.logout()
    assert before.headers["Cache-Control"].startswith("public, max-age=")
    assert "Last-Modified" not in before.headers
    tag = {"If-None-Match": before.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    say(window, "More words.", visibility="nameless")
    assert client.get(path, headers=tag).status_code == 200
    FeedbackWindow.objects.update(published_at=None)
    assert client.get(path).status_code == 404


def test_more_of_it_costs_no_more_statements(window: FeedbackWindow) -> None:
    counted: list[Any] = []
    for number in (3, 60):
        copies(window, number)
        with CaptureQueriesContext(connection) as asked:
            raw()
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 10


def test_pages_tell_programs_of_it(window: FeedbackWindow) -> None:
    say(window, "Words.")
    way = f'<link rel="alternate" type="application/atom+xml" title="What was said" href="{address()}feed.atom">'
    for path in (f"{address()}items/", f"{address()}items/?q=words", address()):
        assert way in Client().get(path).content.decode(), path
    assert f'<a href="{address()}feed.atom">Atom</a>' in Client().get(f"{address()}items/").content.decode()
