"""What a moderator is asked about one item or reply, and the decision once it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string

from feedback import earlier, queries, reporting, responses, services, undecided
from feedback.forms.moderation import AppealDecisionForm, ModerationForm
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply
from feedback.rules import may_decide_appeal, may_moderate
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Conflict


@dataclass(frozen=True)
class Asked:
    """The form, if this person can send one (`why_not` otherwise), the appeal that waits, and whether it is done.

    `seen` is the version that goes with the form, `before` what was read where the text says something else by now.
    """

    form: forms.Form | None
    appeal: FeedbackAppeal | None = None
    why_not: str = ""
    is_done: bool = False
    seen: str = ""
    status: int = 200
    before: str = ""
    reads: str = ""


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
    allowed, why_not = may_moderate(actor, text, at)
    if not allowed and request.method != "POST":
        return Asked(None, about.appeal, why_not)
    # Before its answers are read: where its author is changing it at this moment, the decision is refused.
    seen = undecided.version(text)
    form = ModerationForm(request.POST if request.method == "POST" else None)
    status, before = 200, ""
    if form.is_valid():
        read = request.POST.get("seen", "")
        try:
            about.moderate(text.pk, **form.cleaned_data, actor=actor, at=at, seen=read)
            return Asked(form, is_done=True)
        except services.OtherWords as error:
            form.add_error(None, error.message)
            text.refresh_from_db()
            seen, status, before = undecided.version(text), 409, read_before(text, read)
        except Conflict as error:
            form.add_error(None, error.message)
    return Asked(form, about.appeal, seen=seen, status=status, before=before, reads=_reads(text))


def read_before(text: FeedbackItem | FeedbackReply, seen: str) -> str:
    """What a moderator had before them who sent this version, as a page shows it; empty for what is the same now."""
    found = earlier.wording_seen(text, seen) if isinstance(text, FeedbackItem) else None
    return render_to_string("feedback/answers.html", {"item": found[0], "answers": found[1]}) if found else ""


def _reads(text: FeedbackItem | FeedbackReply) -> str:
    """In which language its author reads what is written here: that of their pages, or else of their text."""
    code = (text.read_language if isinstance(text, FeedbackItem) else "") or text.language
    return languages.OWN_NAMES.get(code, code)


def _about_appeal(request: HttpRequest, about: _About, actor: User, at: datetime) -> Asked:
    has_reported = reporting.has_reported(actor, about.text)
    allowed, why_not = may_decide_appeal(actor, about.text, about.appeal, at, has_reported=has_reported)
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
