"""What every page of questions on the staff side shares: whose sets one finds, and the frame of the pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Refused
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.questions import drafts, queries, rules
from taskforce.questions.models import QuestionSet


class SetPages(ReadOnlyAdmin):
    """Seen by those who write questions of some task force: the sets of theirs, and those for all."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionSet]:
        """The sets that the person finds."""
        return queries.visible_sets(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Who writes questions of some task force; for single rows `get_queryset` is the gate."""
        return has_anywhere(request.user, rules.WHO["questions.edit"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The same people."""
        return self.has_view_permission(request)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _found(self, request: HttpRequest, set_id: int) -> QuestionSet:
        """One of the sets that the person finds; any other is not there."""
        found = self.get_queryset(request).filter(pk=set_id).first() if set_id < 2**63 else None
        if found is None:
            raise Http404
        return found

    def _for_editors(self, request: HttpRequest, set_id: int) -> QuestionSet:
        """The same, for whoever may change it; others hear why not."""
        found = self._found(request, set_id)
        allowed, why = rules.may(request.user, "questions.edit", found, app_now())
        if not allowed:
            raise Refused(why)
        return found

    def _url(self, name: str, *place: int, language: str = "", anchor: str = "") -> str:
        """The address of a page of a set, in a language of the questions."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=place)
        query = f"?language={language}" if language else ""
        return f"{address}{query}{f'#{anchor}' if anchor else ''}"

    def _page(self, request: HttpRequest, name: str, question_set: QuestionSet | None, **context: Any) -> HttpResponse:
        """A page of ours, with the status of what was refused."""
        refusal = context.get("refusal")
        full = {**self.admin_site.each_context(request), "opts": self.opts, "question_set": question_set, **context}
        status = refusal.status if refusal else 200
        return TemplateResponse(request, f"admin/questions/{name}.html", full, status=status)


def user_of(request: HttpRequest) -> User:
    """Who is signed in; the admin site has let only staff in."""
    assert isinstance(request.user, User)  # noqa: S101 - see above
    return request.user


def coverage(specs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every language of the portal, and whether the questions say all in it that they say in any."""
    counted = [(code, name, drafts.missing(specs, code)) for code, name in languages.OWN_NAMES.items()]
    return [
        {"code": code, "name": name, "missing": missing, "complete": bool(specs) and not missing}
        for code, name, missing in counted
    ]
