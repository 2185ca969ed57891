"""Giving a role: the form, the page that shows once more to whom what is given, and the same answer for everybody.

Whether there is an account with an address, no page says: what has been typed is repeated, so that a slip is seen.
"""

from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from taskforce.accounts import fresh, places, queries, rights, services
from taskforce.accounts.enums import Purpose
from taskforce.accounts.models import User
from taskforce.core import languages, staff_columns
from taskforce.core.clock import app_now
from taskforce.core.errors import PortalError
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.staff import sentence
from taskforce.portal.role_forms import GiveForm


class Section(Protocol):
    """The section of the staff side on whose pages this happens."""

    def page(self, request: HttpRequest, template: str, refusal: PortalError | None, **context: Any) -> HttpResponse:
        """A page of the section."""

    def list_url(self) -> str:
        """Where its list is."""


def page(request: HttpRequest, section: Section) -> HttpResponse:
    """The form; sent, what it would do; sent once more from there, after a fresh proof, done."""
    is_sent = request.method == "POST"
    form = GiveForm(queries.grants_of(request.user), request.POST if is_sent else None)
    if not is_sent or not form.is_valid() or "change" in request.POST:
        return _form(request, section, form)
    try:
        if fresh.take_back(request) or request.POST.get("previewed") != form.seen:
            services.check_offer(**_offer(form), actor_id=_actor(request))
            return section.page(request, "give_confirm", None, title=_("Give this role?"), **_words(form))
        fresh.require(request, Purpose.GIVE_ROLE)
        services.offer_role(**_offer(form), actor_id=_actor(request), at=app_now())
    except PortalError as error:
        return _form(request, section, form, error)
    messages.success(request, done(form.role_name, form.typed))
    return SeeOther(section.list_url())


def _form(request: HttpRequest, section: Section, form: GiveForm, refusal: PortalError | None = None) -> HttpResponse:
    return section.page(request, "give", refusal, title=_("Give a role"), form=form)


def _offer(form: GiveForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {"address": data["address"], "wanted": form.wanted, "mail_language": data["mail_language"]}


def _words(form: GiveForm) -> dict[str, Any]:
    """What the page that asks once more shows."""
    data, wanted = form.cleaned_data, form.wanted
    return {
        "form": form,
        "typed": form.typed,
        "role": form.role_name,
        "place": places.shown(wanted.task_force_id),
        "language": wanted.language,
        "spoken": languages.OWN_NAMES.get(wanted.language, ""),
        "mail_language": data["mail_language"],
        "mail_spoken": languages.OWN_NAMES[data["mail_language"]],
        "may": rights.in_words(wanted),
    }


def done(role: str, address: str) -> str:
    """What is said once a role was offered to an address, whoever is behind it."""
    words = _(
        "Done: %(role)s for %(address)s. Whoever has an account with this address has the role now; to anybody else an "
        "invitation goes by mail."
    )
    return sentence(words, role=role, address=staff_columns.machine_text(address))


def _actor(request: HttpRequest) -> int:
    assert isinstance(request.user, User)  # noqa: S101 - the admin site has let only staff in
    return request.user.pk
