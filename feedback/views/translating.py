"""Translating what was said, into the language of the page; and what is to be translated."""

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import listing, queries, rules, services, translated
from feedback.blocks import Blocked
from feedback.enums import ItemState
from feedback.forms.translating import TranslationForm
from feedback.models import FeedbackItem, FeedbackTranslation, FeedbackWindow
from feedback.views import framing
from taskforce.accounts import second_factor, signed_out
from taskforce.accounts.models import User
from taskforce.core import clock, languages
from taskforce.core.errors import Refused
from taskforce.core.http import SeeOther
from taskforce.core.templatetags.portal import number

_LIST, _ITEM = "feedback:translate", "feedback:translate_item"
_SAFE = ("GET", "HEAD")


def translate(request: HttpRequest, task_force: str, window: str) -> HttpResponse:
    """What nobody has translated yet into the page's language, said in any other or in one of them."""
    found = queries.window_or_404(task_force, window)
    place = {"task_force": task_force, "window": window}

    def answer(_user: User) -> HttpResponse:
        return _to_do(request, found) if request.method in _SAFE else HttpResponseNotAllowed(_SAFE)

    return as_translator(request, found, _LIST, place, (), answer)


@require_http_methods(["GET", "HEAD", "POST"])
def translate_item(request: HttpRequest, task_force: str, window: str, reference: str) -> HttpResponse:
    """The original with a form beside it; POST adds a version."""
    found = queries.window_or_404(task_force, window)
    place = {"task_force": task_force, "window": window, "reference": reference}
    fields = [name for name in request.POST if name.startswith("text-") or name in ("name", "version", "edits")]

    def answer(user: User) -> HttpResponse:
        item = listing.item_or_404(found, reference)
        if item.state != ItemState.PUBLISHED:
            return SeeOther(_item_url(item))
        if item.language == (get_language() or "en"):
            return framing.page(
                request, "feedback/translate_item.html", {**_about(item.window, _("Translate")), "item": item}
            )
        if request.method == "POST":
            signed_out.sent_again(request, _ITEM, place)
            return _save(request, item, user)
        return _shown(request, item, user, signed_out.find(request, _ITEM, place))

    return as_translator(request, found, _ITEM, place, fields, answer)


def as_translator(
    request: HttpRequest,
    window: FeedbackWindow,
    page: str,
    place: dict[str, str],
    fields: Collection[str],
    answer: Callable[[User], HttpResponse],
    *,
    most: int = signed_out.MOST,
) -> HttpResponse:
    """The answer for who may translate into the page's language. Others sign in, or are told who may; staff need their
    second step here too, as on the staff side. `most`: so many characters are kept of what was typed."""
    sent = fields if request.method == "POST" else ()
    if not isinstance(request.user, User):
        return signed_out.to_sign_in(request, page, sent, place, most=most)
    allowed, why_not = rules.may_translate(request.user, window.phase.task_force_id, get_language() or "en")
    if not allowed:
        raise Refused(why_not)
    if request.user.is_staff and second_factor.last_passed(request) is None:
        return signed_out.to_sign_in(request, page, sent, place, most=most, way_in="admin:login")
    return answer(request.user)


def _to_do(request: HttpRequest, window: FeedbackWindow) -> HttpResponse:
    language = get_language() or "en"
    counts = translated.sources(window, language)
    source = request.GET.get("from", "")
    source = source if source in counts or source in languages.CODES else ""
    page = translated.to_do(window, language, source, request.GET.get("page"))
    answers = queries.answers_of(list(page))
    context = {
        **_about(window, _("What is to be translated")),
        "page": page,
        "source": source,
        "source_name": languages.own_name(source) if source else "",
        "sources": [(code, languages.own_name(code), number(counts[code])) for code in counts],
        "language": language,
        "language_name": languages.OWN_NAMES[language],
        "rows": [(item, languages.own_name(item.language), answers.get(item.pk, [])) for item in page],
    }
    return framing.page(request, "feedback/translate.html", context)


def _shown(request: HttpRequest, item: FeedbackItem, user: User, typed: dict[str, str]) -> HttpResponse:
    language = get_language() or "en"
    stands = translated.current(item, language)
    texts = {f"text-{pk}": text for pk, text in stands.texts.items()} if stands else {}
    # Whoever wants to be named says so: the name of an account does not become public by itself.
    name = stands.name if stands and stands.translator_id == user.pk else ""
    initial = {"version": stands.number if stands else 0, "edits": item.edits, "name": name, **texts, **typed}
    form = TranslationForm(translated.in_words(item), language, initial=initial)
    response = _page(request, item, form, stands)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _save(request: HttpRequest, item: FeedbackItem, user: User) -> HttpResponse:
    language = get_language() or "en"
    form = TranslationForm(translated.in_words(item), language, request.POST)
    stands = translated.current(item, language)
    if form.is_valid() and not form.says_something and not (stands and stands.texts):
        # Nothing is taken off where nothing stands.
        form.add_error(None, _("Nothing was saved: write a translation first."))
    if not form.is_valid():
        return _page(request, item, form, stands)
    try:
        services.translate(item.pk, language, form.words(), actor=user, at=clock.app_now())
    except Blocked as error:
        return _page(request, item, form, stands, error.status, blocked=error)
    except services.OtherTranslation as error:
        form.renew(error.stands.number if error.stands else 0, error.item.edits)
        return _page(request, item, form, error.stands, error.status, conflict=error)
    if form.says_something:
        messages.success(request, _("The translation is saved. It stands beside the original."))
    else:
        messages.info(request, _("The translation is taken off. The original stands alone."))
    return SeeOther(request.path)


def _page(
    request: HttpRequest,
    item: FeedbackItem,
    form: TranslationForm,
    stands: FeedbackTranslation | None,
    status: int = 200,
    *,
    conflict: services.OtherTranslation | None = None,
    blocked: Blocked | None = None,
) -> HttpResponse:
    language = get_language() or "en"
    context = {
        **_about(item.window, _("Translate")),
        **framing.shown(item),
        **framing.licence(),
        "form": form,
        "stands": translated.shown(item, stands, queries.answers(item)) if stands and stands.texts else None,
        "history": translated.history(item, language),
        "conflict": conflict,
        "error": blocked,
        "language_name": languages.OWN_NAMES[language],
        "item_url": _item_url(item),
        # Whoever has saved one goes on with the next.
        "next_one": translated.next_to_do(item, language) if stands and stands.texts else None,
    }
    return framing.page(request, "feedback/translate_item.html", context, status)


def _about(window: FeedbackWindow, page: Any) -> dict[str, Any]:
    about = framing.about(window, page)
    place = [window.phase.task_force.slug, window.slug]
    about["crumbs"].insert(-1, (_("What was said"), reverse("feedback:items", args=place)))
    about["list_url"] = reverse(_LIST, args=place)
    return about


def _item_url(item: FeedbackItem) -> str:
    return reverse("feedback:item", args=[item.window.phase.task_force.slug, item.window.slug, item.reference])
