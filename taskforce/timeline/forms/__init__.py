"""The timeline's forms: acts on a published end."""

from taskforce.timeline.forms.acts import ActForm, CancelForm, CloseForm, ExtendForm, ShortenForm

__all__ = ["ActForm", "CancelForm", "CloseForm", "ExtendForm", "ShortenForm"]
