"""What still says the former name of a task force: units of its texts, labels, mail texts, in each language.

Exactly that: current texts only, never a revision or what was sent or announced already, which stays as it was. What
counts as saying it, `core/occurrences.py` has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Model

from taskforce.core import labels, languages, markdown, occurrences
from taskforce.core.text import digest
from taskforce.portal.old_words import label_texts, mails, units
from taskforce.portal.old_words.label_texts import LabelAt as LabelAt
from taskforce.portal.old_words.label_texts import belonging as belonging
from taskforce.portal.old_words.label_texts import label_at as label_at
from taskforce.portal.old_words.label_texts import others_with as others_with
from taskforce.portal.old_words.mails import mail_texts as mail_texts
from taskforce.portal.old_words.texts import Text
from taskforce.timeline.models import OldWord, StaysAsItIs, TaskForce
from taskforce.timeline.queries import renaming

# How much of a text stands before and behind what it says, on the list.
_AROUND = 60
# Characters. What was found in a longer text is not kept for the next request.
_KEPT_TO = 4_000
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Words:
    """What is looked for: `everywhere`, and besides in a language. `now` is what it is called in each, which may be
    said there; `names` are those of them that may be said in all, but for the words of a language, which are looked for
    inside of them too."""

    everywhere: frozenset[str]
    of_language: Mapping[str, frozenset[str]]
    now: Mapping[str, str]
    names: frozenset[str]


@dataclass(frozen=True)
class Saying:
    """A text that says an old word: where, how often, the first time with what stands around, and who lets it.

    `is_work`: whether staff can correct it; what stands in the catalogues only whoever runs the server can.
    `is_changing`: whether somebody has changed it in a draft that is not published yet.
    """

    place: str
    language: str
    where: str
    url: str
    before: str
    said: str
    behind: str
    times: int
    digest: str
    mark: StaysAsItIs | None
    is_work: bool
    is_changing: bool


def words_of(task_force: TaskForce) -> Words:
    """The former names, in texts of every language, and what staff have added."""
    now = {code: labels.label(task_force, "name", code).text for code in languages.CODES}
    own = labels.stored(task_force, "name")
    everywhere = {
        name
        for one in renaming.renames(task_force)
        for code, name in one.old_names.items()
        if occurrences.folded(name) != occurrences.folded(own.get(code, ""))
    }
    of_language: dict[str, set[str]] = {}
    for added in OldWord.objects.filter(task_force=task_force):
        (of_language.setdefault(added.language, set()) if added.language else everywhere).add(added.word)
    # A language may be called still what another was called once; that one is to say it no more.
    former = {occurrences.folded(word) for word in everywhere}
    names = frozenset(name for name in now.values() if occurrences.folded(name) not in former)
    return Words(frozenset(everywhere), {code: frozenset(some) for code, some in of_language.items()}, now, names)


def sayings(task_force: TaskForce, words: Words) -> list[Saying]:
    """Everything that says one of the words, place by place; what may stay has its mark. So many statements, always."""
    marks = {(one.place, one.language): one for one in StaysAsItIs.objects.filter(task_force=task_force)}
    if not words.everywhere and not words.of_language:
        return []
    every = (*units.units(task_force), *label_texts.every(task_force), *mails.every())
    found = (_saying(text, words, marks.get((text.place, text.language))) for text in every)
    return [one for one in found if one]


class _Found(NamedTuple):
    """What a text says for the first time, with what stands around, and how often it says any of it."""

    before: str
    said: str
    behind: str
    times: int


def _saying(text: Text, words: Words, mark: StaysAsItIs | None) -> Saying | None:
    look = _look if len(text.text) <= _KEPT_TO else _look.__wrapped__
    own, added = words.now[text.language], words.of_language.get(text.language, _NONE)
    found = look(text.text, text.is_html, words.everywhere, words.names | {own}, added, own)
    if found is None:
        return None
    same = digest([text.text])
    return Saying(
        text.place,
        text.language,
        text.where(),
        text.url(),
        *found,
        same,
        mark if mark and mark.digest == same else None,
        text.is_work,
        text.is_changing,
    )


# The list is asked for again after each of its texts has been worked off, and nearly all of them are as they were.
@lru_cache(maxsize=4_096)
def _look(
    source: str, is_html: bool, wanted: frozenset[str], names: frozenset[str], added: frozenset[str], own: str
) -> _Found | None:
    """What a text says of what is wanted, but for what it says of the names of now, and of what staff have `added` for
    its language, but for what it says of its `own` name; None where that is nothing."""
    seen = occurrences.of_html(source if is_html else str(markdown.render(source, with_headings=True)))
    if not occurrences.may_say(seen, wanted | added):
        return None
    read = occurrences.read(seen)
    spans = sorted({*occurrences.found(read, wanted, but=names), *occurrences.found(read, added, but=[own])})
    if not spans:
        return None
    start, end = spans[0]
    return _Found(
        _cut(read.shown[max(0, start - _AROUND) : start], is_cut=start > _AROUND, at_the_end=False),
        read.shown[start:end],
        _cut(read.shown[end : end + _AROUND], is_cut=end + _AROUND < len(read.shown), at_the_end=True),
        len(spans),
    )


def _cut(text: str, *, is_cut: bool, at_the_end: bool) -> str:
    if not is_cut:
        return text
    return f"{text}…" if at_the_end else f"…{text}"


def says(row: Model, field: str, language: str, words: Words) -> bool:
    """Whether a label says one of the words in a language."""
    text = labels.stored(row, field).get(language, "")
    return _saying(Text("", language, text, str, str), words, None) is not None
