"""What was said in a window as a feed (Atom, RFC 4287; its pages by RFC 5005).

A feed says no more than the pages do: of what shows no name the day alone. What was hidden or withdrawn stays an entry
that says so, under the identity that it had: whoever keeps what a feed brought then keeps that in place of the words.
"""

import io
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from html import unescape
from typing import Any, NamedTuple
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.db.models import DateTimeField, F, Q, QuerySet
from django.db.models.functions import Greatest, TruncDay
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from feedback.enums import FOR_EVERYBODY, Channel, ItemState
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from taskforce.core import labels, languages
from taskforce.core.labels import Label
from taskforce.core.templatetags.portal import to_the_minute

PER_PAGE = 30
_ATOM, _XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
_NAMESPACE = uuid.UUID("c6a1e0f4-52a8-5d1b-8f0b-3a6b6f5d2c90")
# What XML 1.0 has no place for, escaped or not.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Page(NamedTuple):
    """A page of the feed: its entries, its number, and whether there are older ones."""

    items: Sequence[FeedbackItem]
    number: int
    has_older: bool


def changed(window: FeedbackWindow) -> QuerySet[FeedbackItem]:
    """What everybody may read, or could once; the day (UTC) of its last change first, within a day by the references,
    which are random."""
    known = Q(state=ItemState.PUBLISHED) | Q(state__in=(ItemState.HIDDEN, ItemState.WITHDRAWN), was_public=True)
    found = FeedbackItem.objects.filter(known, window=window, visibility__in=sorted(FOR_EVERYBODY))
    last = Greatest("received_at", "state_at", "edited_at", output_field=DateTimeField())
    found = found.annotate(changed_at=last, day=TruncDay(F("changed_at"), tzinfo=UTC))
    return found.order_by("-day", "reference").defer("search_text", "fingerprint")


def page(window: FeedbackWindow, number: int) -> Page:
    """One page, counted from 1; one query. Empty where there is none of that number."""
    start = (number - 1) * PER_PAGE
    found = list(changed(window)[start : start + PER_PAGE + 1])
    return Page(found[:PER_PAGE], number, len(found) > PER_PAGE)


def feed(window: FeedbackWindow, shown: Page, answers: Mapping[int, Sequence[FeedbackAnswer]]) -> bytes:
    """A page of the feed in the active language; nothing in it depends on the moment."""
    language = languages.html_lang(get_language() or "en")
    address = _address("feedback:feed", window)
    title, written = labels.label(window, "title"), _Writer()
    with written.element("feed", {"xmlns": _ATOM, "xml:lang": language}):
        written.text("id", _urn("window", str(window.pk), str(window.published_at), language))
        said = _("What was said")
        # In the language of the window's own title, which may have none in the reader's.
        written.text("title", f"{said}{languages.colon(get_language() or 'en')}{title.text}", _lang(title))
        written.text("updated", _instant(max(map(_changed, shown.items), default=_opened(window))))
        with written.element("author"):
            called = labels.label(window.phase.task_force, "name")
            written.text("name", called.text, _lang(called))
        listed = _address("feedback:items", window)
        written.link("alternate", listed, type="text/html", hreflang=language)
        written.link("self", _numbered(address, shown.number), type="application/atom+xml")
        written.link("first", address)
        if shown.number > 1:
            written.link("previous", _numbered(address, shown.number - 1))
        if shown.has_older:
            written.link("next", _numbered(address, shown.number + 1))
        for item in shown.items:
            _entry(written, window, item, answers.get(item.pk, ()))
    return written.whole()


def _entry(written: "_Writer", window: FeedbackWindow, item: FeedbackItem, answers: Sequence[FeedbackAnswer]) -> None:
    """One text in its own language, what the portal says of it in the reader's; or what is left of it."""
    stands = item.state == ItemState.PUBLISHED
    here = languages.html_lang(get_language() or "en")
    who = item.shown_who if stands else ""
    called = who or _("Without a name")
    with written.element("entry", {"xml:lang": languages.html_lang(item.language) if stands else here}):
        written.text("id", _urn("item", item.reference))
        title = called if stands else _gone(item)
        written.text("title", f"{title} ({item.reference})", {} if who else {"xml:lang": here})
        written.text("published", _instant(_shown_at(item, item.received_at)))
        written.text("updated", _instant(_changed(item)))
        with written.element("author", {} if who else {"xml:lang": here}):
            written.text("name", called)
        written.link("alternate", _address("feedback:item", window, item.reference), type="text/html", hreflang=here)
        if stands:
            label = str(Channel(item.channel).label)
            written.element_alone("category", {"term": item.channel, "label": label, "xml:lang": here})
            with written.xhtml("content"):
                _answers(written, item, answers)
            return
        label = str(ItemState(item.state).label)
        written.element_alone("category", {"term": item.state, "label": label, "xml:lang": here})
        with written.xhtml("content"):
            written.paragraphs(_gone(item), get_language() or "en")
            if item.rule:
                written.paragraphs(str(item.get_rule_display()), get_language() or "en")
            if item.state_reason and (item.state == ItemState.HIDDEN or item.is_from_elsewhere):
                written.paragraphs(item.state_reason, None)


def _answers(written: "_Writer", item: FeedbackItem, answers: Sequence[FeedbackAnswer]) -> None:
    for answer in answers:
        asked = labels.label(answer.question, "label")
        with written.element("h3", _spoken(asked.language)):
            written.characters(asked.text)
        chosen = answer.chosen
        if not chosen:
            written.paragraphs(answer.text, item.language)
            continue
        with written.element("ul", _spoken(get_language() or "en")):
            for one in chosen:
                written.text("li", unescape(strip_tags(one)))


def _gone(item: FeedbackItem) -> str:
    if item.state == ItemState.HIDDEN:
        return _("The people who run this have hidden this text")
    if item.is_from_elsewhere:
        return _("Whoever entered this text has taken it back")
    return _("Whoever wrote this text has withdrawn it")


# --- when --------------------------------------------------------------------------------------------------------


def _changed(item: FeedbackItem) -> datetime:
    """When it was changed last, as far as everybody may know; never before it was published."""
    return max(_shown_at(item, item.received_at), _shown_at(item, item.changed_at))  # type: ignore[attr-defined]


def _shown_at(item: FeedbackItem, instant: datetime) -> datetime:
    """To the minute beside a name, else the day (UTC) alone."""
    if item.shown_name and item.state == ItemState.PUBLISHED:
        return to_the_minute(instant.astimezone(UTC)) or instant
    return _begun(instant.astimezone(UTC).date())


def _begun(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _opened(window: FeedbackWindow) -> datetime:
    return window.published_at or window.phase.opens_at


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


# --- where -------------------------------------------------------------------------------------------------------


def _address(name: str, window: FeedbackWindow, *more: str) -> str:
    return settings.SITE_URL + reverse(name, args=[window.phase.task_force.slug, window.slug, *more])


def _numbered(address: str, number: int) -> str:
    return f"{address}?page={number}" if number > 1 else address


def _urn(*parts: str) -> str:
    """The same for ever, in whichever language it is read."""
    return uuid.uuid5(_NAMESPACE, " ".join(parts)).urn


# --- how it is written -------------------------------------------------------------------------------------------


def _lang(label: Label) -> dict[str, str]:
    return {"xml:lang": languages.html_lang(label.language)}


def _spoken(language: str) -> dict[str, str]:
    code = languages.html_lang(language)
    return {"lang": code, "xml:lang": code, "dir": languages.direction(language)}


class _Writer:
    """XML in which nothing that people wrote is more than text."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self._xml = XMLGenerator(self._out, "utf-8", short_empty_elements=True)
        self._xml.startDocument()

    def whole(self) -> bytes:
        """What was written."""
        self._xml.endDocument()
        return self._out.getvalue().encode()

    @contextmanager
    def element(self, name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
        """An element around what is written inside."""
        clean: Any = {key: _NO_XML.sub("", value) for key, value in (attributes or {}).items()}
        self._xml.startElement(name, clean)
        yield
        self._xml.endElement(name)

    def element_alone(self, name: str, attributes: Mapping[str, str]) -> None:
        """One with nothing inside."""
        with self.element(name, attributes):
            pass

    def text(self, name: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
        """One with a text inside."""
        with self.element(name, attributes):
            self.characters(text)

    def characters(self, text: str) -> None:
        """Text."""
        self._xml.characters(_NO_XML.sub("", text))

    def link(self, rel: str, href: str, **more: str) -> None:
        """A link of Atom's."""
        self.element_alone("link", {"rel": rel, "href": href, **more})

    @contextmanager
    def xhtml(self, name: str) -> Iterator[None]:
        """An element of Atom's with marked up text inside."""
        with self.element(name, {"type": "xhtml"}), self.element("div", {"xmlns": _XHTML}):
            yield

    def paragraphs(self, text: str, language: str | None) -> None:
        """What people wrote, with its empty lines as ends of paragraphs and its others as line breaks."""
        for paragraph in re.split(r"\n{2,}", text.replace("\r\n", "\n").replace("\r", "\n").strip()):
            with self.element("p", _spoken(language) if language else {"dir": "auto"}):
                for number, line in enumerate(paragraph.split("\n")):
                    if number:
                        self.element_alone("br", {})
                    self.characters(line)
