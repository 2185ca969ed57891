"""What a daily mail says: by task force, each thing with its own lines, and only what holds when it goes."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from taskforce.accounts.models import User
from taskforce.announcements import notices as announcements
from taskforce.notifications import delivery, kinds, rendering, values
from taskforce.notifications.kinds import MailKind
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services
from taskforce.timeline.models import Phase, Subscription, TaskForce
from taskforce.timeline.notices import digests
from taskforce.timeline.services.digests import SETTLED
from tests.conftest import Clock, utc
from tests.notifications.conftest import sink as sink
from tests.notifications.sink import Sink
from tests.timeline.offering import offer_feedback

OPENS, CLOSES = utc(2022, 2, 1, 12), utc(2022, 3, 1, 12)
DAY = timedelta(days=1)
WHY = "The translations came late."
MAILBOX = "daily@example.org"
Morning = Callable[..., rendering.Rendered]


def reads_daily(tf: TaskForce, at: datetime, language: str = "en", zone: str = "Asia/Taipei") -> None:
    """Somebody who wants all of it once a day, and had the last mail at that moment."""
    for topic in ("deadlines", "announcements", "updates"):
        Subscription.objects.create(
            task_force=tf,
            mailbox=MAILBOX,
            topic=topic,
            language=language,
            zone=zone,
            frequency="daily",
            confirmed_at=utc(2022, 1, 21),
        )
    services.begin_digest(MAILBOX, at=at)


def written() -> rendering.Rendered:
    """The last daily mail."""
    one = OutboxMessage.objects.filter(kind="digest").latest("pk")
    return rendering.render(kinds.get(one.kind), one.context, one.language, one.zone)


def notice(clock: Clock, at: datetime) -> None:
    """What the sweep does with the phases."""
    services.notice_due(clock.set(at), lambda _phase: None)


def items(html: str) -> list[str]:
    """The items of the lists above the footer, as words."""
    found = re.findall(r"<li>(.*?)</li>", html.partition("<hr>")[0], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in found]


def extended(phase: Callable[[str], Phase], people: dict[str, User]) -> None:
    services.extend(phase("feedback").pk, closes_on=date(2022, 3, 7), reason=WHY, actor=people["coordinator"])


# --- its own lines ------------------------------------------------------------------------------------------------


def test_an_act_is_told_with_both_ends_and_its_reason(
    tf: TaskForce, clock: Clock, phase: Callable[[str], Phase], people: dict[str, User]
) -> None:
    reads_daily(tf, utc(2022, 2, 14, 22))
    extended(phase, people)
    services.send_digests(utc(2022, 2, 15, 22) + SETTLED)
    mail = written()
    body = mail.text.partition("\n-- \n")[0]
    assert body.strip().endswith(
        """== Leadership development ==

“Feedback on the proposal” closes later
http://testserver/en/tf/leadership-development/

- New end: 7 March 2022, anywhere on Earth (AoE)
  8 March 2022, 12:00 UTC
  Your time: 8 March 2022, 20:00 (Taipei)
- Old end: 28 February 2022, anywhere on Earth (AoE)
  1 March 2022, 12:00 UTC
  Your time: 1 March 2022, 20:00 (Taipei)
- Reason: The translations came late.
- Changed by: Coordinator Demo"""
    )
    assert "<h2>Leadership development</h2>" in mail.html
    assert re.search(r'<h3><a [^>]*href="http://testserver/en/tf/leadership-development/"[^>]*>“Feedback', mail.html)
    assert [one.partition(":")[0] for one in items(mail.html)] == ["New end", "Old end", "Reason", "Changed by"]
    assert items(mail.html)[0].endswith("8 March 2022, 12:00 UTC Your time: 8 March 2022, 20:00 (Taipei)")


def test_a_reason_of_another_language_is_named_and_marked(
    tf: TaskForce, clock: Clock, phase: Callable[[str], Phase], people: dict[str, User]
) -> None:
    reads_daily(tf, utc(2022, 2, 14, 22), language="zh-hant")
    extended(phase, people)
    services.send_digests(utc(2022, 2, 15, 22) + SETTLED)
    mail = written()
    assert f"{WHY} (English)" in mail.text
    assert f'<span lang="en" dir="ltr">{WHY}</span>' in mail.html
    assert "== 領導力發展 ==" in mail.text
    assert "（台北）" in mail.text


@pytest.mark.parametrize("before", [7 * DAY, DAY])
def test_a_close_that_comes_near_is_told_by_its_instant(tf: TaskForce, clock: Clock, before: timedelta) -> None:
    """Whoever reads once a day may read it long after it was noticed."""
    reads_daily(tf, CLOSES - before - DAY)
    notice(clock, CLOSES - before)
    services.send_digests(CLOSES - before + DAY)
    mail = written()
    assert mail.subject == (
        "Leadership development: “Feedback on the proposal” closes: 28 February 2022, anywhere on Earth (AoE)"
    )
    assert "- Closes: 28 February 2022, anywhere on Earth (AoE)\n  1 March 2022, 12:00 UTC\n" in mail.text
    assert "within" not in mail.text


def test_an_announcement_is_told_by_how_it_begins(tf: TaskForce) -> None:
    body = "They begin **today**.\n\nOf all that follows nothing stands here."
    context = {**kinds.sample_of(kinds.get(announcements.ANNOUNCEMENT), "en"), "body": body, "corrects": {}}
    lines = rendering.excerpt(kinds.get(announcements.ANNOUNCEMENT), context).lines
    assert lines == r"They begin today\."
    long = rendering.excerpt(kinds.get(announcements.ANNOUNCEMENT), context | {"body": "word " * 500}).lines
    assert len(long) < 300
    assert long.endswith("word…")
    chinese = rendering.excerpt(kinds.get(announcements.ANNOUNCEMENT), context | {"body": "字" * 500}).lines
    assert len(chinese) < 300


def test_a_correction_of_an_announcement_says_so() -> None:
    kind = kinds.get(announcements.ANNOUNCEMENT)
    lines = rendering.excerpt(kind, kinds.sample_of(kind, "en")).lines
    assert lines.startswith("This corrects an earlier announcement")
    assert "**" not in lines, "the title stands above"


def test_two_task_forces_are_two_headings(tf: TaskForce, clock: Clock) -> None:
    other = services.create_task_force("other", {"en": "Safety"}, at=utc(2022, 1, 20))
    for each in (tf, other):
        reads_daily(each, CLOSES - 2 * DAY)
    notice(clock, CLOSES - DAY)
    kind = kinds.get("bulletin")
    entry = digests._told(kind, kinds.sample_of(kind, "en"), "en", "UTC")
    groups = [
        {"id": tf.pk, "task_force": "Leadership", "entries": [entry | {"topic": "updates"}]},
        {"id": other.pk, "task_force": "Safety", "entries": [entry | {"topic": "updates"}] * 2},
    ]
    context = digests._context(digests.Reader(MAILBOX, "en", "UTC"), groups, CLOSES)
    mail = rendering.render(kinds.get("digest"), context, "en")
    assert re.findall(r"<h2>(.*)</h2>", mail.html) == ["Leadership", "Safety"]
    assert mail.subject.endswith("The first meeting (correction), and 2 more, also from Safety")


# --- a kind that brings nothing of its own ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "subject"), [("account-exists", "You already have an account"), ("gone", "News for [all](x)")]
)
def test_what_has_no_lines_or_is_not_known_shows_subject_and_address(name: str, subject: str) -> None:
    entry = {"kind": name, "subject": subject, "url": "http://testserver/en/x/", "context": {"url": "hidden"}}
    context = {"foremost": entry["subject"], "more": 0, "groups": [{"task_force": "X", "entries": [entry]}]}
    mail = rendering.render(kinds.get("digest"), context, "en")
    assert f"\n== X ==\n\n{subject}\nhttp://testserver/en/x/\n\n-- \n" in mail.text
    assert "hidden" not in mail.text
    assert mail.subject == subject


def of_followers(kind: MailKind) -> bool:
    return kind.audience is not None and not kind.name.startswith("test-")


def test_every_mail_to_followers_has_lines() -> None:
    """A new one without any would be told by its subject alone; that is a choice to be made here."""
    found = {kind.name for kind in kinds.all_kinds() if of_followers(kind)}
    assert {"bulletin", "announcement", "phase-opened", "phase-full"} <= found
    assert not [
        name for name in found if not rendering.excerpt(kinds.get(name), kinds.sample_of(kinds.get(name), "en")).lines
    ]


def test_what_is_guarded_once_keeps_its_language() -> None:
    once = values.guarded({"name": {"text": "x", "language": "ar"}})
    assert values.guarded(once)["name"].language == "ar"


# --- what matters most --------------------------------------------------------------------------------------------


def entry_of(subject: str, topic: str = "deadlines", ends_at: datetime | None = None) -> dict[str, Any]:
    return {"subject": subject, "topic": topic, "ends_at": ends_at.isoformat() if ends_at else ""}


def test_the_nearest_end_stands_in_the_subject() -> None:
    entries = [
        entry_of("update", "updates"),
        entry_of("closed"),
        entry_of("far", ends_at=CLOSES + 9 * DAY),
        entry_of("near", ends_at=CLOSES + DAY),
        entry_of("over", ends_at=CLOSES - DAY),
    ]
    said = []
    while entries:
        context = digests._context(
            digests.Reader(MAILBOX, "en", "UTC"), [{"task_force": "X", "entries": entries}], CLOSES
        )
        said.append((context["foremost"], context["more"]))
        entries = [one for one in entries if one["subject"] != context["foremost"]]
    assert said == [("near", 4), ("far", 3), ("closed", 2), ("over", 1), ("update", 0)]


# --- what holds when it goes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sent_at", "is_told"), [(CLOSES - DAY / 24, True), (CLOSES + DAY / 240, False)])
def test_an_end_that_is_over_when_the_mail_goes_is_not_announced(
    tf: TaskForce, clock: Clock, sink: Sink, sent_at: datetime, *, is_told: bool
) -> None:
    """Within the hour in which what was valid at six is still told."""
    reads_daily(tf, CLOSES - DAY - DAY / 24, zone="UTC")
    notice(clock, OPENS)
    notice(clock, CLOSES - DAY)
    Mailing.objects.update(created_at=CLOSES - DAY)
    services.send_digests(CLOSES - DAY / 4 + SETTLED)
    assert len(OutboxMessage.objects.get().context["groups"][0]["entries"]) == 2
    clock.set(sent_at)
    delivery.deliver_due()
    assert len(sink.arrivals) == is_told
    row = OutboxMessage.objects.get()
    assert row.state == ("sent" if is_told else "superseded")


def test_that_it_has_opened_names_the_end_as_it_is_when_the_mail_goes(
    tf: TaskForce, clock: Clock, sink: Sink, phase: Callable[[str], Phase], people: dict[str, User]
) -> None:
    offer_feedback(phase("feedback"))
    reads_daily(tf, OPENS - DAY, zone="UTC")
    notice(clock, OPENS)
    services.send_digests(clock.set(OPENS + DAY))
    extended(phase, people)
    delivery.deliver_due()
    body = sink.arrivals[0].mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "“Feedback on the proposal” is open" in text
    assert "Closes: 7 March 2022" in text
    assert "28 February" not in text


def test_what_cannot_be_read_anew_stays_as_it_was(
    tf: TaskForce, clock: Clock, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_daily(tf, OPENS - DAY, zone="UTC")
    notice(clock, OPENS)
    services.send_digests(clock.set(OPENS + DAY))

    def broken(params: dict[str, Any], language: str) -> dict[str, Any]:
        raise ZeroDivisionError

    monkeypatch.setitem(kinds._kinds, "phase-opened", replace(kinds.get("phase-opened"), context=broken))
    delivery.deliver_due()
    assert len(sink.arrivals) == 1
