"""What the pages share on which staff write a call: whose they are, their frame, and what is typed on them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from recruitment import queries, rules
from recruitment.enums import ApplicationState
from recruitment.models import Application, Call
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import labels, languages
from taskforce.core.errors import Refused
from taskforce.core.side_by_side import SOURCE, chosen_language
from taskforce.core.staff import ReadOnlyAdmin

# So many characters of a page are kept for whoever must sign in again: more than every field of it takes.
_MOST_KEPT = 60_000
# What a form sends that nobody needs back.
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", signed_out.OWNER, "act", "go", "again", "previewed", "confirmed"})


class CallPages(ReadOnlyAdmin):
    """The pages of calls: drafts and published ones of the task forces for which one writes them."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        """Calls of the user's task forces, drafts too, that they have not applied to."""
        own = Application.objects.filter(call=OuterRef("pk"), applicant=request.user.pk)
        return queries.writable_calls(request.user).filter(~Exists(own.exclude(state=ApplicationState.WITHDRAWN)))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who writes calls; a single one only if it is among theirs."""
        if obj is None:
            return queries.writes_calls(request.user)
        return self.get_queryset(request).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who writes calls of some task force."""
        return queries.writes_calls(request.user)

    # --- parts -------------------------------------------------------------------------------------------------------

    def page_at(self, place: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        """A page under a call's address; what is sent to it after the sign-in has ended is kept for its person."""
        return path(f"<int:call_id>/{place}", self.kept(name, view), name=address(name).partition(":")[2])

    def kept(self, name: str, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """The view of the page of this name behind the sign-in, which keeps what was sent for whoever comes back."""
        page = address(name)

        def shown(request: HttpRequest, **at: int) -> HttpResponse:
            is_outside = request.user.is_authenticated and not getattr(request.user, "is_staff", False)
            if request.method == "POST" and not is_outside and not self.admin_site.has_permission(request):
                return signed_out.to_sign_in(request, page, _typed(request), at, most=_MOST_KEPT, way_in="admin:login")
            return self.admin_site.admin_view(view)(request, **at)

        return shown

    def found(self, request: HttpRequest, call_id: int) -> Call:
        """A call that the user writes; any other is not there. `Refused` for who has applied to it."""
        call = queries.writable_call_or_404(request.user, call_id)
        allowed, why = rules.may_write(request.user, call.phase.task_force_id, call)
        if not allowed:
            raise Refused(why)
        return call

    def page(self, request: HttpRequest, name: str, call: Call | None, **context: Any) -> HttpResponse:
        """A page of ours, with the status of what was refused."""
        refusal = context.get("refusal")
        full = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "call": call,
            "urls": urls(call) if call is not None else {},
            **context,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/recruitment/call/{name}.html", full, status=status)


def _typed(request: HttpRequest) -> list[str]:
    return [name for name in request.POST if name not in _NOT_KEPT]


def typed_before(request: HttpRequest, name: str, **place: int) -> dict[str, str]:
    """What was typed on the page of this name before the sign-in ended; empty where nothing was, and once it is sent
    again."""
    if request.method == "POST":
        signed_out.sent_again(request, address(name), place, fields=_typed(request))
        return {}
    return signed_out.find(request, address(name), place)


def address(name: str) -> str:
    """The name of a page's route."""
    return f"admin:recruitment_call_{name}"


def url(name: str, *place: int, language: str = "", anchor: str = "") -> str:
    """The address of a page of a call, in a language of its texts."""
    query = f"?language={language}" if language else ""
    return f"{reverse(address(name), args=place)}{query}{f'#{anchor}' if anchor else ''}"


_PAGES = (
    "change", "details", "questions", "criteria", "clarifications", "preview", "check", "seats", "rubric",
)  # fmt: skip


def urls(call: Call) -> dict[str, str]:
    """The addresses of a call's pages, by their names."""
    return {name: url(name, call.pk) for name in _PAGES}


def user_of(request: HttpRequest) -> User:
    """Who is signed in; the admin site has let only staff in."""
    assert isinstance(request.user, User)  # noqa: S101 - see above
    return request.user


def source_of(call: Call) -> str:
    """The language in which a call is written first: English, or else one that its title has."""
    written = labels.stored(call, "title")
    return SOURCE if SOURCE in written else next(iter(written), SOURCE)


def languages_of(request: HttpRequest, call: Call, sent: Mapping[str, Any]) -> tuple[str, str]:
    """The two languages of a form: those that it was shown in, else the source and the one of the address."""
    source, language = (str(sent.get(name, "")) for name in ("source", "language"))
    if languages.is_offered(source) and languages.is_offered(language):
        return source, language
    source = source_of(call)
    return source, chosen_language(request, source)


def lacking(texts: Iterable[Mapping[str, str]], code: str) -> int:
    """How many of these are said in some language and not in this one."""
    return sum(1 for one in texts if any(one.values()) and not one.get(code))


def coverage(texts: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Every language of the portal, and whether these texts say all in it that they say in any."""
    said = [one for one in texts if any(one.values())]
    return [
        {"code": code, "name": name, "complete": bool(said) and not lacking(said, code)}
        for code, name in languages.OWN_NAMES.items()
    ]


def more_languages() -> str:
    """What is done on the page of texts that are public."""
    return _(
        "Add what is missing in a language: everybody reads it at once. What a language says already stays here; it "
        "changes by a public act with its reason."
    )
