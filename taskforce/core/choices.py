"""Choices that a form knows only once it is made; Django's own types know no field by its name."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms


def of(form: forms.BaseForm, name: str) -> Sequence[Any]:
    """What a field of a form offers: (value, name) each, or (name of a group, its choices)."""
    return list(_with_choices(form.fields[name]).choices)


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Let a field of a form offer these."""
    _with_choices(form.fields[name]).choices = list(choices)


def _with_choices(field: forms.Field) -> Any:
    if not hasattr(field, "choices"):
        raise TypeError(f"{type(field).__name__} is no field with choices")
    return field


def chosen_words(form: forms.Form) -> list[str]:
    """What is chosen in the lists of a form that narrows something, in words; nothing where all is shown."""
    form.is_valid()
    chosen = ((name, value) for name, value in form.cleaned_data.items() if value)
    return [str(dict(of(form, name)).get(value, value)) for name, value in chosen]
