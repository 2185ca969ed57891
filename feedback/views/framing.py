"""What the pages of a window, and of what somebody said in it, have in common."""

import math
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from feedback import describe, earlier, listing, queries, terms, translated
from feedback.enums import FOR_EVERYBODY, ItemState, Participation, Visibility
from feedback.forms.keyed import HONEYPOT
from feedback.forms.saying import COMMENT, FeedbackForm
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from proposals import paragraphs
from proposals.models import Unit
from taskforce.core import labels, prose
from taskforce.core.errors import PortalError, TooOften
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.portal import translated as called
from taskforce.core.text import clean_name
from taskforce.timeline import describe as phases

# The name of the buttons of a form; what comes without one, or with any other value, is sent. The value of the one that
# shows what would be sent, and sends nothing.
ACT, PREVIEW = "act", "preview"


def quoted(unit: Unit | None) -> paragraphs.Quoted | None:
    """The paragraph that something is about, in the reader's language."""
    return paragraphs.quoted(unit, get_language() or "en") if unit else None


def form_parts(form: FeedbackForm | None) -> dict[str, Any]:
    """What draws the form, if there is one."""
    if form is None:
        return {"form": None}
    questions = [form[name] for name in form.fields if name.startswith("q-") and name != COMMENT]
    return {"form": form, "questions": questions, "honeypot": form[HONEYPOT], **licence()}


def licence() -> dict[str, str]:
    """What public texts are published under, and where that is summed up for the reader."""
    return {"licence": terms.LICENCE, "licence_url": terms.licence_url(get_language() or "en")}


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for one person: never stored by a cache, never in a search engine's index."""
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    if context.get("item"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def place(window: FeedbackWindow, page: Any = None) -> dict[str, Any]:
    """Where a page of a window is; `page` names one that lies below it. No query."""
    task_force = window.phase.task_force
    task_force_url = reverse("task_force", args=[task_force.slug])
    window_url = reverse("feedback:window", args=[task_force.slug, window.slug])
    return {
        "task_force": task_force,
        "window": window,
        "window_title": labels.label(window, "title").text,
        "window_url": window_url,
        "crumbs": [
            (_("Home"), reverse("home")),
            (called(task_force, "name"), task_force_url),
            (called(window, "title"), window_url if page else None),
            *([(page, None)] if page else []),
        ],
    }


def about(window: FeedbackWindow, page: Any = None) -> dict[str, Any]:
    """What every page of a window says about it; `page` names one that lies below it."""
    task_force, proposal = window.phase.task_force, window.proposal
    title = queries.title_of(proposal)
    return {
        **place(window, page),
        "proposal": proposal,
        "needs_account": window.participation == Participation.ACCOUNT,
        "needs_mail": window.participation == Participation.MAIL,
        "terms": prose.of(window, "terms"),
        "text_title": phases.in_language(title.text, title.language) if title.text else _("the text"),
        "text_url": reverse("proposals:text", args=[task_force.slug, proposal.slug]),
        "process_url": reverse("process", args=[task_force.slug]),
        "task_force_url": reverse("task_force", args=[task_force.slug]),
    }


def answers(item: FeedbackItem) -> Sequence[FeedbackAnswer]:
    """What an item answers, also one that waits for its author's mail."""
    if item.pk:
        return queries.answers(item)
    row = earlier.unconfirmed(item.form_key)
    return earlier.answers_waiting(row) if row else []


def own_item(item: FeedbackItem) -> dict[str, Any]:
    """One's own item for whoever has its link."""
    window = item.window
    is_read = item.state == ItemState.PUBLISHED and item.visibility in FOR_EVERYBODY
    read_at = reverse("feedback:item", args=[window.phase.task_force.slug, window.slug, item.reference])
    return {
        "item": item,
        "read_at": read_at if is_read else "",
        "paragraph": quoted(queries.paragraph_of(item)),
        "answers": [] if item.state == ItemState.WITHDRAWN else answers(item),
        "is_withdrawn": item.state == ItemState.WITHDRAWN,
        "is_hidden": item.state == ItemState.HIDDEN,
        "is_held": item.state == ItemState.HELD,
        **(licence() if item.terms and item.visibility in FOR_EVERYBODY else {}),
        "is_unnamed": item.visibility == Visibility.PUBLIC and not item.name,
    }


def shown(item: FeedbackItem) -> dict[str, Any]:
    """An item that everybody may read as it stands in the list, for a page about it."""
    language, answers = get_language() or "en", queries.answers(item)
    said = describe.said(
        item,
        listing.called([item.unit_id], language).get(item.unit_id) if item.unit_id else None,
        describe.places(item.window, [item.reference])[item.reference],
    )
    read = translated.for_readers([item], {item.pk: answers}, language)
    return {"item": item, "answers": answers, "said": {**said, "translated": read.get(item.pk)}}


def mine_url(window: FeedbackWindow, token: str) -> str:
    """Where one's own text is."""
    return own_url(window.phase.task_force.slug, window.slug, token)


def own_url(task_force: str, window: str, token: str) -> str:
    """The same by the parts of the window's address, in the active language."""
    return _before_token(task_force, window, get_language() or settings.LANGUAGE_CODE) + f"{token}/"


# To find an address costs more than to write one, and it is the same as long as the process lives; in each language,
# which is the active one, it is another.
@lru_cache(maxsize=512)
def _before_token(task_force: str, window: str, language: str) -> str:
    return reverse("feedback:mine", args=[task_force, window, "0"]).removesuffix("0/")


def refused(
    request: HttpRequest,
    window: FeedbackWindow,
    form: FeedbackForm,
    error: PortalError,
    unit: Unit | None,
    sent_url: str = "",
) -> HttpResponse:
    """Reason and instants, and what was typed; where the same words had come in time, the way to their receipt."""
    context = {
        **about(window, error.title),
        "error": error,
        "form": form,
        "paragraph": quoted(unit),
        "sent_url": sent_url,
    }
    return page(request, "feedback/refused.html", context, error.status)


def account_id(request: HttpRequest) -> int | None:
    """Whoever is signed in, for services that ask whether they are blocked and keep it nowhere."""
    return request.user.pk if request.user.is_authenticated else None


def too_often(form: Form, error: TooOften) -> None:
    """Say in a form that was sent too often when it can be sent again, as it stands."""
    minutes = math.ceil(error.retry_after / 60)
    said = ngettext(
        "You have sent this very often in a short time. What you typed is still here: wait a minute, then try again.",
        "You have sent this very often in a short time. What you typed is still here: wait %(minutes)s minutes, then "
        "try again.",
        minutes,
    )
    form.add_error(None, said % {"minutes": number(minutes)})


def preview(
    form: FeedbackForm, window: FeedbackWindow, at: datetime, item: FeedbackItem | None = None
) -> dict[str, Any]:
    """What a valid form would let its readers see; `item` is what is there already. Nothing is stored."""
    data = form.cleaned_data
    unit_id = int(data["unit"]) if data.get("unit") else None
    shown = FeedbackItem(
        window=window,
        reference=PREVIEW,
        language=data["language"],
        visibility=data["visibility"],
        name=clean_name(data["name"]),
        unit_id=unit_id,
        received_at=item.received_at if item else at,
        edits=item.edits + 1 if item else 0,
        edited_at=at if item else None,
    )
    asked = {question.pk: question for question in form.questions}
    answers = [
        FeedbackAnswer(question=asked[one.question_id], text=one.text, choices=list(one.choices))
        for one in form.answers()
        if one.is_given
    ]
    return {
        "item": shown,
        "answers": answers,
        **describe.said(
            shown, listing.called([unit_id], get_language() or "en").get(unit_id) if unit_id else None, None
        ),
        "is_for_staff": shown.visibility == Visibility.STAFF,
    }
