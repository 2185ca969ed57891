"""The timeline's forms: acts on a published end, drafts of phases, names of task forces."""

from taskforce.timeline.forms.acts import ActForm, CancelForm, CloseForm, ExtendForm, ShortenForm
from taskforce.timeline.forms.deciding import DecideForm
from taskforce.timeline.forms.drafts import DraftForm
from taskforce.timeline.forms.names import RenameForm

__all__ = ["ActForm", "CancelForm", "CloseForm", "DecideForm", "DraftForm", "ExtendForm", "RenameForm", "ShortenForm"]
