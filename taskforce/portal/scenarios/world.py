"""What the stages of the model case share: the labels, the people, the rows made so far."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from feedback.models import FeedbackWindow
from proposals.models import Proposal
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.timeline.models import Phase, TaskForce

HERE = Path(__file__).parent
SLUG, WINDOW = "leadership-development", "responsibilities"


@cache
def _labels() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((HERE / "labels.json").read_text("utf-8"))
    return loaded


def labels(name: str) -> dict[str, str]:
    """{language: text} of a label that staff would have typed, in all languages of the portal or in some."""
    return dict(_labels()[name])


@dataclass
class World:
    """Rows that earlier stages made, by the names under which later ones need them."""

    task_force: TaskForce
    people: dict[str, User]
    phases: dict[str, Phase]
    proposals: dict[str, Proposal] = field(default_factory=dict)
    windows: dict[str, FeedbackWindow] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
