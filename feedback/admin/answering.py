"""Where coordinators and their deputies work on what was said in a window: the list of it, and its release."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from feedback import answering, drafted, listing, queries
from feedback.admin import answer_pages, looking_again
from feedback.admin.answer_pages import Visit, sign_in_again
from feedback.admin.readers import ForReaders
from feedback.enums import Outcome
from feedback.forms.answering import WorkForm, ids_of
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.notices import author
from feedback.rules import may_answer
from feedback.services import answering as services
from proposals import calling
from proposals.calling import Named
from taskforce.audit.watching import note_list
from taskforce.core import clock
from taskforce.core.choices import chosen_words
from taskforce.core.errors import PortalError
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence
from taskforce.timeline.enums import Topic
from taskforce.timeline.queries import followers_count

PER_PAGE = 50
# So much of what is to be released is listed one by one.
_LISTED = 100


class AnswerPages(ForReaders):
    """The pages below a window on which it is answered; for whoever may not, they are not there."""

    change_form_template = "feedback/admin_window.html"

    def get_urls(self) -> list[URLPattern]:
        """Django's, and these."""
        pages: tuple[tuple[str, str, Callable[..., HttpResponse]], ...] = (
            ("answers/", "answers", _work),
            ("answers/chosen/", "chosen", answer_pages.chosen),
            ("answers/release/", "release", _release),
            ("answers/final/", "final", answer_pages.final),
            ("answers/themes/", "themes", answer_pages.themes),
            ("answers/themes/<int:theme>/", "theme", answer_pages.theme),
            ("answers/themes/<int:theme>/answer/", "theme_answer", answer_pages.theme_answer),
        )
        made = [
            path(f"<int:pk>/{route}", self._page(name, view), name=f"feedback_feedbackwindow_{name}")
            for route, name, view in pages
        ]
        return [*made, *super().get_urls()]

    def _page(self, name: str, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """A page for whoever answers in the window; what an ended session sends there is kept."""

        def page(request: HttpRequest, pk: int, **place: Any) -> HttpResponse:
            window = answering.window_to_answer_or_404(request.user, pk)
            if name == "answers" and request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["GET", "HEAD"])
            chrome = {**self.admin_site.each_context(request), "opts": self.opts}
            return view(Visit(request, window, f"admin:feedback_feedbackwindow_{name}", chrome), **place)

        def door(request: HttpRequest, pk: int, **place: Any) -> HttpResponse:
            if request.method == "POST" and not self.admin_site.has_permission(request):
                return sign_in_again(request, f"admin:feedback_feedbackwindow_{name}", {"pk": pk, **place})
            return self.admin_site.admin_view(page)(request, pk, **place)

        return door

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The window's page, with the way to answering for whoever may."""
        window: FeedbackWindow | None = context.get("original")
        context["may_answer"] = window is not None and may_answer(request.user, window.phase.task_force_id)[0]
        return super().render_change_form(request, context, *args, **kwargs)


class Row(NamedTuple):
    """An item on the list: its first words, what its paragraph is called, how it stands."""

    answer: answering.Answer
    words: Named
    unit: Named | None
    said: list[Any]


def _work(visit: Visit) -> HttpResponse:
    """The items of a window that are to be answered, the oldest first, narrowed as one asks."""
    window, language = visit.window, get_language() or "en"
    themes = answering.themes(window)
    called = listing.called(answering.units_in(window), language)
    form = WorkForm(visit.request.GET, listing.questions(window), called, [one.theme for one in themes])
    found = answering.narrowed(answering.to_answer([window]), form.chosen()).select_related("window", "revision")
    page = Paginator(found, PER_PAGE).get_page(visit.request.GET.get("page"))
    items: list[FeedbackItem] = list(page)
    note_list(
        visit.request, "feedback", len(items), offered=form.fields, about=window, task_force_id=visit.task_force_id
    )
    said, standing = queries.answers_of(items), answering.answers_of(items)
    rows = [
        Row(standing[one.pk], _words(one, said), called.get(one.unit_id or 0), said.get(one.pk, [])) for one in items
    ]
    query = visit.request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "query": query.urlencode(),
        "shown": chosen_words(form),
        "left": answering.left([window]),
        "themes": len(themes),
        "ready": answering.drafts(window).count(),
        "all_ids": "&".join(f"item={one.pk}" for one in items),
    }
    return visit.page("feedback/admin_answers.html", _("Sort and answer"), context)


def _words(item: FeedbackItem, said: dict[int, list[Any]]) -> Named:
    """The first words of what was said."""
    text = next((one.text for one in said.get(item.pk, []) if one.text), "")
    return calling.first_words(text, item.language)


def _release(visit: Visit) -> HttpResponse:
    """What a release would make public, and the act; before it what has changed since something was drafted."""
    error: PortalError | None = None
    is_unconfirmed = False
    if visit.request.POST.get("act") == "looked":
        try:
            return _looked_again(visit)
        except PortalError as refusal:
            error = refusal
    elif visit.request.method == "POST":
        is_unconfirmed = visit.request.POST.get("confirmed") != "yes"
        if not is_unconfirmed:
            try:
                seen = visit.request.POST.get("seen", "")
                made = services.release(visit.window.pk, seen=seen, actor=visit.user, at=clock.app_now())
            except PortalError as refusal:
                error = refusal
            else:
                count = made.dispositions.count()
                text = ngettext("%(count)s answer is public now.", "%(count)s answers are public now.", count)
                messages.success(visit.request, sentence(text, count=number(count)))
                return SeeOther(visit.address("answers"))
    ready, since = answering.ready(visit.window), drafted.since(visit.window)
    again = looking_again.shown(visit.window, since)
    if read := looking_again.items_of(again):
        note_list(visit.request, "feedback", read, about=visit.window, task_force_id=visit.task_force_id)
    # What stands above to be looked at once more stands nowhere twice.
    others = answering.drafts(visit.window).exclude(pk__in=[one.draft.pk for one in again])
    rows = others.select_related("item", "theme")[:_LISTED]
    context = {
        "refusal": error,
        "unconfirmed": is_unconfirmed,
        "ready": ready,
        "again": again,
        "again_count": len(since),
        "again_later": len(since) - len(again),
        "followers": followers_count(visit.task_force_id, Topic.ANSWERS),
        **_authors(visit.window),
        "rows": [(one, looking_again.words_of(one)) for one in rows],
        "more": ready.answers - len(again) - len(rows),
        "outcomes": [(Outcome(code).label, count) for code, count in ready.outcomes.items()],
    }
    return visit.page("feedback/admin_release.html", _("Publish the answers"), context, error)


def _authors(window: FeedbackWindow) -> dict[str, Any]:
    """How many authors would be told: of few only that they are few, since one answer of which one author is told
    would say of them that they asked for it."""
    many, least = author.to_be_told(window), settings.SMALL_GROUP
    return {"authors": many if many >= least else None, "few_authors": least}


def _looked_again(visit: Visit) -> HttpResponse:
    """Of some drafts it was said that they still fit; those that are left are shown then."""
    post = visit.request.POST
    looked, seen = ids_of(post.getlist("looked")), post.get("seen", "")
    count = services.look_again(visit.window.pk, looked, seen=seen, actor=visit.user, at=clock.app_now())
    text = ngettext(
        "%(count)s answer still fits, and can be published.",
        "%(count)s answers still fit, and can be published.",
        count,
    )
    messages.success(visit.request, sentence(text, count=number(count)))
    return SeeOther(visit.address("release"))
