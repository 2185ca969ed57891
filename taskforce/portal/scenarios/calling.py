"""The call of the model case: what it asks and promises, how it is scored, what was asked about it; and its act, the
seats that became more.

In the project's own words, about the facts of the case. The whole of it stands in English, Traditional Chinese and
Arabic; what fits a line, in all languages of the portal: so the rest shows how a text that is not translated is read.
"""

from datetime import datetime

from recruitment import services as recruitment
from recruitment.services.calls import publish_call
from taskforce.portal.scenarios.world import World, labels
from taskforce.questions.models import QuestionSetVersion

SEATS, SEATS_IN_THE_END, PANEL = 12, 15, 6
_WEIGHTS = {"criterion.experience": 60, "criterion.perspective": 40}
_SCORES = range(1, 6)
_ASKED = ("language", "affiliate", "changing")


def publish(world: World, version: QuestionSetVersion, at: datetime) -> None:
    """The call is published with the window, so that everybody knows from the start how members will be chosen."""
    others = ("eligibility", "term", "hours", "allowance", "publication", "criteria_introduction")
    world.calls["call"] = publish_call(
        world.phases["recruitment"],
        version,
        titles=labels("call.title"),
        purposes=labels("call.purpose"),
        seats=SEATS,
        criteria=[
            {
                "labels": labels(name),
                "weight": weight,
                "meanings": {score: labels(f"{name}.{score}") for score in _SCORES},
            }
            for name, weight in _WEIGHTS.items()
        ],
        texts={name: labels(f"call.{name}") for name in others},
        panel_size=PANEL,
        clarifications=[
            (labels(f"clarification.{about}.question"), labels(f"clarification.{about}.answer")) for about in _ASKED
        ],
        at=at,
        actor_id=world.people["coordinator"].pk,
    )


def more_seats(world: World, at: datetime) -> None:
    """The size that was announced in the end."""
    coordinator, reasons = world.people["coordinator"], labels("call.more_seats")
    recruitment.change_seats(world.calls["call"].pk, SEATS_IN_THE_END, reasons, actor=coordinator, expected=SEATS)
