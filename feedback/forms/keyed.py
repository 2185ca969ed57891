"""What forms have in common that are accepted once: the key that each is shown with, and the field that nobody sees."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from taskforce.core.errors import Invalid
from taskforce.timeline import gates

# A field that people never see. Its name means nothing to a browser that fills in forms for them.
HONEYPOT = "second_remark"


def key_field() -> forms.CharField:
    """Of the key, by which the same form is not taken twice."""
    return forms.CharField(widget=forms.HiddenInput, required=False)


def trap() -> forms.CharField:
    """Of what nobody sees, and machines fill in."""
    return forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )


class Keyed(forms.Form):
    """A form of the phase `phase_id` with a field `form_key`; what its `initial` has there is the key of a new one."""

    phase_id: int

    def clean_form_key(self) -> gates.FormKey | None:
        """The key that this form was shown with; anything else is an error of the form as a whole."""
        try:
            return gates.read_form_key(self.cleaned_data["form_key"], self.phase_id)
        except Invalid:
            return None

    def require_key(self, said: str = "") -> None:
        """A form that has expired says so (`said`, where it is no text that was typed), and can be sent again."""
        if self.cleaned_data.get("form_key") is None:
            self.add_error(
                None, said or gettext("This form has expired. Your text is still here: please send it again.")
            )
            self.renew()

    def renew(self) -> None:
        """Show the form with a new key, so that it can be sent again as it stands."""
        key = self.initial["form_key"]
        self.put({"form_key": str(key() if callable(key) else key)})

    def put(self, values: Mapping[str, Any]) -> None:
        """Show these in the fields, whatever was sent."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in values.items():
            data[name] = value
        self.data = data
