"""What the tests of decisions and of their release share: the pages, three candidates, held decisions."""

from recruitment import services
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from tests.conftest import Clock
from tests.recruitment.conftest import REVIEW, Apply


def decisions_page(call: Call) -> str:
    return f"/en/admin/recruitment/call/{call.pk}/decisions/"


def release_page(call: Call) -> str:
    return f"/en/admin/recruitment/call/{call.pk}/release/"


def three_candidates(apply: Apply, clock: Clock) -> list[Application]:
    """Three candidates for two seats, the second without consent to be named; the clock stands in the review."""
    made = [
        apply(name, publish_name=name != "bo", language=("en", "zh-hant")[name == "bo"]) for name in ("ada", "bo", "cy")
    ]
    clock.set(REVIEW)
    return made


def hold_all(people: dict[str, User], applications: list[Application], *outcomes: str) -> None:
    for application, outcome in zip(applications, outcomes, strict=True):
        services.decide(application.pk, people["coordinator"], outcome)
