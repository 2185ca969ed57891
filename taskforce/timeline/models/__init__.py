"""The rows of the timeline."""

from taskforce.timeline.models.followers import Bulletin, Departure, DigestMark, Subscription
from taskforce.timeline.models.names import OldWord, Rename, StaysAsItIs
from taskforce.timeline.models.process import Extension, Phase, PhaseEvent, TaskForce
from taskforce.timeline.models.verdicts import Verdict

__all__ = [
    "Bulletin",
    "Departure",
    "DigestMark",
    "Extension",
    "OldWord",
    "Phase",
    "PhaseEvent",
    "Rename",
    "StaysAsItIs",
    "Subscription",
    "TaskForce",
    "Verdict",
]
