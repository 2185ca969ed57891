"""By what moderators narrow their queue (GET), and what they decide about many at once (POST)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from feedback import undecided
from feedback.forms.moderation import ModerationForm
from feedback.models import FeedbackWindow
from taskforce.core import labels, languages
from taskforce.core.choices import offer
from taskforce.questions.enums import OTHER_LANGUAGE

ALL = "all"
# The button that decides about all pages.
WHOLE = "whole"
_WRONG_CHOICE = {"invalid_choice": _("Please choose one of the list.")}


class QueueForm(forms.Form):
    """What of the queue is shown."""

    why = forms.ChoiceField(label=_("What waits"), required=False, error_messages=_WRONG_CHOICE)
    window = forms.ChoiceField(label=_("Window"), required=False, error_messages=_WRONG_CHOICE)
    language = forms.ChoiceField(label=_("Language"), required=False, error_messages=_WRONG_CHOICE)
    sign = forms.ChoiceField(label=_("Like a machine’s"), required=False, error_messages=_WRONG_CHOICE)

    def __init__(self, data: Mapping[str, Any], windows: Sequence[FeedbackWindow]) -> None:
        super().__init__(data)
        called = [(str(one.pk), labels.label(one, "title").text or one.slug) for one in windows]
        choices: dict[str, Iterable[tuple[str, Any]]] = {
            "why": undecided.Why.choices,
            "window": called,
            "language": [*languages.OWN_NAMES.items(), (OTHER_LANGUAGE, _("another language"))],
            "sign": undecided.signs(),
        }
        for name, offered in choices.items():
            offer(self, name, [("", _("All")), *offered])

    def chosen(self) -> undecided.Chosen:
        """What is asked for; everything where some of it cannot be."""
        if not self.is_valid():
            return undecided.Chosen()
        sent = self.cleaned_data
        window = int(sent["window"]) if sent["window"] else None
        return undecided.Chosen(sent["why"], window, sent["language"], sent["sign"])


class ManyForm(ModerationForm):
    """One decision, rule and reason for all that was marked; `items` and `replies` are those that stood on the page,
    with the version that was read."""

    def __init__(self, data: QueryDict | None, items: Sequence[int], replies: Sequence[int]) -> None:
        super().__init__(data)
        is_all = data is not None and bool(data.get(ALL))
        marked = {name: data.getlist(name) if data is not None else [] for name in ("item", "reply")}
        self.items = {pk: self.seen("item", pk) for pk in items if is_all or str(pk) in marked["item"]}
        self.replies = {pk: self.seen("reply", pk) for pk in replies if is_all or str(pk) in marked["reply"]}

    def seen(self, kind: str, pk: int) -> str:
        """Which version of a text stood on the page that was sent (`undecided.version`)."""
        return str(self.data.get(f"seen-{kind}-{pk}", ""))

    def clean(self) -> dict[str, Any]:
        """Something is marked."""
        found = super().clean()
        if not self.items and not self.replies and WHOLE not in self.data:
            self.add_error(
                None, _("Please mark at least one text. What somebody else has decided is not here any more.")
            )
        return found
