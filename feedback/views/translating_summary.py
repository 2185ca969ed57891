"""Translating the summary of a window, into the language of the page, and saying that a translation fits its source."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import counting, queries, rules, summaries
from feedback.forms.summary import SummaryTranslationForm
from feedback.models import FeedbackWindow, SummaryDraft
from feedback.services import summaries as services
from feedback.views import framing
from feedback.views.translating import as_translator
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Conflict, PortalError
from taskforce.core.http import SeeOther

_PAGE = "feedback:translate_summary"
_FIELDS = ("text", "seen")
# The name of the button by which a translation is reviewed, and nothing saved.
_REVIEW = "review"


@require_http_methods(["GET", "HEAD", "POST"])
def translate_summary(request: HttpRequest, task_force: str, window: str) -> HttpResponse:
    """The source with the translation beside it; POST saves that, or says that a second person has compared both."""
    found = queries.window_or_404(task_force, window)
    place = {"task_force": task_force, "window": window}

    def answer(user: User) -> HttpResponse:
        draft = summaries.draft_of(found)
        if draft is None or draft.source == (get_language() or "en"):
            return framing.page(request, "feedback/translate_summary.html", _about(found, draft))
        if request.method != "POST":
            return _shown(request, found, draft, user, signed_out.find(request, _PAGE, place))
        signed_out.sent_again(request, _PAGE, place)
        return (_review if _REVIEW in request.POST else _save)(request, found, draft, user)

    return as_translator(request, found, _PAGE, place, _FIELDS, answer, most=rules.SUMMARY_LENGTH + 100)


def _shown(
    request: HttpRequest, window: FeedbackWindow, draft: SummaryDraft, user: User, typed: dict[str, str]
) -> HttpResponse:
    language = get_language() or "en"
    initial = {"text": draft.texts.get(language, ""), "seen": summaries.stamp(draft, language), **typed}
    response = _page(request, window, draft, user, SummaryTranslationForm(language, initial=initial))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _save(request: HttpRequest, window: FeedbackWindow, draft: SummaryDraft, user: User) -> HttpResponse:
    language = get_language() or "en"
    form = SummaryTranslationForm(language, request.POST)
    if not form.is_valid():
        return _page(request, window, draft, user, form)
    sent = form.cleaned_data
    try:
        services.translate(window.pk, language, sent["text"], seen=sent["seen"], actor=user)
    except Conflict as error:
        now = summaries.draft_of(window) or draft
        form.renew(summaries.stamp(now, language))
        return _page(request, window, now, user, form, error)
    messages.success(request, _("The translation is saved. It is public with the next version of the summary."))
    return SeeOther(request.path)


def _review(request: HttpRequest, window: FeedbackWindow, draft: SummaryDraft, user: User) -> HttpResponse:
    language = get_language() or "en"
    form = SummaryTranslationForm(language, request.POST)
    if not form.is_valid():
        return _page(request, window, draft, user, form)
    if form.cleaned_data["text"] != draft.texts.get(language, ""):
        form.add_error("text", _("You have changed the translation: save it. Somebody else reviews it then."))
        return _page(request, window, draft, user, form)
    try:
        services.review(window.pk, language, seen=form.cleaned_data["seen"], actor=user)
    except Conflict as error:
        now = summaries.draft_of(window) or draft
        form.renew(summaries.stamp(now, language))
        return _page(request, window, now, user, form, error)
    messages.success(request, _("Reviewed."))
    return SeeOther(request.path)


def _page(
    request: HttpRequest,
    window: FeedbackWindow,
    draft: SummaryDraft,
    user: User,
    form: SummaryTranslationForm,
    conflict: PortalError | None = None,
) -> HttpResponse:
    language, tally = get_language() or "en", counting.tally(window)
    text, is_outdated = draft.texts.get(language, ""), language in summaries.outdated(draft)
    is_reviewed = summaries.is_reviewed(draft, language)
    context = {
        **_about(window, draft),
        "form": form,
        "conflict": conflict,
        "source": {"text": draft.texts[draft.source], "language": draft.source},
        "stands": text if conflict else "",
        "preview": summaries.shown({language: text}, (), tally, language, is_preview=True).html if text else "",
        "places": summaries.places(tally),
        "missing": summaries.unfilled({language: text}, tally),
        "is_outdated": is_outdated,
        "is_reviewed": is_reviewed,
        "may_review": bool(text)
        and not (is_outdated or is_reviewed or conflict or form.is_bound)
        and user.pk not in summaries.writers(draft, language),
        "language": language,
        "language_name": languages.OWN_NAMES[language],
    }
    status = conflict.status if conflict else 200
    return framing.page(request, "feedback/translate_summary.html", context, status)


def _about(window: FeedbackWindow, draft: SummaryDraft | None) -> dict[str, Any]:
    about = framing.about(window, _("Translate"))
    place = [window.phase.task_force.slug, window.slug]
    summary_url = reverse("feedback:summary", args=place)
    about["crumbs"].insert(-1, (_("Summary"), summary_url))
    return {**about, "summary_url": summary_url, "is_unwritten": draft is None}
