"""What a moderator is asked about one item, and the decision once it is sent."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from feedback import queries, services
from feedback.enums import ItemState
from feedback.models import FeedbackAppeal, FeedbackItem
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


def asked(request: HttpRequest, item: FeedbackItem, actor: User, at: datetime) -> Asked:
    """Ask about the appeal where one waits, else whether the item stands; decide where that is sent.

    `Refused` from the services goes on: whoever sends without the right gets the page that says why.
    """
    appeal = queries.appeal_of(item)
    if appeal is not None and not appeal.outcome:
        return _about_appeal(request, appeal, actor, at)
    # What was held is most often a person's, so the words are there; the choice is made by whoever has read it.
    read = _("A person of the task force has read it.") if item.state == ItemState.HELD else ""
    form = ModerationForm(request.POST if request.method == "POST" else None, read=read)
    if form.is_valid():
        try:
            services.moderate(item.pk, **form.cleaned_data, actor=actor, at=at)
            return Asked(form, is_done=True)
        except Conflict as error:
            form.add_error(None, error.message)
    return Asked(form, appeal)


def _about_appeal(request: HttpRequest, appeal: FeedbackAppeal, actor: User, at: datetime) -> Asked:
    allowed, why_not = may_decide_appeal(actor, appeal.item, appeal, at)
    if not allowed and request.method != "POST":
        return Asked(None, appeal, why_not)
    form = AppealDecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.decide_appeal(appeal.item_id, **form.cleaned_data, actor=actor, at=at)
            return Asked(form, appeal, is_done=True)
        except Conflict as error:
            form.add_error(None, error.message)
    return Asked(form if allowed else None, appeal, why_not)
