"""Forms of allauth's, where they take an address otherwise than the portal does."""

import secrets
from copy import copy
from typing import Any

from allauth.account import forms
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.db import IntegrityError, transaction
from django.forms import BoundField
from django.http import HttpRequest

from taskforce.accounts import queries, services, sign_ups
from taskforce.accounts.forms import zone_field
from taskforce.accounts.models import User
from taskforce.core.clock import app_now

_PASSWORDS = ("password1", "password2")


class SignUpForm(forms.SignupForm):  # type: ignore[misc]  # allauth comes without types
    """An address and a zone, and a password for those who want one: a code by mail is always a way in.

    Of several that sign up with one address at once one makes the account. While nobody has confirmed or entered it,
    the others sign up as well, and whoever types the code that came has it (`sign_ups`).
    What the setting `ACCOUNT_FORMS` names, as the next.
    """

    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"] = zone_field(self.data.get("zone"))

    @property
    def of_everybody(self) -> list[BoundField]:
        """The fields that everybody fills in."""
        return [self[name] for name in self.fields if name not in _PASSWORDS]

    @property
    def passwords(self) -> list[BoundField]:
        """Those for who wants a password."""
        return [self[name] for name in self.fields if name in _PASSWORDS]

    @property
    def wants_password(self) -> bool:
        """Whether something was typed there, or is wrong there."""
        return any(field.errors or field.data for field in self.passwords)

    def try_save(self, request: HttpRequest) -> Any:
        """Called by allauth's page: (the new account or None, an answer or None)."""
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:
                self.account_already_exists = True
        like_it = self._work_as_for_a_new_one(request)
        user = queries.never_entered(self.cleaned_data["email"])
        if user is None:
            return super().try_save(request)
        sign_ups.remember(request, user, like_it)
        login = Login(user=user, email=user.email, signup=True, redirect_url=get_next_redirect_url(request))
        return None, perform_login(request, login)

    def _work_as_for_a_new_one(self, request: HttpRequest) -> User:
        """Make an account and take it back: a hash and its rows take a time by whose lack a known address is told.

        Returns it, with what was chosen.
        """
        like_it = copy(self)
        like_it.account_already_exists = False
        like_it.cleaned_data = {**self.cleaned_data, "email": f"{secrets.token_hex(8)}@nobody.invalid"}
        with transaction.atomic():
            made: User = like_it.save(request)
            transaction.set_rollback(True)
        return made


class ConfirmForm(forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]  # as above
    """The field for the code that confirms an address."""

    def clean_code(self) -> str:
        """The right code shows whose address it is: an account that nobody has entered keeps it from nobody."""
        super(forms.ConfirmEmailVerificationCodeForm, self).clean_code()
        if self.user is not None:
            services.free_address(self.email, keep_id=self.user.pk, at=app_now())
        return str(super().clean_code())


class CodeForm(forms.RequestLoginCodeForm):  # type: ignore[misc]  # as above
    """Asks the adapter whether an address can be one, as allauth's other forms do."""

    def clean_email(self) -> str:
        """The address as it is stored."""
        self.cleaned_data["email"] = get_adapter().clean_email(self.cleaned_data["email"])
        return str(super().clean_email())
