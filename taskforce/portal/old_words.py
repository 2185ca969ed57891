"""What still says the former name of a task force: units of its texts, labels, mail texts, in each language.

Exactly that: current texts only, never a revision or what was sent or announced already, which stays as it was. What
counts as saying it, `core/occurrences.py` has.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.db.models import ForeignKey, Model, Q
from django.template.base import Node
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

from proposals.enums import ProposalKind, ProposalState
from proposals.models import UnitText
from taskforce.announcements.models import Announcement
from taskforce.core import labels, languages, markdown, occurrences
from taskforce.core.templatetags.portal import number, translated
from taskforce.core.templatetags.staff import sentence
from taskforce.core.text import digest
from taskforce.notifications import kinds
from taskforce.notifications.admin import kind_name
from taskforce.portal import audit_words
from taskforce.timeline.enums import BulletinState
from taskforce.timeline.models import Bulletin, OldWord, StaysAsItIs, TaskForce
from taskforce.timeline.queries import renaming

# How much of a text stands before and behind what it says, on the list.
_AROUND = 60
# What can still be corrected, of models that have rows which cannot: what was sent or announced is history.
_STILL_OPEN = {
    Bulletin: Q(state__in=(BulletinState.DRAFT, BulletinState.OFFERED)),
    Announcement: Q(state="draft"),
}
_CURRENT = (ProposalState.DRAFT, ProposalState.PUBLISHED)
_FIELDS = {
    "body": gettext_lazy("Text"),
    "help_text": gettext_lazy("Help"),
    "introduction": gettext_lazy("Introduction"),
    "label": gettext_lazy("Label"),
    "name": gettext_lazy("Name"),
    "purpose": gettext_lazy("Purpose"),
    "subject": gettext_lazy("Subject"),
    "text": gettext_lazy("Text"),
    "title": gettext_lazy("Title"),
}
# Stands in a text of the catalogue for what is put in.
_PLACE = re.compile(r"%\(\w+\)[sd]")


@dataclass(frozen=True)
class Words:
    """What is looked for: `everywhere`, and besides in a language; `now` is what it is called there, which may be."""

    everywhere: frozenset[str]
    of_language: Mapping[str, frozenset[str]]
    now: Mapping[str, str]

    def of(self, language: str) -> frozenset[str]:
        """Those that texts of a language are asked for."""
        return self.everywhere | self.of_language.get(language, frozenset())


class Text(NamedTuple):
    """A text in a language, at a place; `is_html` where it is the HTML of one."""

    place: str
    language: str
    text: str
    where: Callable[[], str]
    url: Callable[[], str]
    is_html: bool = False


@dataclass(frozen=True)
class Saying:
    """A text that says an old word: where, how often, the first time with what stands around, and who lets it."""

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
    return Words(frozenset(everywhere), {code: frozenset(some) for code, some in of_language.items()}, now)


def sayings(task_force: TaskForce, words: Words) -> list[Saying]:
    """Everything that says one of the words, place by place; what may stay has its mark. So many statements, always."""
    marks = {(one.place, one.language): one for one in StaysAsItIs.objects.filter(task_force=task_force)}
    if not words.everywhere and not words.of_language:
        return []
    every = (*_units(task_force), *_labels(task_force), *_mails())
    found = (_saying(text, words, marks.get((text.place, text.language))) for text in every)
    return [one for one in found if one]


def _saying(text: Text, words: Words, mark: StaysAsItIs | None) -> Saying | None:
    wanted = words.of(text.language)
    seen = occurrences.of_html(text.text if text.is_html else str(markdown.render(text.text, with_headings=True)))
    if not occurrences.may_say(seen, wanted):
        return None
    read = occurrences.read(seen)
    spans = occurrences.found(read, wanted, but=[words.now[text.language]])
    if not spans:
        return None
    start, end = spans[0]
    same = digest([text.text])
    return Saying(
        text.place,
        text.language,
        text.where(),
        text.url(),
        _cut(read.shown[max(0, start - _AROUND) : start], is_cut=start > _AROUND, at_the_end=False),
        read.shown[start:end],
        _cut(read.shown[end : end + _AROUND], is_cut=end + _AROUND < len(read.shown), at_the_end=True),
        len(spans),
        same,
        mark if mark and mark.digest == same else None,
    )


def _cut(text: str, *, is_cut: bool, at_the_end: bool) -> str:
    if not is_cut:
        return text
    return f"{text}…" if at_the_end else f"…{text}"


# --- units -----------------------------------------------------------------------------------------------------------


def _units(task_force: TaskForce) -> Iterator[Text]:
    """The current texts of the units that there are, in reading order."""
    found = UnitText.objects.filter(
        unit__proposal__task_force=task_force, unit__proposal__state__in=_CURRENT, unit__removed_in=None
    ).exclude(text="")
    for one in found.select_related("unit__proposal").order_by("unit__proposal_id", "unit__position", "language"):
        yield Text(
            f"unit:{one.unit_id}", one.language, one.html, _unit_name(one), _unit_url(one, task_force), is_html=True
        )


def _unit_name(one: UnitText) -> Callable[[], str]:
    def name() -> str:
        proposal = one.unit.proposal
        said = _("%(kind)s “%(slug)s”, paragraph %(number)s")
        kind = capfirst(str(ProposalKind(proposal.kind).label))
        return sentence(said, kind=kind, slug=proposal.slug, number=number(one.unit.position))

    return name


def _unit_url(one: UnitText, task_force: TaskForce) -> Callable[[], str]:
    """Where it is corrected: a translation on its own page, an original or a draft where texts are edited."""

    def url() -> str:
        proposal = one.unit.proposal
        names: dict[str, Any] = {"task_force": task_force.slug, "proposal": proposal.slug}
        is_original = one.language == one.unit.source_language or proposal.state == ProposalState.DRAFT
        with translation.override(one.language):
            if is_original:
                return reverse("proposals:edit", kwargs=names)
            return reverse("proposals:translate_unit", kwargs={**names, "unit": one.unit_id})

    return url


# --- labels ----------------------------------------------------------------------------------------------------------


def _labels(task_force: TaskForce) -> Iterator[Text]:
    """Every label of every model that has translated ones, of this task force's rows."""
    for model in sorted(translator.get_registered_models(abstract=False), key=lambda one: one._meta.label_lower):
        rows = model._default_manager.filter(belonging(model, task_force) & _STILL_OPEN.get(model, Q()))
        for row in rows.order_by("pk"):
            for field in sorted(translator.get_options_for_model(model).all_fields):
                yield from _of_label(row, field)


def _of_label(row: Model, field: str) -> Iterator[Text]:
    for code in languages.CODES:
        text = getattr(row, build_localized_fieldname(field, code)) or ""
        if text:
            place = f"label:{row._meta.label_lower}:{row.pk}:{field}"
            yield Text(place, code, text, _label_name(row, field), _label_url(row, field, code))


def belonging(model: type[Model], task_force: TaskForce) -> Q:
    """Which rows of a model are the task force's: by the way of foreign keys that leads there, else by what asks them.

    LookupError where there is none.
    """
    if model is TaskForce:
        return Q(pk=task_force.pk)
    way = _way(model, TaskForce)
    if way:
        return Q(**{way: task_force})
    found = Q()
    for asker in translator.get_registered_models(abstract=False):
        if not _way(asker, TaskForce):
            continue
        for key in _keys(asker):
            target = key.related_model
            way = "pk" if target is model else _way(model, target)
            if way:
                ids = asker._default_manager.filter(belonging(asker, task_force)).values(key.attname)
                found |= Q(**{f"{way}__in": ids})
    if not found:
        raise LookupError(f"no way leads from {model._meta.label} to a task force")
    return found


def _keys(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]


@cache
def _way(model: type[Model], target: type[Model]) -> str:
    """The shortest way of foreign keys from a model to another one, as a lookup; "" where there is none."""
    ways: list[tuple[type[Model], str]] = [(model, "")]
    met = {model}
    for one, way in ways:
        for key in _keys(one):
            here = f"{way}__{key.name}" if way else key.name
            if key.related_model is target:
                return here
            if key.related_model not in met:
                met.add(key.related_model)
                ways.append((key.related_model, here))
    return ""


def _label_name(row: Model, field: str) -> Callable[[], str]:
    def name() -> str:
        options = translator.get_options_for_model(type(row))
        kind = audit_words.KINDS.get(row._meta.label_lower) or row._meta.verbose_name
        first = next(iter(options.all_fields))
        said = _("%(kind)s “%(title)s”: %(field)s")
        title = translated(row, first)
        return sentence(said, kind=capfirst(str(kind)), title=title, field=_FIELDS.get(field, field))

    return name


def _label_url(row: Model, field: str, code: str) -> Callable[[], str]:
    """Its page on the staff side, in the language; "" where it has none."""

    def url() -> str:
        if isinstance(row, TaskForce) and field == "name":
            return reverse("admin:timeline_taskforce_rename", args=[row.pk])
        if not admin.site.is_registered(type(row)):
            return ""
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        return f"{address}?{urlencode({'language': code})}"

    return url


# --- mail texts ------------------------------------------------------------------------------------------------------


def _mails() -> Iterator[Text]:
    """What the catalogues make of each template of a mail, in each language."""
    known = {kind.name for kind in kinds.all_kinds()}
    for code in languages.CODES:
        for name, text in mail_texts(code).items():
            yield Text(f"mail:{name}", code, text, _mail_name(name), _mail_url(name, code, known), is_html=True)


@cache
def mail_texts(language: str) -> dict[str, str]:
    """{template: all that it says in a language}, without what is put in; they change with the program only."""
    with translation.override(language):
        return {name: _PLACE.sub("…", " … ".join(_spoken(nodes))) for name, nodes in _templates().items()}


@cache
def _templates() -> dict[str, list[Node]]:
    folder = settings.BASE_DIR / "templates" / "mail"
    found = {}
    for path in sorted(folder.glob("*.md")):
        template = get_template(f"mail/{path.name}").template  # type: ignore[attr-defined] # of Django's own engine
        found[path.stem] = [
            *template.nodelist.get_nodes_by_type(TranslateNode),
            *template.nodelist.get_nodes_by_type(BlockTranslateNode),
        ]
    return found


def _spoken(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, TranslateNode):
            yield str(_(str(node.filter_expression.var.literal))) if node.filter_expression.var.literal else ""
        elif isinstance(node, BlockTranslateNode):
            singular, _vars = node.render_token_list(node.singular)
            if not node.plural:
                yield _(singular)
                continue
            plural, _vars = node.render_token_list(node.plural)
            yield from dict.fromkeys(ngettext(singular, plural, count) for count in (0, 1, 2, 5, 11, 100))


def _mail_name(name: str) -> Callable[[], str]:
    return lambda: sentence(_("Mail text “%(name)s”"), name=kind_name(name))


def _mail_url(name: str, code: str, known: set[str]) -> Callable[[], str]:
    def url() -> str:
        if name not in known:
            return reverse("admin:mail_texts")
        return f"{reverse('admin:mail_text', args=[name])}?{urlencode({'language': code})}"

    return url
