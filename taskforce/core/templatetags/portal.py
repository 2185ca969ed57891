"""Template tags of every page: icons, instants, labels in another language, numbers, fields in Codex markup.

A builtin of the template engine: no page has to load it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import lru_cache
from typing import Any, NamedTuple

from babel import numbers
from django import forms, template
from django.conf import settings
from django.db.models import Model
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from taskforce.core import dates, icons, labels, languages, lengths
from taskforce.core.wholedates import whole_dates

register = template.Library()
register.filter("whole_dates", whole_dates)


def _active() -> str:
    """The portal language of the page that is being drawn."""
    return get_language() or "en"


@register.simple_tag
def contact() -> str:
    """The address to write to: the one that all mails come from, which somebody reads (docs/operation.md)."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


@register.simple_tag
def html_language() -> str:
    """The BCP 47 tag of the active language, for pages that are drawn without context processors."""
    return languages.html_lang(_active())


@register.simple_tag
def text_direction() -> str:
    """`rtl` or `ltr` of the active language, for pages that are drawn without context processors."""
    return languages.direction(_active())


@register.simple_tag
def gap() -> str:
    """What stands between two sentences that a template joins: a blank, or nothing where the language has none."""
    return languages.gap(_active())


@register.simple_tag
def colon() -> str:
    """What stands between a label and its value, with its blanks: `: ` or `：`."""
    return languages.colon(_active())


@register.simple_tag
def bracketed(value: Any) -> SafeString:
    """Something said by the way, with the brackets of the language and the blank before them: ` (3)` or `（3）`."""
    before, after = languages.brackets(_active())
    return format_html("{}{}{}", before, value, after)


@register.filter
def bcp47(code: str) -> str:
    """The BCP 47 tag of a portal language: `zh-hant` → `zh-Hant`."""
    return languages.html_lang(code)


@register.filter
def direction_of(code: str) -> str:
    """`rtl` or `ltr` of a portal language."""
    return languages.direction(code)


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """A Codex icon (`calendar`, `arrow-next`) as inline SVG, hidden from screen readers.

    Raises `icons.UnknownIconError` for a name that Codex does not have.
    """
    code = _active()
    return icons.svg(name, languages.html_lang(code), languages.direction(code), css_class)


# Codex draws these by CSS masks too, but its Arabic notice sign would also replace warning and error there.
_MESSAGE_ICONS = {"warning": "alert", "error": "error", "success": "success"}


@register.simple_tag
def message_icon(kind: str = "notice") -> SafeString:
    """The sign of a Codex message: `notice`, `warning`, `error` or `success` (anything else is a notice)."""
    return icon(_MESSAGE_ICONS.get(kind, "infoFilled"), "cdx-message__icon--vue")


def _time(instant: datetime | None, marker: str) -> str:
    """A `<time>` element with its machine form; nothing for None, ValueError for a naive datetime."""
    if instant is None:
        return ""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return format_html('<time datetime="{}"{}>{}</time>', _machine(instant), marker, dates.utc_text(instant))


def _machine(instant: datetime) -> str:
    """An aware instant as machines read it: `2022-03-01T12:00:00Z`."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@register.simple_tag
def local_time(instant: datetime | None) -> str:
    """An instant (with a time zone) in UTC by the locale; the page's script adds the reader's own time.

    Nothing for None, so that a template need not ask first; ValueError for a naive datetime.
    """
    return _time(instant, " data-local")


@register.simple_tag
def utc_time(instant: datetime | None) -> str:
    """As `local_time`, where the reader's own time would be noise (histories, lists, the demo bar)."""
    return _time(instant, "")


@register.filter
def to_the_minute(instant: datetime | None) -> datetime | None:
    """The same without its seconds, for what happened and nobody counts to the second."""
    return instant and instant.replace(second=0, microsecond=0)


@register.simple_tag
def time_left(until: datetime | None, at: datetime | None) -> str:
    """ "12 days left" at the moment `at`; under a day it is set off, and the page's script keeps it true.

    Nothing where either is not given, or where nothing is left.
    """
    if not until or not at or at >= until:  # a template hands on an empty text for what is not there
        return ""
    found = dates.left(until, at)
    return format_html(
        '<span class="pt-left{}" data-left="{}" data-shown="{} {}">{}<span class="pt-left__text">{}</span></span>',
        " pt-left--soon" if found.is_short else "",
        _machine(until),
        found.amount,
        found.unit,
        icon("clock"),
        dates.left_text(found),
    )


@register.simple_tag
def moment(value: Any) -> Any:
    """A fact's value: an instant as `local_time` shows it, everything else as text."""
    return local_time(value) if isinstance(value, datetime) else value


@register.simple_tag
def translated(obj: Model, field: str) -> SafeString:
    """A label that staff wrote, in the active language or, with its own `lang`, in the next of the chain."""
    found = labels.label(obj, field)
    if found.language == _active():
        return conditional_escape(found.text)
    return format_html(
        '<span lang="{}" dir="{}">{}</span>',
        languages.html_lang(found.language),
        languages.direction(found.language),
        found.text,
    )


@register.simple_tag
def number(value: float) -> str:
    """A number as the locale writes it (1,234 or 1.234)."""
    return _number(value, _active())


@register.simple_tag
def percent(value: float) -> str:
    """A share given as 0 to 100, as the locale writes it (40%, 40 %, %40), without decimals."""
    return _percent(value, _active())


# A page has dozens of both, mostly the same small ones.
@lru_cache(maxsize=4096, typed=True)
def _number(value: float, code: str) -> str:
    return str(numbers.format_decimal(value, locale=languages.locale_of(code)))


@lru_cache(maxsize=4096, typed=True)
def _percent(value: float, code: str) -> str:
    return str(numbers.format_percent(value / 100, locale=languages.locale_of(code)))


class Problem(NamedTuple):
    """A line of an error summary: id of the control to go to (empty: none), the field's label, the error."""

    target: str
    label: Any
    text: str


def _first_control(field: BoundField) -> str:
    """The id of the element that a link in the error summary leads to; in a group, its first choice."""
    if field.field.widget.use_fieldset:
        return f"{field.auto_id}_0"
    return str(field.id_for_label)


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: forms.BaseForm, more: Iterable[Problem] = ()) -> dict[str, Any]:
    """Everything that is wrong with a form, with links to its fields, and what else its page names (`more`); draws
    nothing when nothing is wrong."""
    return {"problems": [*problems(form), *more]}


def problems(form: forms.BaseForm) -> list[Problem]:
    """Everything that is wrong with a form, each with the place of its field."""
    found = [Problem("", "", str(text)) for text in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else _first_control(field)
        found.extend(Problem(target, field.label, str(text)) for text in field.errors)
    return found


@register.simple_tag
def wide_characters() -> str:
    """The characters that count twice against a limit, for the script that counts along."""
    return lengths.wide_ranges()


@register.simple_tag(takes_context=True)
def error_mark(context: template.Context) -> str:
    """What a page's title begins with while a form that was sent stands on it with errors: the title is read first."""
    shown: dict[Any, Any] = context.flatten()
    sent = [one for one in shown.values() if isinstance(one, forms.BaseForm) and one.is_bound]
    return gettext("Error:") + " " if any(form.errors for form in sent) else ""


class Choice(NamedTuple):
    """One choice of a group: its input as HTML, the id for its label, the label's text."""

    control: SafeString
    html_id: str
    label: Any


# Which Codex component draws a widget; what is not named here is a line of text.
_KINDS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "checkboxes"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "checkbox"),
    (forms.Select, "select"),
    (forms.Textarea, "textarea"),
)
_CONTROL_CLASSES = {
    "checkboxes": "cdx-checkbox__input",
    "radios": "cdx-radio__input",
    "checkbox": "cdx-checkbox__input",
    "select": "cdx-select",
    "textarea": "cdx-text-area__textarea",
    "input": "cdx-text-input__input",
}


def _kind(widget: forms.Widget) -> str:
    """The name of the Codex component for a widget."""
    return next((kind for widget_class, kind in _KINDS if isinstance(widget, widget_class)), "input")


def _choice(part: BoundWidget, css_class: str) -> Choice:
    """One radio button or checkbox of a group, in Codex's class."""
    part.data["attrs"]["class"] = css_class
    return Choice(part.tag(), part.id_for_label, part.choice_label)


@register.inclusion_tag("components/field.html")
def form_field(field: BoundField) -> dict[str, Any]:
    """A form's field in Codex markup: label, "required" in words, help, control, errors.

    One with a `fold` is what few people need: it is folded under these words, until something stands there.
    """
    kind = _kind(field.field.widget)
    css_class = _CONTROL_CLASSES[kind]
    if kind == "select" and field.errors:
        css_class += " cdx-select--status-error"
    context: dict[str, Any] = {"field": field, "kind": kind, "required": field.field.required}
    context["fold"] = getattr(field.field, "fold", "")
    context["is_used"] = bool(context["fold"] and (field.errors or field.value()))
    if field.is_hidden:
        context["kind"] = "hidden"
    elif kind in ("radios", "checkboxes"):
        context["choices"] = [_choice(part, css_class) for part in field]
        context["choice_kind"] = "radio" if kind == "radios" else "checkbox"
    else:
        own_class = field.field.widget.attrs.get("class", "")
        context["control"] = field.as_widget(attrs={"class": f"{css_class} {own_class}".strip()})
    return context
