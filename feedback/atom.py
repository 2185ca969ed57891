"""What was said in a window as a feed (Atom, RFC 4287; its pages by RFC 5005, replies by RFC 4685).

An item is one entry for good, which comes to the front again when its words change, when they are gone, and when it is
answered; what is replied to it, also by staff, is an entry of its own that points to it. Nothing comes twice.

A feed says no more than the pages do: of what shows no name the day alone. What was hidden or withdrawn stays an entry
that says so, under the identity that it had: whoever keeps what a feed brought then keeps that in place of the words.
"""

import io
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from typing import Any
from xml.sax.saxutils import XMLGenerator

from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from feedback.answered import changed_since, told
from feedback.changed import Entry, Page
from feedback.enums import Channel, ItemState
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from taskforce.core import labels, languages
from taskforce.core.labels import Label
from taskforce.core.templatetags.portal import to_the_minute

_ATOM, _XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
_THREADS = "http://purl.org/syndication/thread/1.0"
_NAMESPACE = uuid.UUID("c6a1e0f4-52a8-5d1b-8f0b-3a6b6f5d2c90")
# What XML 1.0 has no place for, escaped or not.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# After these a line of a text ends.
_ENDS = re.compile(r"(</(?:p|li|h\d|blockquote|pre)>|<br>)")


def feed(window: FeedbackWindow, shown: Page) -> bytes:
    """A page of the feed in the active language; nothing in it depends on the moment."""
    language = languages.html_lang(get_language() or "en")
    address = _address("feedback:feed", window)
    title, written = labels.label(window, "title"), _Writer()
    with written.element("feed", {"xmlns": _ATOM, "xmlns:thr": _THREADS, "xml:lang": language}):
        written.text("id", _urn("window", str(window.pk), str(window.published_at), language))
        said = _("What was said")
        # In the language of the window's own title, which may have none in the reader's.
        written.text("title", f"{said}{languages.colon(get_language() or 'en')}{title.text}", _lang(title))
        written.text("updated", _instant(max(map(_changed, shown.entries), default=_opened(window))))
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
        for entry in shown.entries:
            _entry(written, window, entry)
    return written.whole()


def _entry(written: "_Writer", window: FeedbackWindow, entry: Entry) -> None:
    """One text in its own language, what the portal says of it in the reader's; or what is left of it."""
    one, here = entry.reply or entry.item, languages.html_lang(get_language() or "en")
    stands = one.state == ItemState.PUBLISHED
    who = _who(entry) if stands else ""
    called = who or (_("The people who run this") if entry.reply and entry.reply.is_answer else _("Without a name"))
    with written.element("entry", {"xml:lang": languages.html_lang(one.language) if stands else here}):
        written.text("id", _urn("reply" if entry.reply else "item", one.reference))
        title = called if stands else _gone(entry)
        written.text("title", f"{title} ({one.reference})", {} if who else {"xml:lang": here})
        written.text("published", _instant(_begun(one.received_at.astimezone(UTC).date())))
        written.text("updated", _instant(_changed(entry)))
        with written.element("author", {} if who else {"xml:lang": here}):
            written.text("name", called)
        written.link("alternate", _place(window, entry), type="text/html", hreflang=here)
        if entry.reply:
            to = {"ref": _urn("item", entry.item.reference), "type": "text/html"}
            href = _address("feedback:item", window, entry.item.reference)
            written.element_alone("thr:in-reply-to", {**to, "href": href})
        for term, label in _categories(entry) if stands else [(one.state, str(ItemState(one.state).label))]:
            written.element_alone("category", {"term": term, "label": label, "xml:lang": here})
        with written.xhtml("content"):
            _content(written, entry) if stands else _what_is_left(written, entry)


def _who(entry: Entry) -> str:
    return entry.reply.shown_name if entry.reply else entry.item.shown_who


def _place(window: FeedbackWindow, entry: Entry) -> str:
    if entry.reply:
        return _address("feedback:one_reply", window, entry.item.reference, entry.reply.reference)
    return _address("feedback:item", window, entry.item.reference)


def _categories(entry: Entry) -> Iterator[tuple[str, str]]:
    """Where it was said and what became of it; of a reply whether it is an answer of staff."""
    if entry.reply:
        is_answer = entry.reply.is_answer
        yield ("answer", _("Answer by the people who run this")) if is_answer else ("reply", _("Reply"))
        return
    yield entry.item.channel, str(Channel(entry.item.channel).label)
    held = entry.became.holding if entry.became else None
    if held:
        yield held.outcome, str(held.get_outcome_display())


def _content(written: "_Writer", entry: Entry) -> None:
    if entry.reply:
        written.paragraphs(entry.reply.text, entry.reply.language)
        return
    _answers(written, entry.item, entry.answers)
    _translation(written, entry)
    _became(written, entry)


def _answers(written: "_Writer", item: FeedbackItem, answers: Sequence[FeedbackAnswer]) -> None:
    for answer in answers:
        _asked(written, answer)
        chosen = answer.chosen
        if not chosen:
            written.paragraphs(answer.text, item.language)
            continue
        with written.element("ul", _spoken(get_language() or "en")):
            for one in chosen:
                written.text("li", unescape(strip_tags(one)))


def _asked(written: "_Writer", answer: FeedbackAnswer) -> None:
    asked = labels.label(answer.asked, "label")
    written.text("h3", asked.text, _spoken(asked.language))


def _translation(written: "_Writer", entry: Entry) -> None:
    """Behind the original, marked as what it is."""
    if entry.translation is None:
        return
    here, row = get_language() or "en", entry.translation.row
    written.text("h2", " · ".join((_("Translation"), entry.translation.spoken)), _spoken(here))
    for answer, text in entry.translation.answers:
        _asked(written, answer)
        written.paragraphs(text, row.language)
    by = " · ".join(filter(None, (row.name, str(row.get_role_display()))))
    written.paragraphs(" ".join((_("Translated by:"), by)), here)


def _became(written: "_Writer", entry: Entry) -> None:
    """What became of it, with the revision that has taken it up, and the public answer as plain text."""
    held = entry.became.holding if entry.became else None
    if held is None:
        return
    here, proposal = get_language() or "en", entry.item.window.proposal
    of, changed = told(held, proposal), changed_since(entry.became) if entry.became else None
    written.text("h2", pgettext("feedback", "What became of it"), _spoken(here))
    if changed:
        written.paragraphs(_("Answered before the text was changed on %(day)s.") % {"day": strip_tags(changed)}, here)
    with written.element("p", _spoken(here)):
        written.characters(of.outcome)
        if of.revision:
            written.characters(" · ")
            revision = _("Revision %(number)s") % {"number": of.revision}
            written.text("a", revision, {"href": settings.SITE_URL + of.revision_url})
    text = unescape(strip_tags(_ENDS.sub(r"\1\n\n", of.answer.html)))
    written.paragraphs(re.sub(r"\n{3,}", "\n\n", text), labels.chosen(held.answers).language)


def _what_is_left(written: "_Writer", entry: Entry) -> None:
    one, here = entry.reply or entry.item, get_language() or "en"
    written.paragraphs(_gone(entry), here)
    if one.rule:
        written.paragraphs(str(one.get_rule_display()), here)
    is_entered = isinstance(one, FeedbackItem) and one.is_from_elsewhere
    if one.state_reason and (one.rule or is_entered):
        written.paragraphs(one.state_reason, None)


def _gone(entry: Entry) -> str:
    one = entry.reply or entry.item
    if one.state == ItemState.HIDDEN:
        return _("The people who run this have hidden this text")
    if one.state == ItemState.HELD:
        return _("This text is being looked at")
    if entry.reply:
        return _("Whoever wrote this reply has withdrawn it.")
    if entry.item.is_from_elsewhere:
        return _("Whoever entered this text has taken it back")
    return _("Whoever wrote this text has withdrawn it")


# --- when --------------------------------------------------------------------------------------------------------


def _changed(entry: Entry) -> datetime:
    """When it was changed last, as far as everybody may know: to the minute beside a name, else the day (UTC) alone.

    It never goes back, though what stood to the minute may be nameless or gone later the same day: each step that may
    come after another one has a second of its own before midnight, which says nothing of when that was.
    """
    one, day = entry.reply or entry.item, entry.changed_at.astimezone(UTC).date()
    if one.state_at is not None and one.state_at.astimezone(UTC).date() == day:
        return _ended(day, {ItemState.PUBLISHED: 2, ItemState.WITHDRAWN: 1}.get(ItemState(one.state), 3))
    if one.shown_name and one.state == ItemState.PUBLISHED:
        return to_the_minute(entry.changed_at.astimezone(UTC)) or entry.changed_at
    is_new = entry.changed_at <= one.received_at and one.state == ItemState.PUBLISHED
    return _begun(day) if is_new else _ended(day, 4)


def _ended(day: date, seconds: int) -> datetime:
    return _begun(day) + timedelta(days=1, seconds=-seconds)


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
