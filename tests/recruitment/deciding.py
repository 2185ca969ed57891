"""What the tests of decisions and of their release share: the pages, held decisions."""

from recruitment import services
from recruitment.models import Application, Call
from taskforce.accounts.models import User


def decisions_page(call: Call) -> str:
    return f"/en/admin/recruitment/call/{call.pk}/decisions/"


def release_page(call: Call) -> str:
    return f"/en/admin/recruitment/call/{call.pk}/release/"


def hold_all(people: dict[str, User], applications: list[Application], *outcomes: str) -> None:
    for application, outcome in zip(applications, outcomes, strict=True):
        services.decide(application.pk, people["coordinator"], outcome)
