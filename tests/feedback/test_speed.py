"""What readers wait for where 10,000 texts were said, against 1,000: the list, its filters, its search, open data."""

import os
import statistics
import tracemalloc
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import opendata, search
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from taskforce.core import packed
from tests.clients import Client
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address
from tests.sampling import FIGURE

DATA = "/open-data/leadership-development/feedback."
WORDS = {
    "en": "whoever leads learns to listen before anything else and trust grows where people are asked what they need",
    "zh-hant": "領導者先學會聆聽然後信任在人們被問到需要什麼的地方成長專案組應該培養更多的人",
    "ar": "من يقود يتعلم الإصغاء قبل كل شيء وتنمو الثقة حيث يسأل الناس عما يحتاجون إليه في مجتمعاتهم",
}


def fill(window: FeedbackWindow, count: int) -> None:
    """So many texts in three scripts, about 500 characters each, of which every seventh answers the second question
    too; the planner knows of them."""
    first, second = window.questions.questions.order_by("position")
    begun = FeedbackItem.objects.count()
    texts = [_text(number) for number in range(begun, begun + count)]
    made = FeedbackItem.objects.bulk_create(
        (
            FeedbackItem(
                window=window, reference=f"F-{number * 7919 % 100_003:06d}", form_key=f"k{number}",
                token_hash=f"t{number}", visibility="nameless" if number % 3 else "public", state="published",
                language=language, name=f"N {number}", received_at=OPENS + timedelta(minutes=number),
                search_text=search.folded(text), was_public=True, agreed=number * 31 % 11,
                answered=[first.pk, second.pk] if number % 7 == 0 else [first.pk],
            )
            for number, (language, text) in enumerate(texts, start=begun)
        ),
        batch_size=1_000,
    )  # fmt: skip
    rows = [FeedbackAnswer(item=item, question=first, text=said[1]) for item, said in zip(made, texts, strict=True)]
    rows += [FeedbackAnswer(item=item, question=second, choices=["yes"]) for item in made if second.pk in item.answered]
    FeedbackAnswer.objects.bulk_create(rows, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE feedback_feedbackitem")
        cursor.execute("VACUUM ANALYZE feedback_feedbackanswer")


def _text(number: int) -> tuple[str, str]:
    """Words in an order of their own, and one that no other text has."""
    language = list(WORDS)[number % 3]
    words = WORDS[language].split() if " " in WORDS[language] else list(WORDS[language])
    turned = [words[(number * 31 + step * (number % 17 + 1)) % len(words)] for step in range(500 // len(words) * 5)]
    joined = (" " if " " in WORDS[language] else "").join(turned)
    return language, f"{joined} n{number}x"


def seconds(path: str, times: int = 20) -> float:
    """What one reading of a page costs in processor time, here and in the database: whatever else the machine does
    leaves it alone."""
    client = Client()
    client.get(path)
    begun = process_time() + _database()
    for _ in range(times):
        assert client.get(path).status_code == 200
    return (process_time() + _database() - begun) / times


def _database() -> float:
    """Seconds of processor time that the database has spent for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.long
@pytest.mark.usefixtures("committed")
def test_ten_thousand_are_read_as_one_thousand_are(window: FeedbackWindow, record_property: Any) -> None:
    """The list with its filters in eight queries at most and at most 1.3 times the time; a search in 150 ms."""
    second = window.questions.questions.order_by("position")[1]
    lists = [
        "",
        "?language=ar",
        "?channel=web&language=en",
        f"?question={second.pk}",
        "?page=25",
        "?page=2&language=ar",
        "?sort=agreed",
        f"?sort=agreed&language=ar&channel=web&question={second.pk}",
        "?sort=agreed&page=40",
    ]
    found = ["trust", "listen before", "信任", "領", "聆聽 需要", "n77x", "nobody said this"]
    found += ["الثقة", "المجتمع", "بالمجتمعات"]
    other = FeedbackWindow.objects.create(
        phase=window.phase, proposal=window.proposal, questions=window.questions, slug="few", title="Few",
        published_at=window.published_at,
    )  # fmt: skip
    fill(other, 1_000)
    fill(window, 10_000)
    ten = f"{address()}items/"
    few, many = (dict.fromkeys(lists, 0.0) for _ in range(2))
    # By turns, so that whatever else the machine does meets both alike.
    for _ in range(8):
        for query in lists:
            few[query] += seconds(ten.replace("responsibilities", "few") + query, 3) / 8
            many[query] += seconds(ten + query, 3) / 8
    searched = {words: seconds(f"{ten}?q={words}") for words in found}
    figures = {query: f"{many[query] * 1000:.0f} ms, {many[query] / few[query]:.2f}" for query in lists}
    record_property(FIGURE, f"{figures} {[f'{words} {one * 1000:.0f} ms' for words, one in searched.items()]}")
    asked = [ten + query for query in lists]
    for path in [*asked, *(f"{address()}items/?q={words}&question={second.pk}&language=en" for words in found)]:
        with CaptureQueriesContext(connection) as queries:
            Client().get(path)
        assert len(queries) <= 8, path
    # By their sum: a single page swings by more than that on a machine that does something else as well.
    assert sum(many.values()) <= 1.3 * sum(few.values()), figures
    assert statistics.median(searched.values()) < 0.150, searched


@pytest.mark.long
@pytest.mark.usefixtures("committed")
def test_all_of_it_is_made_once_and_sent_to_the_next_at_once(
    window: FeedbackWindow, settings: LazySettings, record_property: Any
) -> None:
    """Open data of 10,000 texts: a second reader costs less than a second, and nobody holds all of it in memory."""
    fill(window, 10_000)
    costs, makers = {}, {"json": opendata.as_json, "csv": opendata.as_csv}
    for form, make in makers.items():
        begun = process_time() + _database()
        size = sum(map(len, make(window.phase.task_force))) / 2**20
        costs[f"{form}, {size:.1f} MB, made"] = process_time() + _database() - begun
    caches["pages"].clear()
    settings.CACHES = {**settings.CACHES, "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    for form in ("json", "csv"):
        costs[f"{form}, second reader"] = seconds(f"{DATA}{form}", 3)
    tracemalloc.start()
    packed.pack(opendata.as_json(window.phase.task_force))
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    record_property(FIGURE, f"{ {name: f'{cost:.2f} s' for name, cost in costs.items()} } {peak:.0f} MB at most")
    assert all(cost < 1 for name, cost in costs.items() if "second" in name), costs
    assert peak < 16
