"""What the tests of the public pages read, and how they read it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from feedback import services as feedback
from feedback.models import FeedbackWindow
from proposals import services as proposals
from proposals.enums import UnitKind
from proposals.models import Proposal, Unit, UnitText
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.announcements import queries as announcement_queries
from taskforce.announcements import services as announcements
from taskforce.announcements.models import Announcement
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import gates
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)
TF = "/en/tf/leadership-development/"
PAGES = ["/en/", TF, f"{TF}process/", f"{TF}members/", f"{TF}news/"]
PhaseOf = Callable[[str], Phase]


def read(client: Client, address: str, **headers: Any) -> str:
    response = client.get(address, **headers)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    """The page's text without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def make_text(tf: TaskForce, slug: str, *, kind: str = "proposal") -> Proposal:
    """A text of four units: all in English, the title and one paragraph also in Chinese."""
    made = proposals.create(tf, slug=slug, kind=kind, at=AT)
    for position in range(4):
        unit = Unit.objects.create(
            proposal=made,
            position=position,
            kind=UnitKind.PARAGRAPH if position else UnitKind.TITLE,
            source_language="en",
        )
        UnitText.objects.create(unit=unit, language="en", text=f"Title {slug}", html=f"Title {slug}")
        if position < 2:
            UnitText.objects.create(unit=unit, language="zh-hant", text="標題", html="標題", source_version=1)
    return proposals.publish(made, at=AT)


def make_window(phase: Phase, text: Proposal, questions: QuestionSetVersion, slug: str) -> FeedbackWindow:
    titles = {"en": f"Responsibilities {slug}"}
    return feedback.publish_window(phase, text, questions, slug=slug, titles=titles, introductions={}, at=AT)


def say(window: FeedbackWindow, number: int = 1) -> None:
    for _ in range(number):
        key = gates.read_form_key(gates.new_form_key(AT, window.phase_id), window.phase_id)
        feedback.submit(window.pk, form_key=key, language="en", visibility="public", name="", answers=[])


def announce(tf: TaskForce, actor: User, *, slug: str = "members", **texts: Any) -> Announcement:
    texts = {"titles": {"en": "The members are chosen"}, "bodies": {"en": "They **begin**."}, **texts}
    return publish_tested(announcements.draft(tf, slug=slug, at=AT, actor_id=None, **texts), actor)


def publish_tested(made: Announcement, actor: User) -> Announcement:
    """Test a draft that somebody else has written, and publish it as it is shown now."""
    announcements.test(made.pk, language="en", actor=actor, version=made.version)
    return publish(made, actor)


def publish(made: Announcement, actor: User) -> Announcement:
    """Publish a draft as it is shown now."""
    count = announcement_queries.followers(made.task_force_id)
    return announcements.publish(made.pk, actor=actor, confirmed=announcements.shown(made), count=count)


def join(tf: TaskForce, address: str, name: str | None) -> None:
    user = create_account(address, at=AT)
    announcements.add_member(tf, user, name=name or "", consented=name is not None, at=AT, actor_id=None)
