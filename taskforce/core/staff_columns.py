"""How the staff side shows stored values: words instead of codes, instants in UTC, rows by the name people call them.

An app says in its `admin.py` how the fields of its models are called (`describe`); who may see which rows is decided
by whoever registers the model. What is not described shows by the kind of its field.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.utils import display_for_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from modeltranslation.utils import build_localized_fieldname

from taskforce.core import labels, languages
from taskforce.core.templatetags.portal import translated, utc_time
from taskforce.core.templatetags.staff import NOTHING, isolated

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only

Linker = Callable[[models.Model], str]


class Column(NamedTuple):
    """What a field is called, and how a value of it is put into words (None: by the kind of the field)."""

    label: "str | _StrPromise"
    show: Callable[[Any], Any] | None = None


_columns: dict[type[models.Model], dict[str, Column]] = {}
_names: dict[type[models.Model], Callable[[Any], str]] = {}


def describe(model: type[models.Model], *, name: Callable[[Any], str] | None = None, **columns: Column) -> None:
    """How the admin calls and shows the fields of `model`; `name` gives what one row is called in titles."""
    _columns[model] = columns
    if name is not None:
        called(model, name)


def called(model: type[models.Model], name: Callable[[Any], str]) -> None:
    """What one row of `model` is called in titles, for a room above the one that describes its fields."""
    _names[model] = name


def name_of(obj: models.Model) -> SafeString:
    """What people call a row: its title or name in the active language or the next of the chain, and marked so.

    It is set apart from what stands beside it: crumbs and headings mix languages of both directions.
    """
    if own := _names.get(type(obj)):
        return isolated(own(obj))
    for field in ("title", "name"):
        if hasattr(type(obj), build_localized_fieldname(field, "en")) and labels.label(obj, field).text:
            return isolated(translated(obj, field))
    return isolated(str(obj))


def nameless(number: int) -> str:
    """What somebody is called who has given no name."""
    return _("Person %(number)s (no name given)") % {"number": number}


def machine_text(value: str) -> str:
    """What a machine wrote (a mailbox, an error of a mail server): from left to right on every page."""
    return format_html('<bdi lang="en" dir="ltr">{}</bdi>', value)


def labelled(column: "str | _StrPromise", value: Any) -> SafeString:
    """A cell of a list with the name of its column, which the style sheet shows only where a row is a block.

    That is so on a narrow screen, where there is no table head.
    """
    return format_html('<span class="rv-cell" data-label="{}">{}</span>', column, isolated(value))


def label(model: type[models.Model], field: "models.Field[Any, Any]") -> "str | _StrPromise":
    """What a field is called."""
    described = _columns.get(model, {}).get(field.name)
    return described.label if described else field.verbose_name


def in_words(model: type[models.Model], name: str, value: Any) -> str:
    """A stored value as plain text, for the choices of a filter."""
    if show := _show(model, name):
        return str(show(value))
    return languages.OWN_NAMES.get(value, str(value)) if name == "language" else str(value)


def _show(model: type[models.Model], name: str) -> Callable[[Any], Any] | None:
    described = _columns.get(model, {}).get(name)
    return described.show if described else None


def field_of(model: type[models.Model], name: Any) -> "models.Field[Any, Any] | None":
    """The model's own field of that name, if it is one."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def shown(model: type[models.Model], name: Any, link: Linker | None = None) -> Any:
    """The admin's column for a field; whatever is no field (a method, a function) stays what it is.

    `link` gives the address of a related row's page, or "" where the reader may not see it.
    """
    field = field_of(model, name)
    if field is None:
        return name

    def column(obj: Any) -> Any:
        value = getattr(obj, field.name)
        return NOTHING if value is None or value == "" else _cell(obj, field, value, link)

    column.__name__ = field.name
    return admin.display(column, description=label(model, field), ordering=field.name)


def _cell(obj: models.Model, field: "models.Field[Any, Any]", value: Any, link: Linker | None) -> Any:
    described = _columns.get(type(obj), {}).get(field.name)
    if described and described.show:
        return described.show(value)
    if isinstance(value, models.Model):
        address = link(value) if link else ""
        return format_html('<a href="{}">{}</a>', address, name_of(value)) if address else name_of(value)
    if isinstance(field, models.DateTimeField):
        return utc_time(value)
    if field.name == "language" and languages.is_offered(value):
        return format_html('<bdi lang="{}">{}</bdi>', languages.html_lang(value), languages.OWN_NAMES[value])
    words = display_for_field(value, field, NOTHING)
    return isolated(words) if isinstance(value, str) and not field.choices else words


def filtered(model: type[models.Model], each: Any) -> Any:
    """The filter of a list for a field, under the field's label; every other filter stays what it is."""
    field = field_of(model, each) if isinstance(each, str) else None
    if field is None:
        return each
    return (each, _Choices if field.choices else _Values)


class _Labelled(admin.FieldListFilter):
    """A filter under the label of its field's column."""

    def __init__(
        self,
        field: "models.Field[Any, Any]",
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[models.Model],
        model_admin: "admin.ModelAdmin[Any]",
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        self.title = str(label(model, field))
        self._model, self._name = model, field.name


class _Choices(_Labelled, admin.ChoicesFieldListFilter):
    """A filter by a field with labels, each called as in the field's column."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """As Django's, "all" first; where the column has words of its own, in those."""
        labels = [(code, str(words)) for code, words in self.field.flatchoices] if self._is_worded else []
        for number, choice in enumerate(super().choices(changelist)):
            if 0 < number <= len(labels):
                code, words = labels[number - 1]
                choice["display"] = str(choice["display"]).replace(words, in_words(self._model, self._name, code), 1)
            yield choice

    @property
    def _is_worded(self) -> bool:
        return _show(self._model, self._name) is not None


class _Values(_Labelled, admin.AllValuesFieldListFilter):
    """A filter by the values that are there, each in words."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """As Django's, "all" first; the values in words, with their count if counts are asked for."""
        values = [str(value) for value in self.lookup_choices if value is not None]
        for number, choice in enumerate(super().choices(changelist)):
            if 0 < number <= len(values):
                value = values[number - 1]
                words = in_words(self._model, self._name, value)
                choice["display"] = str(choice["display"]).replace(value, words, 1)
            yield choice
