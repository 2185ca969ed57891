"""The timeline's forms: acts on a published end, and drafts of phases."""

from taskforce.timeline.forms.acts import ActForm, CancelForm, CloseForm, ExtendForm, ShortenForm
from taskforce.timeline.forms.drafts import DraftForm

__all__ = ["ActForm", "CancelForm", "CloseForm", "DraftForm", "ExtendForm", "ShortenForm"]
