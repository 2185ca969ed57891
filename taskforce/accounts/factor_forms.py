"""The forms in which a code is typed: of the app, of the list of recovery codes, of a mail."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from taskforce.accounts import guesses, second_factor
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.clock import app_now


def _code_field(help_text: Any, **attributes: str | bool) -> forms.CharField:
    """A field for a code, typed from left to right in every language."""
    attrs: dict[str, str | bool] = {
        "autocomplete": "one-time-code",
        "dir": "ltr",
        "autocapitalize": "off",
        "spellcheck": "false",
    }
    return forms.CharField(
        label=_("Code"), max_length=40, help_text=help_text, widget=forms.TextInput(attrs=attrs | attributes)
    )


def _count_attempt(user: User) -> Callable[[], None]:
    """Count one attempt at this person's codes, under allauth's limits; returns what takes it back.

    Whoever is right takes back theirs, and no other: else an account of one's own would clear one's way to those of
    others.
    """
    key = second_factor.counted_as(user)
    used = guesses.count(context.request, key)
    if used is None:
        raise get_adapter().validation_error("too_many_login_attempts")
    return used.rollback  # type: ignore[no-any-return]  # allauth comes without types


class FactorForm(forms.Form):
    """A code of the app, or a recovery code: at sign-in, and to prove anew who one is."""

    code = _code_field(
        _("Six digits from your app, or one of your recovery codes."), inputmode="numeric", autofocus=True
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Uses the code up if it is right."""
        take_back = _count_attempt(self.user)
        code: str = self.cleaned_data["code"]
        passed = second_factor.use(self.user, code, at=app_now())
        if passed is None:
            raise get_factor_adapter().validation_error("incorrect_code")
        take_back()
        self.passed: Authenticator = passed
        return code

    def save(self) -> None:
        """Note that this session has passed."""
        self.passed.user = self.user
        second_factor.note_passed(context.request, self.passed)
        if self.passed.type == Authenticator.Type.RECOVERY_CODES:
            _say_what_is_left(context.request, second_factor.recovery_codes_left(self.user))


def _say_what_is_left(request: HttpRequest, left: int) -> None:
    """Whoever has used a recovery code is told how many are left, and where there are more."""
    said = ngettext("%(left)d recovery code is left.", "%(left)d recovery codes are left.", left) % {"left": left}
    more = format_html(
        '<a href="{}">{}</a>', reverse("mfa_generate_recovery_codes"), gettext("Make new recovery codes…")
    )
    messages.warning(request, format_html("{}{}{}", said, languages.gap(get_language() or "en"), more))


class ActivateForm(forms.Form):
    """The first code of an app that has just been given its secret."""

    code = _code_field(_("Six digits; the app shows new ones every 30 seconds."), inputmode="numeric")

    def __init__(self, *args: Any, user: User, secret: str, **kwargs: Any) -> None:
        self.user, self.secret = user, secret
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Finds the step of time to which the code belongs."""
        take_back = _count_attempt(self.user)
        code: str = self.cleaned_data["code"]
        step = second_factor.step_of(self.secret, code)
        if step is None:
            raise ValidationError(
                _("This is not the code that the app shows for this key. Wait for the next one and type that.")
            )
        take_back()
        self.step = step
        return code


class MailCodeForm(forms.Form):
    """The code of a mail, by which somebody proves that the mailbox is theirs."""

    code = _code_field("", autofocus=True)

    def __init__(self, *args: Any, is_right: Callable[[str], bool], **kwargs: Any) -> None:
        self.is_right = is_right
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Uses up one of the tries."""
        code: str = self.cleaned_data["code"]
        if not self.is_right(code):
            raise get_adapter().validation_error("incorrect_code")
        return code
