"""The moderators' queue: what waits, appeals first, then reports, and one decision for many at once."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback import queries, reporting, services, undecided
from feedback.admin import deciding, reported, way_back, whole
from feedback.enums import ItemState
from feedback.forms.undecided import WHOLE, ManyForm, QueueForm
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply
from feedback.rules import WHO, may_decide_appeal, may_moderate
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere
from taskforce.audit.watching import note_list
from taskforce.core import clock, languages
from taskforce.core.choices import chosen_words
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import sentence


def page(request: HttpRequest, site: admin.AdminSite, opts: Any) -> HttpResponse:
    """Show a page of the queue; POST decides about what is marked on it, and shows what is left."""
    actor, at = request.user, clock.app_now()
    if not isinstance(actor, User) or not has_anywhere(actor, WHO["feedback.moderate"]):
        raise PermissionDenied
    filters = QueueForm(request.GET, undecided.windows(actor))
    found = undecided.page(actor, filters.chosen(), request.GET.get("page"))
    chosen = filters.chosen()
    asked = whole.WholeForm(request.POST, chosen=chosen) if request.method == "POST" and WHOLE in request.POST else None
    if asked is not None and asked.is_valid():
        return whole.step(request, site, opts, asked, actor=actor, at=at)
    form = _form(request, list(found), actor, at)
    changed: list[str] = []
    if form.is_bound and asked is None and form.is_valid():
        changed = _decide(request, form, actor, at)
        if not changed:
            return HttpResponseRedirect(request.get_full_path())
        # What is typed stays, to decide once more about what says something else now.
        found = undecided.page(actor, filters.chosen(), request.GET.get("page"))
    texts = list(found)
    note_list(request, "feedback", len(texts), offered=filters.fields)
    # Of a reply what it replies to.
    answers = queries.answers_of([_item_of(one) for one in texts])
    reports = reporting.waiting([one for one in texts if isinstance(one, FeedbackItem)])
    own_reports = reporting.reported_by(actor, [one for one in texts if one.why == undecided.Why.APPEAL])
    context = {
        **site.each_context(request),
        "title": _("What waits for moderators"),
        "opts": opts,
        "filters": filters,
        "page": found,
        "query": _query(request),
        "carried": way_back.to_carry(request),
        "shown": chosen_words(filters),
        "items": [
            {
                **_shown(one, answers.get(_item_of(one).pk, []), _reports(one, reports)),
                "not_to_decide": _why_not(one, actor, at, own_reports),
                "before": _before(one, form) if one.reference in changed else "",
                "is_marked": _is_marked(one, form) and not changed,
            }
            for one in texts
        ],
        "form": form,
        "many": [one.reference for one in texts if one.state == ItemState.HELD and may_moderate(actor, one, at)[0]],
        "held": undecided.held(actor, chosen, undecided.Span(0, 0, at)) if chosen.sign else 0,
        "asked": asked,
    }
    return TemplateResponse(request, "feedback/admin_queue.html", context, status=409 if changed else 200)


def _item_of(text: undecided.Text) -> FeedbackItem:
    return text.item if isinstance(text, FeedbackReply) else text


def _reports(text: undecided.Text, found: dict[int, list[reporting.Reported]]) -> list[reporting.Reported]:
    return found.get(text.pk, []) if isinstance(text, FeedbackItem) else []


def _form(request: HttpRequest, texts: list[undecided.Text], actor: User, at: datetime) -> ManyForm:
    """Appeals and reports are decided one by one, each on its own page; what one has sent oneself, by somebody else."""
    offered = [one for one in texts if one.state == ItemState.HELD and may_moderate(actor, one, at)[0]]
    items = [one.pk for one in offered if isinstance(one, FeedbackItem)]
    replies = [one.pk for one in offered if isinstance(one, FeedbackReply)]
    return ManyForm(request.POST if request.method == "POST" else None, items, replies)


def _is_marked(text: undecided.Text, form: ManyForm) -> bool:
    return text.pk in (form.replies if isinstance(text, FeedbackReply) else form.items)


def _before(text: undecided.Text, form: ManyForm) -> str:
    """What was read of a text that says something else now."""
    return deciding.read_before(text, form.seen("reply" if isinstance(text, FeedbackReply) else "item", text.pk))


def _decide(request: HttpRequest, form: ManyForm, actor: User, at: datetime) -> list[str]:
    """Each for itself: what somebody else has decided meanwhile is told, and holds up nothing; returns what says
    something else now than what was read."""
    made = services.moderate_many(form.items, **form.cleaned_data, actor=actor, at=at, reply_ids=form.replies)
    if made.done:
        done = ngettext("%(count)s text is decided.", "%(count)s texts are decided.", made.done)
        messages.success(request, sentence(done, count=number(made.done)))
    if made.left:
        left = ngettext("%(count)s text is left as it was:", "%(count)s texts are left as they were:", len(made.left))
        why = format_html_join("", " <bdi dir='ltr'>{}</bdi> ({})", made.left)
        messages.warning(request, format_html("{}{}", sentence(left, count=number(len(made.left))), why))
    return made.changed


def _why_not(text: Any, actor: User, at: datetime, own_reports: set[tuple[int | None, int | None]]) -> str:
    """Why somebody else decides about an item or reply, or about the appeal that waits for it ("": this person may)."""
    if text.why != undecided.Why.APPEAL:
        return may_moderate(actor, text, at)[1]
    key = (None, text.pk) if isinstance(text, FeedbackReply) else (text.pk, None)
    return may_decide_appeal(actor, text, _appeal(text), at, has_reported=key in own_reports)[1]


def _appeal(text: Any) -> FeedbackAppeal | None:
    return next(iter(text.open_appeals), None)


def _shown(text: Any, answers: list[Any], reports: list[reporting.Reported]) -> dict[str, Any]:
    """What the page says of an item or a reply; of both the same."""
    is_reply, is_appeal = isinstance(text, FeedbackReply), text.why == undecided.Why.APPEAL
    model = "feedbackreply" if is_reply else "feedbackitem"
    return {
        "text": text,
        "item": _item_of(text),
        "window": _item_of(text).window,
        "is_reply": is_reply,
        "field": "reply" if is_reply else "item",
        "answers": answers,
        "why": undecided.Why(text.why).label,
        "version": undecided.version(text),
        "is_appeal": is_appeal,
        "appeal": _appeal(text) if is_appeal else None,
        "is_held": text.state == ItemState.HELD,
        "reports": [{"said": one, "decide": reported.address(text, one.reply)} for one in reports],
        "language": languages.own_name(text.language),
        "page": reverse(f"admin:feedback_{model}_change", args=[text.pk]),
        "decide": reverse(f"admin:feedback_{model}_decide", args=[text.pk]),
    }


def _query(request: HttpRequest) -> str:
    """What is chosen, without the page."""
    given = request.GET.copy()
    given.pop("page", None)
    return given.urlencode()
