"""Texts that look like places for values come out as they were typed: in mails, previews, pages, answers, logs (S5).

Whatever fills a text with values (`%`, `format`, templates, translations) is handed such words in the place of each.
"""

import re
from collections.abc import Callable, Iterator
from string import Template as Dollars
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.html import format_html

from taskforce.core import languages
from taskforce.core.sentences import filled
from taskforce.notifications import kinds, previews, rendering
from taskforce.portal.demo.cast import CAST
from tests import columns
from tests.architecture.walk import World
from tests.fuzz.caller import Answer, Caller, Sent
from tests.fuzz.placeholders import TYPED, Words, changed, of_html, read_answer, seen
from tests.fuzz.places import People, all_places, who_gets_in
from tests.sampling import WHOLE, sample

pytestmark = pytest.mark.django_db

KINDS = [kind.name for kind in kinds.all_kinds()]
# In a mail's context: the names of codes that its template only compares.
_CODES = re.compile(r"(language|zone|kind)$|^(topic|capabilities|outcome|how_soon|ends_at|task_force_id|about)$")
PLACES = 8
TURNS = 6 if WHOLE else 1
Callers = Callable[[str], Caller]


def _languages(kind: str) -> list[str]:
    """Every language in a whole run, else English and one more in turn: each translation fills its own text."""
    turn = KINDS.index(kind) % len(languages.CODES)
    return list(languages.CODES) if WHOLE else sorted({"en", languages.CODES[turn]})


@pytest.mark.parametrize("kind", KINDS)
def test_mails_say_what_was_typed(kind: str) -> None:
    """In each word of each kind: in subject, text, HTML and in what staff see of it."""
    found = kinds.get(kind)
    for language in _languages(kind):
        plain = kinds.sample_of(found, language)
        context = columns.inside("", plain, Words(), _CODES)
        usual, mail = (rendering.render(found, each, language) for each in (plain, context))
        shown = previews.preview(found, context, language)
        read = {
            "subject": mail.subject,
            "text": mail.text,
            "html": of_html(mail.html),
            "preview": "\x00".join((shown.subject, shown.text, of_html(shown.html))),
        }
        assert {part: wrong for part, text in read.items() if (wrong := changed(text))} == {}, language
        # What such a mail shows of the plain sample it shows of these.
        met = seen("\x00".join(read.values()))
        shows: dict[str, bool] = {}
        for text, words in zip(_leaves(plain), _leaves(context), strict=True):
            shows[text] = shows.get(text, False) or seen(words) <= met
        unseen = [text for text, is_shown in shows.items() if text and text in usual.text and not is_shown]
        assert unseen == [], language


def _leaves(value: Any) -> Iterator[str]:
    """Every text in a JSON value, in order."""
    inner = list(value.values()) if isinstance(value, dict) else value
    if isinstance(inner, list):
        for each in inner:
            yield from _leaves(each)
    elif isinstance(inner, str):
        yield inner


@pytest.fixture
def words(world: World) -> Words:
    """In every column that holds words and is long enough, until the test ends."""
    made = Words()
    columns.write(made, keep=[person.email for person in CAST])
    return made


@pytest.mark.parametrize("turn", range(TURNS))
def test_pages_say_what_was_typed(turn: int, world: World, words: Words, people: People, caller: Callers) -> None:
    """Every page, as the first who gets it, with such words in all that the database holds; the log of acts too."""
    places = all_places(world)
    audit = next(place for place in places if place.name == "admin:audit_entry_changelist")
    problems, met = [], set()
    for place in [*sample(places, PLACES, of="places with placeholders")[turn::TURNS], audit]:
        role, _page = who_gets_in(place, people)
        answers: list[Answer] = []
        problems += caller(role).problems([Sent(place.address)], place.name, keep=answers)
        text = read_answer(answers[0])
        problems += [f"{place.address}: {wrong}" for wrong in changed(text)]
        met |= {words.places[number] for number in seen(text)}
    assert problems == []
    assert {"audit.Entry.reason", "accounts.User.name"} <= met


def test_every_reason_to_write_nothing_is_about_a_column() -> None:
    """What has no reason is written into: a new column by itself, and no reason outlives its column."""
    labels = {f"{column.model._meta.label}.{column.name}" for column in columns.of_texts()}
    known = labels | {label.rpartition(".")[2] for label in labels}
    assert {name for names in columns.NO_WORDS.values() for name in names} - known == set()
    free = {f"{each.model._meta.label}.{each.name}" for each in columns.of_texts() if not columns.excuse(each)}
    assert {"feedback.FeedbackItem.state_reason", "recruitment.Snapshot.answers", "accounts.User.email"} <= free


# --- the twins -------------------------------------------------------------------------------------------------------


class _Named:
    """Somebody whose name is a template."""

    name = "x"


FILLERS: dict[str, Callable[[str], str]] = {
    "%": lambda text: text % {"x": 1},
    "% doubled": lambda text: text.replace("%%", "%"),
    "format": lambda text: text.format(_Named(), x=1),
    "braces": lambda text: text.replace("{{", "{").replace("}}", "}"),
    "$": lambda text: Dollars(text).safe_substitute(x=1),
    "a template": lambda text: Template(text).render(Context({"x": 1})),
    "format_html": lambda text: format_html(text, _Named(), x=1),
    "a sentence": lambda text: filled(text, x=1),
    "cut without a sign": lambda text: f"{text[:30]} and on",
}


@pytest.mark.parametrize("filler", FILLERS)
def test_whoever_fills_such_words_is_found(filler: str) -> None:
    """Each way to take somebody's words for a template fails, or is seen."""
    words = f"pq7q {TYPED} zq"
    assert changed(of_html(f"<p title='pq7q {TYPED} zq'><b>{words}</b> and more")) == []
    assert changed(f"Re: {words[:40]}…") == []
    try:
        made = FILLERS[filler](words)
    except (ValueError, TypeError, KeyError, IndexError, TemplateSyntaxError):
        return
    assert changed(made) != []
