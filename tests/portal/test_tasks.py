"""Every task may run twice, and eight times at once: rows and mails are as if it had run once.

Tasks are read from the Celery app: a new one is covered as soon as it is registered. What it finds to do is made in
`due_work.make`.
"""

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from taskforce.celery import app
from taskforce.notifications import composing, delivery, kinds, rendering
from taskforce.notifications.enums import MessageState
from taskforce.notifications.models import OutboxMessage
from taskforce.portal.scenarios import builder
from tests.notifications import sink as sinks
from tests.notifications.sink import Sink
from tests.portal import due_work
from tests.portal.due_work import Work
from tests.timeline.conftest import committed_clock as committed_clock

app.loader.import_default_modules()
TASKS = sorted(name for name in app.tasks if not name.startswith(("celery.", "tests.")))
Outcome = Callable[[Callable[[], object]], dict[str, Any]]


def task(name: str) -> Work:
    """The task as a worker runs it, with an argument of an older or newer version that it does not know."""
    return lambda: app.tasks[name](unknown="argument")


@pytest.fixture
def outcome(committed_clock: object, settings: Settings) -> Iterator[Outcome]:
    """What stands in a fresh database with due work, and in its mail server, after something was done."""
    with sinks.running(sink := Sink()) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 5

        def after(work: Callable[[], object]) -> dict[str, Any]:
            builder._wipe()
            sink.arrivals.clear()
            due_work.make()
            work()
            return due_work.standing(sink)

        yield after


def test_there_are_tasks_and_all_have_names_of_ours() -> None:
    assert {"portal.sweep", "notifications.deliver"} <= set(TASKS)
    assert all(
        name.split(".")[0] in ("portal", "notifications", "recruitment", "feedback", "timeline") for name in TASKS
    )


@pytest.mark.long
@pytest.mark.parametrize("name", TASKS)
def test_twice_and_eight_times_at_once_is_once(outcome: Outcome, name: str) -> None:
    def twice() -> None:
        task(name)()
        task(name)()

    nothing, once = outcome(lambda: None), outcome(task(name))
    assert once != nothing, "nothing was due for this task: add work for it to due_work.make"
    assert outcome(twice) == once
    assert outcome(lambda: due_work.at_once(task(name), 8)) == once


def naive_delivery() -> None:
    """Find what is queued, send it, mark it: as it is often written."""
    with delivery.Post() as post:
        for message in OutboxMessage.objects.filter(state=MessageState.QUEUED):
            post.ready()
            mail = rendering.render(kinds.get(message.kind), message.context, message.language)
            post.send(composing.compose(message, mail, composing.ways_of(message)))
            OutboxMessage.objects.filter(pk=message.pk).update(state=MessageState.SENT)


@pytest.mark.long
def test_the_twin_with_a_naive_task_is_seen(outcome: Outcome) -> None:
    once = outcome(naive_delivery)
    at_once = outcome(lambda: due_work.at_once(naive_delivery, 8))
    assert at_once["mails"] == once["mails"], "the rows look well"
    assert at_once["arrived"] != once["arrived"], "and people got it several times"


@pytest.mark.long
def test_without_celery_the_command_does_the_same_work(outcome: Outcome) -> None:
    """For cron: what a broker, a worker and a beat would wake."""
    said = StringIO()
    once = outcome(task("portal.sweep"))
    assert outcome(lambda: call_command("sweep", stdout=said)) == once
    queued = sum(number for (kind, *_), number in once["mails"].items() if kind.startswith("phase-"))
    assert said.getvalue().splitlines() == [
        f"events noticed: {due_work.PHASES}",
        "summaries reminded of: 0",
        "applicants reminded of drafts: 0",
        f"daily mails written: {due_work.PHASES}",
        "mails taken back: 0",
        f"mails queued: {queued}",
        "unanswered questions forgotten: 0",
        "old counters forgotten: 0",
        "ended invitations forgotten: 0",
        "old unsaved translations forgotten: 0",
        "old drafts of feedback forgotten: 0",
        "feedback that nobody confirmed forgotten: 0",
        "addresses of authors forgotten: 0",
        "codes of who posted feedback forgotten: 0",
        "who reported feedback forgotten: 0",
        "ended sign-ins forgotten: 0",
        "unconfirmed accounts forgotten: 0",
        "lines of tables entered: 0",
        "old tables forgotten: 0",
    ]


def test_tasks_carry_nothing_and_beat_wakes_them_only_for_a_while() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in TASKS
        assert not entry.get("args")
        assert entry["schedule"] <= entry["options"]["expires"] <= 10


def test_limits_are_far_below_the_time_after_which_a_message_comes_back() -> None:
    conf = app.conf
    visible = conf.broker_transport_options["visibility_timeout"]
    assert conf.task_soft_time_limit < conf.task_time_limit < visible / 10
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    assert (conf.task_ignore_result, conf.result_backend) == (True, None)
