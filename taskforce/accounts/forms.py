"""What a person sets about their own account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from taskforce.core import languages


class OwnNames(forms.Select):
    """A choice of languages, each by its own name and marked as written in itself."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An option with its `lang`."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["lang"] = languages.html_lang(str(value))
        return option


class LanguageForm(forms.Form):
    """In which language somebody's mails come; one is always chosen, so nothing has to be called required."""

    language = forms.ChoiceField(
        label=_("Language of your mails"),
        choices=list(languages.OWN_NAMES.items()),
        widget=OwnNames,
        required=False,
    )
