"""Home, a task force, its process, members and news as a visitor reads them."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from feedback.models import FeedbackWindow
from proposals import services as proposals
from proposals.enums import UnitKind
from proposals.models import UnitText
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.announcements import services as announcements
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import AT, TF, PhaseOf, announce, join, make_text, make_window, read, say, words

# --- home ----------------------------------------------------------------------------------------------------------


def test_home_without_a_task_force_says_so(client: Client, clock: Clock) -> None:
    assert "No task force yet" in read(client, "/en/")


def test_home_says_what_is_open_and_until_when(client: Client, window: FeedbackWindow) -> None:
    page = words(read(client, "/en/"))
    assert "Leadership development" in page
    assert "Open now Feedback on the proposal" in page
    assert "Take part" in page
    assert "Closes: 28 February 2022, anywhere on Earth (AoE)" in page
    assert "1 March 2022, 12:00 UTC" in page


@pytest.mark.parametrize("is_published", [True, False])
def test_nobody_is_invited_to_what_is_not_there(client: Client, window: FeedbackWindow, *, is_published: bool) -> None:
    """A phase for feedback that has no window, or one that visitors do not find."""
    if not is_published:
        FeedbackWindow.objects.update(published_at=None)
    home, own, process = (words(read(client, address)) for address in ("/en/", TF, f"{TF}process/"))
    for page in (home, own):
        assert ("Open now Feedback on the proposal" in page) is is_published
        assert ("Under way Feedback on the proposal" in page) is not is_published
    assert ("Take part" in home) is is_published
    assert ("Read more" in home) is not is_published
    assert ("Nothing is asked of you now" in own) is not is_published
    assert ("Under way" in process) is not is_published
    assert ("days left" in home) is is_published


def test_home_says_what_comes_next_when_nothing_is_open(client: Client, tf: TaskForce, clock: Clock) -> None:
    clock.set(datetime(2022, 3, 2, tzinfo=UTC))
    page = words(read(client, "/en/"))
    assert "Nothing is open now." in page
    assert "Take part" not in page
    assert "Opens: 14 March 2022, anywhere on Earth (AoE)" in page


def test_home_does_not_call_open_what_is_others_work(client: Client, tf: TaskForce, clock: Clock) -> None:
    clock.set(datetime(2022, 4, 20, tzinfo=UTC))
    page = words(read(client, "/en/"))
    assert "Under way Review of applications" in page
    assert "Open now" not in page
    assert "Take part" not in page


# --- the task force's page -----------------------------------------------------------------------------------------


def test_where_it_stands_comes_first_then_the_next_step_then_the_timeline(
    client: Client, window: FeedbackWindow
) -> None:
    page = read(client, TF)
    order = ["<h1>Leadership development</h1>", "pt-stage", "pt-next-step", "pt-timeline", 'id="texts"', 'id="news"']
    places = [page.index(mark) for mark in order]
    assert places == sorted(places)
    steps = re.findall(r"pt-timeline__phase--(\w+)", page)
    assert steps == ["current", "future", "future", "future"]
    assert page.count('aria-current="step"') == 1


def test_dates_stand_under_their_rule_and_in_utc(client: Client, tf: TaskForce) -> None:
    page = words(read(client, TF))
    assert "February 2022" in page
    assert "Closes: 28 February 2022, anywhere on Earth (AoE) 1 March 2022, 12:00 UTC" in page
    assert "Opens: 14 March 2022, anywhere on Earth (AoE) 14 March 2022, 12:00 UTC" in page


def test_periods_are_written_by_the_locale(client: Client, tf: TaskForce) -> None:
    page = words(read(client, "/zh-hant/tf/leadership-development/"))
    assert "領導力發展" in page
    assert "2022年3月14日至4月10日" in page
    assert "2022年2月" in page


def test_a_name_in_another_language_is_marked(client: Client, tf: TaskForce) -> None:
    page = read(client, "/ar/tf/leadership-development/")
    assert '<h1><span lang="en" dir="ltr">Leadership development</span></h1>' in page
    assert '<html lang="ar" dir="rtl">' in page
    assert '<span lang="zh-Hant"' in read(client, "/zh-hans/tf/leadership-development/")


@pytest.mark.parametrize(
    ("moment", "title", "address"),
    [
        (datetime(2022, 1, 25, 12, tzinfo=UTC), "Nothing is asked of you now", f"{TF}process/"),
        (datetime(2022, 2, 15, 12, tzinfo=UTC), "Say what you think", f"{TF}feedback/responsibilities/"),
        (datetime(2022, 3, 2, 12, tzinfo=UTC), "Nothing is asked of you now", f"{TF}process/"),
        (datetime(2022, 3, 21, 12, tzinfo=UTC), "Become a member", f"{TF}join/"),
        (datetime(2022, 4, 20, 12, tzinfo=UTC), "Nothing is asked of you now", f"{TF}process/"),
    ],
)
def test_there_is_one_next_step(
    client: Client, clock: Clock, window: FeedbackWindow, call: Call, moment: datetime, title: str, address: str
) -> None:
    clock.set(moment)
    page = read(client, TF)
    step = page[page.index("pt-next-step") : page.index('id="timeline"')]
    assert f">{title}</h2>" in step
    assert re.findall(r'href="([^"]+)"', step) == [address]


def test_while_both_are_open_the_second_way_is_offered_too(
    client: Client, tf: TaskForce, clock: Clock, call: Call, questions: QuestionSetVersion
) -> None:
    second = timeline.publish_phase(
        tf,
        slug="second",
        titles={"en": "Second"},
        capabilities=["feedback"],
        opens_on=date(2022, 3, 14),
        closes_on=date(2022, 3, 30),
        at=AT,
    )
    make_window(second, make_text(tf, "plan", kind="plan"), questions, "second")
    clock.set(datetime(2022, 3, 21, tzinfo=UTC))
    page = read(client, TF)
    step = page[page.index("pt-next-step") : page.index('id="timeline"')]
    assert re.findall(r'href="([^"]+)"', step) == [f"{TF}feedback/second/", f"{TF}join/"]


def ways(page: str) -> list[tuple[str, str]]:
    """Address and accessible name of each link of the next step."""
    step = page[page.index("pt-next-step") : page.index('id="timeline"')]
    return [(url, words(name).strip()) for url, name in re.findall(r'<a [^>]*href="([^"]+)">(.*?)</a>', step, re.S)]


def test_each_open_window_and_the_call_are_ways_of_their_own(
    client: Client, tf: TaskForce, clock: Clock, call: Call, questions: QuestionSetVersion
) -> None:
    """Three windows in one phase, beside a call: none hides another, and no two ways have the same name."""
    together = timeline.publish_phase(
        tf,
        slug="together",
        titles={"en": "Together"},
        capabilities=["feedback"],
        opens_on=date(2022, 3, 14),
        closes_on=date(2022, 3, 30),
        at=AT,
    )
    for slug in ("one", "two", "three"):
        make_window(together, make_text(tf, slug, kind="plan"), questions, slug)
    clock.set(datetime(2022, 3, 21, tzinfo=UTC))
    page = read(client, TF)
    expected = [
        *[(f"{TF}feedback/{slug}/", f"Give feedback : Responsibilities {slug}") for slug in ("one", "two", "three")],
        (f"{TF}join/", "Read the call and apply : Call for members"),
    ]
    assert [(url, re.sub(r"\s*:\s*", " : ", name)) for url, name in ways(page)] == expected
    row = page[page.index('id="timeline"') :]
    row = row[row.index("Together") :].split("</li>\n  <li", 1)[0]
    for slug in ("one", "two", "three"):
        assert f'<a href="{TF}feedback/{slug}/">Responsibilities {slug}</a>' in row
    home = read(client, "/en/")
    for slug in ("one", "two", "three"):
        assert f'<a href="{TF}feedback/{slug}/">Responsibilities {slug}</a>' in home
    assert f'<a href="{TF}join/">Call for members</a>' in home


def test_home_leads_to_what_is_open_only(client: Client, window: FeedbackWindow, call: Call, clock: Clock) -> None:
    address = f'href="{TF}feedback/{window.slug}/"'
    assert address in read(client, "/en/")
    assert f'href="{TF}join/"' not in read(client, "/en/")
    clock.set(datetime(2022, 3, 21, tzinfo=UTC))
    page = read(client, "/en/")
    assert address not in page
    assert f'href="{TF}join/"' in page


def test_home_asks_as_often_whatever_is_open(
    client: Client,
    tf: TaskForce,
    window: FeedbackWindow,
    questions: QuestionSetVersion,
    django_assert_max_num_queries: Any,
) -> None:
    with django_assert_max_num_queries(30) as few:
        read(client, "/en/")
    for slug in ("one", "two", "three"):
        make_window(window.phase, make_text(tf, slug, kind="plan"), questions, slug)
    with django_assert_max_num_queries(len(few)):
        assert f"{TF}feedback/three/" in read(client, "/en/")


def test_after_the_announcement_the_members_are_the_next_step(
    client: Client, tf: TaskForce, people: dict[str, User], clock: Clock
) -> None:
    clock.set(datetime(2022, 5, 16, 18, tzinfo=UTC))
    join(tf, "ada@example.org", "Ada")
    announce(tf, people["coordinator"])
    page = read(client, TF)
    assert "The members are announced" in page
    assert "The members are chosen" in page
    assert f"{TF}news/members/" in page


@pytest.mark.long
def test_an_extension_is_told_on_the_page(client: Client, people: dict[str, User], phase: PhaseOf) -> None:
    timeline.extend(
        phase("feedback").pk,
        closes_on=date(2022, 3, 7),
        reason="<b>Übersetzungen</b> kamen spät.",
        reason_language="de",
        actor=people["coordinator"],
    )
    page = read(client, TF)
    text = words(page)
    assert (
        "Extended from 28 February 2022, anywhere on Earth (AoE) to 7 March 2022, anywhere on Earth (AoE) "
        "by Coordinator Demo"
    ) in text
    assert '<span lang="de" dir="ltr">&lt;b&gt;Übersetzungen&lt;/b&gt; kamen spät.</span>' in page
    named = '(<span lang="de" dir="ltr">Deutsch</span>)'
    assert named in page, "a text that exists in this language only says which one it is"
    assert named in read(client, f"{TF}process/")
    assert named not in read(client, TF.replace("/en/", "/de/"))
    assert "Closes: 7 March 2022, anywhere on Earth (AoE) 8 March 2022, 12:00 UTC" in text
    assert "Closes: 28 February" not in text


@pytest.mark.parametrize(("language", "share"), [("en", "100%"), ("zh-hant", "50%"), ("fr", "0 %")])
def test_texts_come_with_their_share_in_this_language(
    client: Client, window: FeedbackWindow, language: str, share: str
) -> None:
    page = read(client, f"/{language}/tf/leadership-development/")
    assert f'href="/{language}/tf/leadership-development/proposals/proposal/"' in page
    assert share in words(page)


def test_an_outdated_translation_does_not_count(client: Client, window: FeedbackWindow) -> None:
    UnitText.objects.filter(language="en", unit__kind=UnitKind.TITLE).update(version=2)
    assert "25%" in words(read(client, "/zh-hant/tf/leadership-development/"))


def test_a_draft_text_is_not_listed(client: Client, tf: TaskForce) -> None:
    proposals.create(tf, slug="secret", at=AT)
    page = read(client, TF)
    assert "secret" not in page
    assert "No text yet" in page


@pytest.mark.long
def test_what_came_of_a_window_is_counted(client: Client, window: FeedbackWindow, clock: Clock) -> None:
    say(window, 3)
    assert "What was said so far" not in read(client, TF)
    clock.set(datetime(2022, 3, 2, tzinfo=UTC))
    page = words(read(client, TF))
    assert "What was said so far" in page
    assert "3 pieces of feedback" in page


def test_a_task_force_without_anything_says_what_will_be_there(client: Client, clock: Clock) -> None:
    timeline.create_task_force("leadership-development", {"en": "Bare"}, at=AT)
    page = read(client, TF)
    for line in ("No dates yet", "No text yet", "No news yet", "Nothing is asked of you now"):
        assert line in page


# --- the process page ----------------------------------------------------------------------------------------------


def test_the_process_page_lists_dates_and_their_changes(
    client: Client, people: dict[str, User], phase: PhaseOf
) -> None:
    assert "No date has been changed" in read(client, f"{TF}process/")
    for day, reason in [(3, "First reason"), (7, "Second reason")]:
        end = date(2022, 3, day)
        timeline.extend(phase("feedback").pk, closes_on=end, reason=reason, actor=people["deputy"])
    page = words(read(client, f"{TF}process/"))
    assert page.index("Second reason") < page.index("First reason")
    for line in (
        "Feedback on the proposal: Extended",
        "Old end 28 February 2022, anywhere on Earth (AoE) 1 March 2022, 12:00 UTC",
        "New end 3 March 2022, anywhere on Earth (AoE) 4 March 2022, 12:00 UTC",
        "Old end 3 March 2022, anywhere on Earth (AoE) 4 March 2022, 12:00 UTC",
        "New end 7 March 2022, anywhere on Earth (AoE) 8 March 2022, 12:00 UTC",
        "Changed by Deputy Demo",
        "at least 3 days ahead",
    ):
        assert line in page
    assert "14 March 2022, anywhere on Earth (AoE)" in page


def test_the_process_page_shows_seats_and_weights(client: Client, call: Call) -> None:
    page = words(read(client, f"{TF}process/"))
    assert "12 seats" in page
    assert "Experience 60%" in page
    assert "Diversity 40%" in page


def apply(call: Call, number: int) -> None:
    """Submitted applications, as rows: how they come about is recruitment's own matter."""
    for index in range(number):
        user = create_account(f"a{index}@example.org", at=AT)
        call.applications.create(
            applicant=user,
            number=index + 1,
            reference=f"A-{index}",
            language="en",
            state="submitted",
            created_at=AT,
            saved_at=AT,
            submitted_at=AT,
        )


@pytest.mark.long
def test_applications_are_counted_only_once_the_call_has_closed(client: Client, call: Call, clock: Clock) -> None:
    apply(call, 7)
    # The last one lies in the grace, in which the number may still rise.
    for moment in (
        datetime(2022, 3, 21, tzinfo=UTC),
        datetime(2022, 4, 11, 11, 59, tzinfo=UTC),
        datetime(2022, 4, 11, 12, 0, 30, tzinfo=UTC),
    ):
        clock.set(moment)
        page = words(read(client, f"{TF}process/"))
        assert "Applications submitted Call for members Counted when the call has closed" in page
    clock.set(datetime(2022, 4, 11, 12, 2, tzinfo=UTC))
    assert "Applications submitted Call for members 7" in words(read(client, f"{TF}process/"))


@pytest.mark.long
def test_numbers_of_every_stage_are_counted(
    client: Client, tf: TaskForce, window: FeedbackWindow, people: dict[str, User]
) -> None:
    say(window, 2)
    page = words(read(client, f"{TF}process/"))
    assert "Feedback that everybody may read Responsibilities responsibilities 2" in page
    assert "Members announced Counted when the members are announced" in page
    join(tf, "ada@example.org", "Ada")
    announce(tf, people["coordinator"])
    assert "Members announced 1" in words(read(client, f"{TF}process/"))


# --- members and news ----------------------------------------------------------------------------------------------


def test_before_the_announcement_nobody_is_listed(client: Client, tf: TaskForce) -> None:
    join(tf, "ada@example.org", "Ada Lovelace")
    page = read(client, f"{TF}members/")
    assert "No members yet" in page
    assert "Ada" not in page


def test_members_are_named_only_with_their_consent(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    join(tf, "ada@example.org", "Ada <i>Lovelace</i>")
    join(tf, "grace@example.org", None)
    join(tf, "joan@example.org", None)
    announce(tf, people["coordinator"])
    page = read(client, f"{TF}members/")
    assert "Ada &lt;i&gt;Lovelace&lt;/i&gt;" in page
    assert "The task force has 3 members." in words(page)
    assert "And 2 members who chose not to be named." in words(page)
    assert "grace" not in page


def test_where_nobody_is_named_the_page_says_so(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    join(tf, "grace@example.org", None)
    announce(tf, people["coordinator"])
    assert "1 member chose not to be named." in words(read(client, f"{TF}members/"))


def test_news_are_listed_newest_first(client: Client, tf: TaskForce, people: dict[str, User], clock: Clock) -> None:
    assert "No news yet" in read(client, f"{TF}news/")
    announce(tf, people["coordinator"], slug="one", titles={"en": "First"})
    clock.set(datetime(2022, 2, 16, 12, tzinfo=UTC))
    announce(tf, people["coordinator"], slug="two", titles={"en": "Second"})
    page = words(read(client, f"{TF}news/"))
    assert page.index("Second 16 February 2022, 12:0") < page.index("First 15 February 2022, 12:0")


def test_an_announcement_is_markdown_in_the_readers_language(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    bodies = {"en": "They **begin**. <script>alert(1)</script>", "zh-hant": "他們**開始**。"}
    announce(tf, people["coordinator"], titles={"en": "Chosen", "zh-hant": "名單"}, bodies=bodies)
    page = read(client, f"{TF}news/members/")
    assert "They <strong>begin</strong>." in page
    assert "<script>alert" not in page
    assert "15 February 2022, 12:0" in page
    assert "Not translated yet" not in page
    chinese = read(client, "/zh-hant/tf/leadership-development/news/members/")
    assert "<h1>名單</h1>" in chinese
    assert "<strong>開始</strong>" in chinese


def test_an_announcement_in_another_language_is_marked(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    announce(tf, people["coordinator"])
    page = read(client, "/de/tf/leadership-development/news/members/")
    assert '<div class="pt-unit__text" lang="en" dir="ltr"><p>They <strong>begin</strong>.</p>' in page
    assert "pt-unit__mark" in page


def test_a_draft_is_not_found(client: Client, tf: TaskForce) -> None:
    announcements.draft(tf, slug="soon", titles={"en": "Secret"}, bodies={"en": "x"}, at=AT, actor_id=None)
    assert client.get(f"{TF}news/soon/").status_code == 404
    assert "Secret" not in read(client, f"{TF}news/")
