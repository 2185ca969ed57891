"""Hiding all that is held with one sign of a machine, in steps: more than a page of it, each text for itself, with how
far it is. Of such a flood nobody reads each text; so nothing of it is published here, and its authors can appeal.

Nothing runs behind anybody's back: each step is sent by whoever decides, and what is done stays when they stop. What
came after the first step is not touched, since nobody who decided has seen that it is there.
"""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from feedback import services, undecided
from feedback.forms.moderation import ModerationForm
from feedback.forms.undecided import WHOLE
from feedback.services.deciding import MOST_AT_ONCE
from taskforce.accounts.models import User

# So many of those that were left are carried on; there are hardly more.
_MOST_LEFT = 200


class WholeForm(ModerationForm):
    """Hiding all that is held with a sign, with how far it is: the last item and reply that were looked at, how many
    there were, when it began, and what was left."""

    item_after = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**63 - 1)
    reply_after = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**63 - 1)
    total = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31)
    began = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    left = forms.CharField(widget=forms.HiddenInput, required=False, max_length=100_000)

    def __init__(self, data: QueryDict, *, chosen: undecided.Chosen) -> None:
        super().__init__(data)
        self.chosen = chosen

    def clean(self) -> dict[str, Any]:
        """Nothing is published that nobody has read, and nothing hidden for looking like nothing."""
        found = super().clean()
        if not self.chosen.sign:
            self.add_error(None, _("Choose a sign first: only what looks like a machine’s is hidden unread."))
        if found.get("action") == "publish":
            self.add_error(None, _("Nothing is published unread: mark what you have read, and publish that."))
        return found

    def clean_left(self) -> list[tuple[str, str]]:
        """[(reference, why)]; nothing where it was made up."""
        try:
            given = json.loads(self.cleaned_data["left"] or "[]")
            return [(str(reference)[:20], str(why)[:300]) for reference, why in given][:_MOST_LEFT]
        except (TypeError, ValueError, RecursionError):
            return []

    def decision(self) -> dict[str, Any]:
        """What is decided, as the service takes it."""
        return {name: self.cleaned_data[name] for name in ("action", "rule", "reason")}


def step(
    request: HttpRequest,
    site: admin.AdminSite,
    opts: Any,
    form: WholeForm,
    *,
    actor: User,
    at: datetime,
) -> HttpResponse:
    """Decide about the next of them, and show how far it is, with the way on."""
    sent, chosen = form.cleaned_data, form.chosen
    began = sent["began"] or at
    span = undecided.Span(sent["item_after"] or 0, sent["reply_after"] or 0, began)
    total = sent["total"] or undecided.held(actor, chosen, span)
    items, replies = undecided.next_held(actor, chosen, span, MOST_AT_ONCE)
    made = services.moderate_many(items, **form.decision(), actor=actor, at=at, reply_ids=replies)
    after = undecided.Span(max([span.item, *items]), max([span.reply, *replies]), began)
    rest, left = undecided.held(actor, chosen, after), [*sent["left"], *made.left]
    context = {
        **site.each_context(request),
        "title": _("Hide all that is held with one sign"),
        "opts": opts,
        "total": total,
        "looked_at": max(0, total - rest),
        "rest": rest,
        "left": left,
        "fields": {
            **form.decision(),
            "item_after": after.item,
            "reply_after": after.reply,
            "total": total,
            "began": began.isoformat(),
            "left": json.dumps(left[:_MOST_LEFT], ensure_ascii=False),
            WHOLE: "on",
        },
    }
    return TemplateResponse(request, "feedback/admin_queue_whole.html", context)
