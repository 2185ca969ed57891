"""The language in which something was said: one of a list, or any other, named beside it or sent by its tag."""

import copy
from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from taskforce.core import languages
from taskforce.core.choices import of as choices_of
from taskforce.core.choices import offer as offer_choices
from taskforce.core.text import clean_name
from taskforce.questions import spoken
from taskforce.questions.enums import OTHER_LANGUAGE

LANGUAGE, NAMED = "language", "other_language"


class AnyLanguage(forms.ChoiceField):
    """A list that takes more than it offers; `settle` says what is known."""

    def valid_value(self, value: Any) -> bool:
        """Whether it can be the name or the tag of a language at all."""
        return len(str(value)) <= spoken.LONGEST_NAME


def offer(form: forms.Form, label: Any, offered: Iterable[tuple[str, str]], errors: dict[str, Any]) -> None:
    """Give a form the two fields."""
    form.fields.update(offered_fields(label, offered, errors))
    show(form)


def offered_fields(label: Any, offered: Iterable[tuple[str, str]], errors: dict[str, Any]) -> dict[str, forms.Field]:
    """The two fields, for any number of forms."""
    choices = [*offered, (OTHER_LANGUAGE, _("Another language (name it below)"))]
    named = forms.CharField(
        label=_("Which language, if it is another one"),
        help_text=_("Its name, in that language, in this page’s or in English, or its code, such as sw."),
        required=False,
        max_length=spoken.LONGEST_NAME,
        widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
    )
    named.fold = _("Another language")  # type: ignore[attr-defined]
    return {LANGUAGE: AnyLanguage(label=label, choices=choices, error_messages=errors), NAMED: named}


def show(form: forms.Form) -> None:
    """Offer what is chosen already too, known or not: nothing that was sent is lost."""
    field = form.fields[LANGUAGE]
    given = str((form.data if form.is_bound else form.initial).get(LANGUAGE) or "")
    offered = choices_of(form, LANGUAGE)
    if not given or any(given == code for code, _called in offered):
        return
    if field.valid_value(given):  # type: ignore[attr-defined]
        code = spoken.known(given, get_language() or "en")
        called = languages.own_name(code) if code else given
        # Others have the same field.
        form.fields[LANGUAGE] = copy.deepcopy(field)
        offer_choices(form, LANGUAGE, [*offered[:-1], (given, called), offered[-1]])


def settle(form: forms.Form, allowed: Collection[str] | None = None) -> None:
    """Put the code of the language in the place of what was chosen, named or sent; of those of the portal one that is
    `allowed` (None: any). What nobody knows is an error at its field."""
    if LANGUAGE in form.errors or NAMED in form.errors:
        return
    chosen, named = form.cleaned_data.get(LANGUAGE) or "", clean_name(form.cleaned_data.get(NAMED) or "")
    if chosen == OTHER_LANGUAGE and not named:
        form.add_error(NAMED, gettext("Please name the language."))
        return
    if named and chosen != OTHER_LANGUAGE:
        said = gettext("You chose a language of the list too: empty this field, or choose “Another language” above.")
        form.add_error(NAMED, said)
        return
    code = spoken.known(named or chosen, get_language() or "en")
    if not code:
        said = gettext(
            "This language is not known here. Write its name in itself, in the language of this page or in English, or "
            "its code, such as sw."
        )
        form.add_error(NAMED if named else LANGUAGE, said)
    elif allowed is not None and languages.is_offered(code) and code not in allowed:
        form.add_error(NAMED if named else LANGUAGE, gettext("Please choose one of the list."))
    else:
        form.cleaned_data[LANGUAGE] = code
