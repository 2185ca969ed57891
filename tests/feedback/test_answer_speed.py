"""What answering costs where 10,000 texts were said, against 1,000: the public list by theme and by what became of it,
the page of themes, and the pages on which staff sort and answer."""

from time import process_time
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from feedback.models import Disposition, FeedbackItem, FeedbackWindow, Release, Theme, ThemedItem
from feedback.services import standing
from proposals.models import Revision
from taskforce.accounts.models import User
from tests.clients import Client
from tests.feedback.pages import address
from tests.feedback.test_answering import AT
from tests.feedback.test_answering import lead as lead
from tests.feedback.test_answering import second as second
from tests.feedback.test_speed import _database, fill
from tests.sampling import FIGURE

OUTCOMES = ("adopted", "partly", "noted", "declined", "out-of-scope")
STAFF = "/en/admin/feedback/feedbackwindow/{}/answers/"
# What else the machine does only ever adds to a time: lists that seem slow are measured more often.
_AT_LEAST, _ROUNDS = 6, 24


def answered(window: FeedbackWindow, count: int, revision: Revision) -> None:
    """So many texts: two thirds in ten themes, of which eight are answered; a fifth with an answer of their own; some
    with a draft; the rest undecided. The planner knows of them."""
    fill(window, count)
    made = Release.objects.create(window=window, number=1, at=AT)
    themes = [Theme.objects.create(window=window, title=f"Theme {at}", position=at) for at in range(10)]
    items = list(FeedbackItem.objects.filter(window=window).order_by("pk").values_list("pk", flat=True))
    ThemedItem.objects.bulk_create(
        [ThemedItem(item_id=pk, theme=themes[at % 10]) for at, pk in enumerate(items) if at % 3], batch_size=2_000
    )
    rows = [_row(at, revision, made, theme=theme) for at, theme in enumerate(themes[:8])]
    rows += [_row(at // 5, revision, made, item_id=pk) for at, pk in enumerate(items) if at % 5 == 0]
    rows += [_row(at, revision, None, item_id=pk) for at, pk in enumerate(items) if at % 50 == 1]
    Disposition.objects.bulk_create(rows, batch_size=2_000)
    with transaction.atomic():
        standing.keep(items)
    with connection.cursor() as cursor:
        for table in ("feedback_disposition", "feedback_themeditem", "feedback_theme", "feedback_feedbackitem"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _row(at: int, revision: Revision, made: Release | None, **about: Any) -> Disposition:
    outcome = OUTCOMES[at % 5]
    taken_up = revision if outcome in ("adopted", "partly") else None
    return Disposition(
        outcome=outcome, revision=taken_up, answers={"en": "Thank you."}, release=made, stands=made is not None, **about
    )


def seconds(client: Client, path: str, times: int = 3) -> float:
    """As in `test_speed`, by this browser."""
    client.get(path)
    begun = process_time() + _database()
    for _ in range(times):
        assert client.get(path).status_code == 200, path
    return (process_time() + _database() - begun) / times


def least(rounds: list[tuple[float, float]]) -> list[float]:
    """The shortest time of each side."""
    return [min(found) for found in zip(*rounds, strict=True)]


def _is_flat(rounds: list[tuple[float, float]]) -> bool:
    small, large = least(rounds)
    return large <= 1.3 * small


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200, path
    return len(caught)


@pytest.mark.long
@pytest.mark.usefixtures("committed")
def test_ten_thousand_are_answered_and_read_as_one_thousand_are(
    window: FeedbackWindow, lead: User, second: Revision, record_property: Any
) -> None:
    """The list by theme and outcome in eight queries at most and 1.3 times the time; on the staff side the number of
    queries does not grow."""
    other = FeedbackWindow.objects.create(
        phase=window.phase, proposal=window.proposal, questions=window.questions, slug="few", title="Few",
        published_at=window.published_at,
    )  # fmt: skip
    answered(other, 1_000, second)
    answered(window, 10_000, second)
    few, many = ({"in": list(Theme.objects.filter(window=one))[1].pk, "pk": one.pk} for one in (other, window))
    lists = [
        "?theme={in}", "?theme=0", "?disposition=noted", "?disposition=adopted", "?disposition=none",
        "?theme={in}&disposition=partly", "?revision=2", "?disposition=declined&page=5",
    ]  # fmt: skip
    reader = Client()
    path = f"{address()}items/"
    rounds: dict[str, list[tuple[float, float]]] = {one: [] for one in lists}
    for turn in range(_ROUNDS):
        for one in lists if turn < _AT_LEAST else [one for one in lists if not _is_flat(rounds[one])]:
            small = seconds(reader, path.replace("responsibilities", "few") + one.format(**few))
            rounds[one].append((small, seconds(reader, path + one.format(**many))))
    # The least of several rounds: what else the machine does only ever adds to it.
    costs = {one: least(each) for one, each in rounds.items()}
    themes = [seconds(reader, f"{where}themes/") for where in (address().replace("responsibilities", "few"), address())]
    told = {one: f"{ten * 1000:.0f} ms, {ten / one_:.2f}" for one, (one_, ten) in costs.items()}
    staff = Client()
    staff.force_login(lead)
    pages = ["", "?show=all", "?show=decided", "?show=all&theme={in}", "?show=drafted", "themes/", "release/", "final/"]
    for one in pages:
        found = [(STAFF.format(each["pk"]) + one).format(**each) for each in (few, many)]
        asked = [queries(staff, each) for each in found]
        assert asked[0] == asked[1], (one, asked)
        told[f"staff {one}"] = f"{seconds(staff, found[1]) * 1000:.0f} ms, {asked[1]} queries"
    told["themes"] = f"{themes[1] * 1000:.0f} ms, {themes[1] / themes[0]:.2f}"
    record_property(FIGURE, str(told))
    for one in lists:
        assert queries(reader, path + one.format(**many)) <= 8, one
    page = f"{address()}themes/"
    assert queries(reader, page) == queries(reader, page.replace("responsibilities", "few"))
    few_, many_ = (sum(one[at] for one in costs.values()) for at in range(2))
    assert many_ <= 1.3 * few_, told
    # And of each choice by itself, where what other tests do beside it weighs more; no list offers what is in no theme.
    for one, (small, large) in costs.items():
        assert large <= 1.5 * small or one in ("?theme=0", "?theme={in}&disposition=partly"), (one, told)
