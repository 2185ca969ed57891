"""What is drafted about what was said is nowhere before its release: no word, number, tag, order or mail tells it."""

from typing import Any

import pytest

from feedback import services
from feedback.models import FeedbackItem, FeedbackWindow, Theme
from feedback.services import answering as acts
from feedback.services.answering import Wanted
from proposals.models import Revision
from taskforce.accounts.models import User
from taskforce.notifications.models import Mailing, OutboxMessage
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import address
from tests.feedback.test_answering import AT, draft, draft_for, put, release
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_items import say
from tests.portal.making import make_text

CANARY = "Zanzibar"
TEXT = "/en/tf/leadership-development/proposals/proposal/"
TF = "/en/tf/leadership-development/"
TAGS = ("ETag", "Last-Modified", "Cache-Control", "Content-Length")
# What shows an answer once it is released.
SHOWS_ANSWERS = ("item", "own", "themes", "json", "csv")
SHOWS_THEMES = ("in no theme", "of the theme", "history", "revision")


def places(item: FeedbackItem, made: Theme) -> dict[str, str]:
    """Every page, feed and file that anybody reads and that has anything of what was said, or of the text."""
    items = f"{address()}items/"
    return {
        "window": address(),
        "list": items,
        "of the theme": f"{items}?theme={made.pk}",
        "in no theme": f"{items}?theme=0",
        "adopted": f"{items}?disposition=adopted",
        "undecided": f"{items}?disposition=none",
        "of the revision": f"{items}?revision=2",
        "search": f"{items}?q={CANARY}",
        "item": f"{items}{item.reference}/",
        "themes": f"{address()}themes/",
        "numbers": f"{address()}summary/",
        "moderation": f"{address()}moderation/",
        "feed": f"{address()}feed.atom",
        "json": "/open-data/leadership-development/feedback.json",
        "csv": "/open-data/leadership-development/feedback.csv",
        "text": TEXT,
        "revision": f"{TEXT}r/2/",
        "history": f"{TEXT}history/",
        "task force": TF,
        "process": f"{TF}process/",
        "home": "/en/",
    }


def read(path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, what caches go by, and the bytes, but for what each form has for itself."""
    response = Client().get(path)
    tags = {name: response.headers[name] for name in TAGS if name in response.headers}
    if "no-cache" in tags.get("Cache-Control", ""):
        return response.status_code, {}, b""
    return response.status_code, tags, response.content


def looks(found: dict[str, str]) -> dict[str, Any]:
    return {name: read(path) for name, path in found.items()}


def words(found: dict[str, str], own: str) -> set[str]:
    """On which of these the canary stands, but where a reader has typed it."""
    read = {name: Client().get(path).content.decode() for name, path in {**found, "own": own}.items()}
    return {name for name, said in read.items() if CANARY in said} - {"search"}


@pytest.mark.parametrize("is_correction", [False, True])
def test_what_is_drafted_is_nowhere_and_changes_nothing(
    window: FeedbackWindow, lead: User, second: Revision, clock: Clock, is_correction: bool
) -> None:
    """Of an item, of a theme, the theme itself; also where an earlier answer stands, which everybody still reads."""
    item, other = say(window, "First."), say(window, "Second.")
    made = acts.add_theme(window.pk, titles={"en": "Trust"}, descriptions={}, actor=lead, at=AT)
    clock.set(AT)
    make_text(window.proposal.task_force, "plan", kind="plan")
    if is_correction:
        put(window, lead, made, other)
        draft(window, lead, item)
        draft_for(window, lead, made)
        release(window, lead)
    found, own = places(item, made), f"{address()}mine/{services.own_link(item)}/"
    before = looks(found)
    assert {status for status, _tags, _body in before.values()} == {200}
    mails = (OutboxMessage.objects.count(), Mailing.objects.count())

    drafted = Wanted("adopted", 2, {"en": f"Yes, {CANARY}."})
    if not is_correction:
        put(window, lead, made, other)
        acts.change_theme(
            made.pk,
            titles={"en": f"{CANARY} and trust"},
            descriptions={"en": CANARY},
            expected=made.version,
            actor=lead,
            at=AT,
        )
    draft(window, lead, item, wanted=drafted)
    draft_for(window, lead, made, drafted)
    after = looks(found)
    assert [name for name in found if before[name] != after[name]] == []
    assert words(found, own) == set()
    assert (OutboxMessage.objects.count(), Mailing.objects.count()) == mails

    release(window, lead)
    assert words(found, own) >= set(SHOWS_ANSWERS)
    changed = {name for name, one in looks(found).items() if one != before[name]}
    assert changed >= {"item", "themes", "json", "csv", "revision", "history", "of the revision"}
    if not is_correction:
        assert words(found, own) >= {*SHOWS_ANSWERS, *SHOWS_THEMES}
