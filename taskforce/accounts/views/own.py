"""The one page of one's own account. Each of its forms posts to an address of its own; read, that leads to the page."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from allauth.account.views import EmailView
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from taskforce.accounts import fresh, known_browsers, places, queries, second_factor, services, signed_out, wikimedia
from taskforce.accounts.enums import Purpose, Role
from taskforce.accounts.forms import ProfileForm
from taskforce.accounts.models import User
from taskforce.accounts.rights import Grant
from taskforce.accounts.rules import WHO
from taskforce.core import languages, slots
from taskforce.core.clock import app_now
from taskforce.core.http import SeeOther
from taskforce.core.labels import Label

Action = Callable[[HttpRequest, User], HttpResponse]
_PAGE = "account_email"
_OF_PROFILE = ("name", "language", "zone")
_CHANGES_ADDRESSES = {
    "action_add": Purpose.ADD_ADDRESS,
    "action_remove": Purpose.REMOVE_ADDRESS,
    "action_primary": Purpose.MAIN_ADDRESS,
}


class AccountPage(EmailView):
    """allauth's page of addresses, with everything else that a person can set about themselves."""

    profile: ProfileForm | None = None
    typed_email = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """For who is signed in; whoever was when they typed an address finds it again."""
        if not isinstance(request.user, User):
            return signed_out.to_sign_in(request, _PAGE, ("email",) if "action_add" in request.POST else ())
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """With what was typed before a sign-in."""
        typed = signed_out.find(request, _PAGE)
        self.typed_email = typed.pop("email", "")
        if typed:
            self.profile = ProfileForm(typed, user=_person(request))
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_initial(self) -> dict[str, Any]:
        """Of the form that adds an address."""
        return {"email": self.typed_email}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What changes how one gets in wants a fresh proof; a new mail to confirm an address changes nothing."""
        purposes = [purpose for name, purpose in _CHANGES_ADDRESSES.items() if name in request.POST]
        if purposes[:1] == [Purpose.ADD_ADDRESS] and fresh.take_back(request, "id_email"):
            return self.render_to_response(self.get_context_data(form=self.get_form()))
        if purposes:
            fresh.require(request, purposes[0])
        if purposes[:1] == [Purpose.ADD_ADDRESS]:
            signed_out.sent_again(request, _PAGE)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if services.make_primary(_person(request).pk, request.POST["email"], at=app_now()):
            get_adapter().add_message(request, messages.SUCCESS, "account/messages/primary_email_set.txt")
        else:
            get_adapter().add_message(request, messages.ERROR, "account/messages/unverified_primary_email.txt")

    def _action_remove(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        user, email = _person(request), request.POST["email"]
        if services.remove_address(user.pk, email, at=app_now()):
            get_adapter().add_message(request, messages.SUCCESS, "account/messages/email_deleted.txt", {"email": email})
        else:
            main = {"email": user.email}
            get_adapter().add_message(request, messages.ERROR, "account/messages/cannot_delete_primary_email.txt", main)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What allauth shows, and the other sections; `profile` is a form that came back with errors."""
        user = self.request.user
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context |= {
            "profile": self.profile or ProfileForm(user=user),
            "roles": _roles(user),
            "follows": _slot("account.mails", user),
            "said": [*_slot("account.said", user), *_slot("account.browser", self.request)],
            "wikimedia_accounts": _wikimedia_accounts(user) if wikimedia.is_offered() else [],
            "wikimedia_offered": wikimedia.is_offered(),
            "has_second_factor": second_factor.has(user),
        }
        return context

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """For one person: never stored by a cache."""
        response: HttpResponse = super().render_to_response(context, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response


page = AccountPage.as_view()


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - allauth's page asks for a sign-in first
    return request.user


def _wikimedia_accounts(user: User) -> list[tuple[int, str]]:
    """(id, name at the wiki) of those with which somebody can sign in."""
    own = SocialAccount.objects.filter(user=user, provider=wikimedia.PROVIDER).order_by("pk")
    return [(one.pk, one.extra_data.get("username", one.uid)) for one in own]


class OwnRole(NamedTuple):
    """A role that somebody holds, wherever: where it holds and in which language, and what higher rooms say of the way
    to its work."""

    role: str
    is_staff: bool
    held: list[tuple[SafeString, str, str]]
    ways: list[SafeString]


def _roles(user: User) -> list[OwnRole]:
    """The roles of whoever looks, in the order of the house; two queries, and those of the slot."""
    held: dict[Role, list[Grant]] = {}
    for grant in sorted(queries.grants_of(user), key=lambda each: (each.task_force_id or 0, each.language)):
        held.setdefault(Role(grant.role), []).append(grant)
    called = places.names({grant.task_force_id for grants in held.values() for grant in grants})
    return [_own_role(role, held[role], called) for role in Role if role in held]


def _own_role(role: Role, held: list[Grant], called: Mapping[int | None, Label]) -> OwnRole:
    is_staff = role in WHO["staff.enter"].roles
    where = [
        (places.marked(called[grant.task_force_id]), grant.language, languages.OWN_NAMES.get(grant.language, ""))
        for grant in held
        if grant.task_force_id in called
    ]
    return OwnRole(capfirst(str(role.label)), is_staff, where, _slot("account.role", held))


def _slot(name: str, about: Any) -> list[SafeString]:
    """What higher rooms put on the page."""
    found = slots.contents(name, about, get_language() or "en")
    return [render_to_string(template, context) for template, context in found]


def _from_the_page(action: Action) -> Callable[[HttpRequest], HttpResponse]:
    """The address of one of the page's forms: for whoever is signed in, and by POST only."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(action)
    def view(request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return signed_out.to_sign_in(request, _PAGE, _OF_PROFILE)
        return action(request, request.user) if request.method == "POST" else redirect(_PAGE)

    return view


@_from_the_page
def profile(request: HttpRequest, user: User) -> HttpResponse:
    """Save name, language and zone; what is wrong stands at its field."""
    signed_out.sent_again(request, _PAGE)
    form = ProfileForm(request.POST, user=user)
    if not form.is_valid():
        shown = AccountPage(profile=form)
        shown.setup(request)
        return shown.render_to_response(shown.get_context_data(form=shown.get_form_class()(user=user)))
    data = form.cleaned_data
    services.set_profile(user.pk, data["name"], data["language"], data["zone"], at=app_now())
    messages.success(request, _("Your choices are saved."))
    return SeeOther(reverse(_PAGE))


@_from_the_page
def sessions(request: HttpRequest, user: User) -> HttpResponse:
    """Sign out everywhere but here."""
    here = services.end_other_sessions(user.pk, at=app_now())
    update_session_auth_hash(request, here)
    messages.success(request, _("You are signed out everywhere else."))
    response = SeeOther(reverse(_PAGE))
    known_browsers.note(request, response, here)
    return response


@_from_the_page
def disconnect(request: HttpRequest, user: User) -> HttpResponse:
    """End signing in with a Wikimedia account; whoever has just proved who they are may."""
    fresh.require(request, Purpose.DISCONNECT)
    number = request.POST.get("account", "")
    account_id = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    if services.disconnect_wikimedia(user.pk, account_id, at=app_now()):
        messages.success(request, _("The Wikimedia account is disconnected."))
    return SeeOther(reverse(_PAGE))
