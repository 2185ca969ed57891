"""What a moderator is asked about one item or reply, and the decision once it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from feedback import queries, responses, services
from feedback.enums import ItemState
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply
from feedback.moderation_forms import AppealDecisionForm, ModerationForm
from feedback.rules import may_decide_appeal
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict


@dataclass(frozen=True)
class Asked:
    """The form, if this person can send one (`why_not` otherwise), the appeal that waits, and whether it is done."""

    form: forms.Form | None
    appeal: FeedbackAppeal | None = None
    why_not: str = ""
    is_done: bool = False


@dataclass(frozen=True)
class _About:
    """An item or a reply, its appeal, and what decides about both."""

    text: FeedbackItem | FeedbackReply
    appeal: FeedbackAppeal | None
    moderate: Callable[..., object]
    decide_appeal: Callable[..., object]


def _about(text: FeedbackItem | FeedbackReply) -> _About:
    if isinstance(text, FeedbackReply):
        appeal = responses.appeal_of(text)
        return _About(text, appeal, services.moderate_reply, services.decide_reply_appeal)
    return _About(text, queries.appeal_of(text), services.moderate, services.decide_appeal)


def asked(request: HttpRequest, text: FeedbackItem | FeedbackReply, actor: User, at: datetime) -> Asked:
    """Ask about the appeal where one waits, else whether the text stands; decide where that is sent.

    `Refused` from the services goes on: whoever sends without the right gets the page that says why.
    """
    about = _about(text)
    if about.appeal is not None and not about.appeal.outcome:
        return _about_appeal(request, about, actor, at)
    # What was held is most often a person's, so the words are there; the choice is made by whoever has read it.
    read = _("A person of the task force has read it.") if text.state == ItemState.HELD else ""
    form = ModerationForm(request.POST if request.method == "POST" else None, read=read)
    if form.is_valid():
        try:
            about.moderate(text.pk, **form.cleaned_data, actor=actor, at=at)
            return Asked(form, is_done=True)
        except Conflict as error:
            form.add_error(None, error.message)
    return Asked(form, about.appeal)


def _about_appeal(request: HttpRequest, about: _About, actor: User, at: datetime) -> Asked:
    allowed, why_not = may_decide_appeal(actor, about.text, about.appeal, at)
    if not allowed and request.method != "POST":
        return Asked(None, about.appeal, why_not)
    form = AppealDecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            about.decide_appeal(about.text.pk, **form.cleaned_data, actor=actor, at=at)
            return Asked(form, about.appeal, is_done=True)
        except Conflict as error:
            form.add_error(None, error.message)
    return Asked(form if allowed else None, about.appeal, why_not)
