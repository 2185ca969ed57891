"""Labels that staff write, of every model that has translated ones, and where each is corrected."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import ForeignKey, Model, Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

from recruitment.models import Call, CallChange, Clarification, Criterion, ScoreMeaning
from taskforce.announcements.models import Announcement
from taskforce.core import languages
from taskforce.core.templatetags.portal import translated
from taskforce.core.templatetags.staff import sentence
from taskforce.portal import audit_words
from taskforce.portal.old_words.texts import Text
from taskforce.timeline.enums import BulletinState
from taskforce.timeline.models import Bulletin, Phase, TaskForce

# What can still be corrected, of models that have rows which cannot: what was sent or announced is history.
_STILL_OPEN = {
    Bulletin: Q(state__in=(BulletinState.DRAFT, BulletinState.OFFERED)),
    Announcement: Q(state="draft"),
    CallChange: Q(pk__in=()),
}
_ASKED_WITH: dict[type[Model], tuple[str, ...]] = {
    Criterion: ("call",), Clarification: ("call",), ScoreMeaning: ("criterion__call",),
}  # fmt: skip
_FIELDS = {
    "allowance": gettext_lazy("Allowance"),
    "answer": gettext_lazy("Answer"),
    "body": gettext_lazy("Text"),
    "criteria_introduction": gettext_lazy("Introduction of the criteria"),
    "description": gettext_lazy("Description"),
    "eligibility": gettext_lazy("Who may apply"),
    "help_text": gettext_lazy("Help"),
    "hours": gettext_lazy("Hours per week"),
    "introduction": gettext_lazy("Introduction"),
    "label": gettext_lazy("Label"),
    "least_label": gettext_lazy("What the lowest number means"),
    "most_label": gettext_lazy("What the highest number means"),
    "name": gettext_lazy("Name"),
    "publication": gettext_lazy("What will be published about whom"),
    "purpose": gettext_lazy("Purpose"),
    "question": gettext_lazy("Question"),
    "subject": gettext_lazy("Subject"),
    "term": gettext_lazy("Term"),
    "terms": gettext_lazy("Terms"),
    "text": gettext_lazy("Text"),
    "title": gettext_lazy("Title"),
}
# How the list names a label.
_LABEL = re.compile(r"label:(?P<model>[a-z.]{1,60}):(?P<pk>[0-9]{1,18}):(?P<field>[a-z_]{1,30})")


def every(task_force: TaskForce) -> Iterator[Text]:
    """Every label of every model that has translated ones, of this task force's rows."""
    for model in sorted(translator.get_registered_models(abstract=False), key=lambda one: one._meta.label_lower):
        rows = model._default_manager.filter(belonging(model, task_force) & _STILL_OPEN.get(model, Q()))
        for row in rows.select_related(*_ASKED_WITH.get(model, ())).order_by("pk"):
            for field in sorted(translator.get_options_for_model(model).all_fields):
                yield from _of_label(row, field, task_force)


def _of_label(row: Model, field: str, task_force: TaskForce) -> Iterator[Text]:
    for code in languages.CODES:
        text = getattr(row, build_localized_fieldname(field, code)) or ""
        if text:
            url = _label_url(row, field, code, task_force)
            yield Text(_label_place(row, field), code, text, _label_name(row, field), url)


def _label_place(row: Model, field: str) -> str:
    return f"label:{row._meta.label_lower}:{row.pk}:{field}"


class LabelAt(NamedTuple):
    """A label of a row of a task force, and what it is called."""

    row: Model
    field: str
    where: str


def label_at(task_force: TaskForce, place: str) -> LabelAt | None:
    """The label that a place of the list names; None where the task force has none there that could be corrected."""
    found = _LABEL.fullmatch(place)
    models = {model._meta.label_lower: model for model in translator.get_registered_models(abstract=False)}
    if found is None or found["model"] not in models:
        return None
    model, field = models[found["model"]], found["field"]
    if field not in translator.get_options_for_model(model).all_fields:
        return None
    rows = model._default_manager.filter(belonging(model, task_force) & _STILL_OPEN.get(model, Q()))
    row = rows.filter(pk=int(found["pk"])).first()
    if row is None or _has_form(row) or _act_url(row) or (isinstance(row, TaskForce) and field == "name"):
        return None
    return LabelAt(row, field, _label_name(row, field)())


def others_with(row: Model, task_force: TaskForce) -> list[TaskForce]:
    """The other task forces that the row is a part of too: one set of questions may be asked by several."""
    model = type(row)
    if model is TaskForce or _way(model, TaskForce):
        return []
    rows = model._default_manager.filter(pk=row.pk)
    others = TaskForce.objects.exclude(pk=task_force.pk)
    return [other for other in others if rows.filter(belonging(model, other)).exists()]


def _has_form(row: Model) -> bool:
    """Whether its own page has a form: what is not public yet."""
    return isinstance(row, Bulletin | Announcement) or (isinstance(row, Phase) and row.published_at is None)


def _act_url(row: Model) -> str:
    """Where a public act changes it with its reason: words of a call that is published. "" for all others."""
    if not isinstance(row, Call | Criterion | ScoreMeaning | Clarification):
        return ""
    call = row.criterion.call if isinstance(row, ScoreMeaning) else row if isinstance(row, Call) else row.call
    if call.published_at is None:
        return ""
    if isinstance(row, Call):
        return reverse("admin:recruitment_call_words", args=[row.pk])
    if isinstance(row, Clarification):
        return reverse("admin:recruitment_call_answer_words", args=[call.pk, row.pk])
    if isinstance(row, ScoreMeaning):
        return reverse("admin:recruitment_call_scores", args=[call.pk, row.criterion_id])
    return reverse("admin:recruitment_call_rubric", args=[call.pk])


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
        translatable = translator.get_options_for_model(type(row)).all_fields
        kind = audit_words.KINDS.get(row._meta.label_lower) or row._meta.verbose_name
        # As the model has them: the translator keeps them in the order of a set, which is another one in each process.
        first = next(each.name for each in row._meta.concrete_fields if each.name in translatable)
        said = _("%(kind)s “%(title)s”: %(field)s")
        title = translated(row, first)
        return sentence(said, kind=capfirst(str(kind)), title=title, field=_FIELDS.get(field, field))

    return name


def _label_url(row: Model, field: str, code: str, task_force: TaskForce) -> Callable[[], str]:
    """Where it is corrected, in the language: on its own page while that has a form, else on the page for labels."""

    def url() -> str:
        if isinstance(row, TaskForce) and field == "name":
            return reverse("admin:timeline_taskforce_rename", args=[row.pk])
        if act := _act_url(row):
            return act
        if not _has_form(row):
            return reverse("admin:timeline_taskforce_label", args=[task_force.pk, _label_place(row, field), code])
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        return f"{address}?{urlencode({'language': code})}"

    return url
