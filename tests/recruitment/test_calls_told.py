"""Who hears of a public act on a call: those who have begun or sent an application, and those who follow; once each."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment import mailed, queries, services
from recruitment.enums import Outcome
from recruitment.models import Application, Call, CallChange
from recruitment.plan import Line
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account
from taskforce.audit.models import Entry
from taskforce.core.errors import Refused
from taskforce.notifications import expansion, kinds, rendering
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline.enums import Topic
from taskforce.timeline.models import Subscription
from taskforce.timeline.queries.digests import told_already
from tests.conftest import Clock
from tests.recruitment.conftest import AT, CLOSES, OPEN, REVIEW, Apply, draft

OWN, MAILING = "application-call-changed", "call-changed"
WHY = {"en": "To have all regions.", "ar": "لتمثيل كل المناطق."}


def told() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=OWN).order_by("pk"))


def begun(call: Call, name: str, language: str = "en") -> User:
    """Somebody saves a draft, and submits nothing."""
    user = create_account(f"{name}@example.org", at=AT, name=name.title(), language=language)
    services.save_draft(call.pk, user, draft(call, language=language))
    return user


def follower(call: Call, mailbox: str, topic: str = Topic.DEADLINES) -> Subscription:
    return Subscription.objects.create(
        task_force=call.phase.task_force, topic=topic, mailbox=mailbox, language="ar", zone="UTC", confirmed_at=AT
    )


def test_those_who_apply_hear_of_other_seats_each_in_the_language_of_their_application(
    call: Call, apply: Apply, people: dict[str, User]
) -> None:
    apply("sent")
    apply("sent-in-arabic", language="ar")
    begun(call, "begun", "zh-hant")
    gone = apply("gone")
    services.withdraw(gone.pk, gone.applicant, at=OPEN)
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    assert [(one.mailbox, one.language, one.context["is_submitted"]) for one in told()] == [
        ("sent@example.org", "en", True),
        ("sent-in-arabic@example.org", "ar", True),
        ("begun@example.org", "zh-hant", False),
    ]
    assert [one.context["reason"]["text"] for one in told()] == [WHY["en"], WHY["ar"], WHY["en"]]
    for one in told():
        mail = rendering.render(kinds.get(OWN), one.context, one.language)
        assert "15" in mail.text or "١٥" in mail.text
        assert one.context["reference"] in mail.text
    # One act, one entry of the log, one mailing; all of it together.
    assert Entry.objects.filter(action="call.seats-changed").count() == 1
    assert Mailing.objects.filter(kind=MAILING).count() == 1


def test_an_act_that_fails_tells_nobody(call: Call, apply: Apply, people: dict[str, User]) -> None:
    apply("sent")
    with pytest.raises(Refused):
        services.change_seats(call.pk, 15, WHY, actor=people["moderator"])
    assert not told()
    assert not Mailing.objects.filter(kind=MAILING).exists()


def test_who_follows_and_applies_gets_one_mail_and_it_is_the_one_about_their_application(
    call: Call, apply: Apply, people: dict[str, User]
) -> None:
    apply("both")
    follower(call, "both@example.org")
    follower(call, "only@example.org")
    follower(call, "news@example.org", Topic.ANNOUNCEMENTS)
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    expansion.expand_due()
    mails = OutboxMessage.objects.filter(kind__in=(OWN, MAILING)).order_by("mailbox")
    assert [(one.mailbox, one.kind) for one in mails] == [("both@example.org", OWN), ("only@example.org", MAILING)]
    arabic = mails[1]
    assert (arabic.language, arabic.context["reason"]["language"]) == ("ar", "ar")


def test_the_daily_mail_tells_it_in_lines_and_not_to_who_has_the_other_mail(
    call: Call, apply: Apply, people: dict[str, User]
) -> None:
    apply("both")
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    mailing, kind = Mailing.objects.get(kind=MAILING), kinds.get(MAILING)
    assert mailing.topic == Topic.DEADLINES
    assert told_already("both@example.org", [mailing], digests="digest:nobody") == {mailing.pk}
    assert told_already("only@example.org", [mailing], digests="digest:nobody") == set()
    assert kind.context is not None
    lines = str(rendering.excerpt(kind, kind.context(mailing.params, "en")))
    assert all(said in lines for said in ("Seats now: 15", "Seats before: 2", "To have all regions"))


def test_who_wants_no_mails_about_a_draft_gets_none_until_they_have_submitted(
    call: Call, apply: Apply, people: dict[str, User]
) -> None:
    quiet, sent = begun(call, "quiet"), apply("sent")
    for user in (quiet, sent.applicant):
        services.set_reminders(call, user.pk, wanted=False, at=OPEN)
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    assert [one.mailbox for one in told()] == ["sent@example.org"]
    assert "stop_url" not in told()[0].context
    begun(call, "loud")
    services.change_seats(call.pk, 16, WHY, actor=people["coordinator"])
    assert [one.mailbox for one in told()[1:]] == ["sent@example.org", "loud@example.org"]
    assert "/reminders/" in told()[-1].context["stop_url"]


def test_after_the_close_a_draft_counts_for_nothing_and_nobody_is_told_of_it(
    call: Call, apply: Apply, people: dict[str, User], clock: Clock
) -> None:
    apply("sent")
    begun(call, "begun")
    clock.set(CLOSES + timedelta(hours=1))
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    (mail,) = told()
    assert mail.mailbox == "sent@example.org"
    assert "closes_at" not in mail.context


def test_held_decisions_change_nothing_of_what_is_told(
    call: Call, three: list[Application], people: dict[str, User], clock: Clock
) -> None:
    clock.set(REVIEW)
    services.decide(three[0].pk, people["coordinator"], Outcome.ACCEPT)
    services.decide(three[1].pk, people["coordinator"], Outcome.DECLINE)
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    assert len(told()) == len(three)
    own = ("reference", "url")
    said = {(one.language, str({k: v for k, v in one.context.items() if k not in own})) for one in told()}
    assert len(said) == len({one.language for one in told()}) == 2


def test_other_criteria_are_told_with_what_they_were(call: Call, apply: Apply, people: dict[str, User]) -> None:
    apply("sent", language="zh-hant")
    first, second = queries.rubric(call)
    lines = [
        Line(first.labels, 30, criterion_id=first.criterion_id),
        Line(second.labels, 70, criterion_id=second.criterion_id),
    ]
    services.change_criteria(call.pk, lines, WHY, actor=people["coordinator"])
    (mail,) = told()
    assert [one["label"]["text"] for one in mail.context["new_criteria"]] == ["經驗", "Perspective"]
    assert [one["weight"] for one in mail.context["old_criteria"]] == ["60%", "40%"]
    assert mail.context["remeant"] == []
    # Only what a score means: the mail names the criterion, and no rubric that is the same.
    means = [Line(first.labels, 30, meanings={5: {"en": "Leads."}}, criterion_id=first.criterion_id), lines[1]]
    services.change_criteria(call.pk, means, WHY, actor=people["coordinator"])
    mail = told()[-1]
    assert (mail.context["new_criteria"], [one["text"] for one in mail.context["remeant"]]) == ([], ["經驗"])
    # So is a hint that helps to score.
    hint = [means[0], Line(second.labels, 70, {"en": "In any wiki."}, criterion_id=second.criterion_id)]
    services.change_criteria(call.pk, hint, WHY, actor=people["coordinator"])
    mail = told()[-1]
    assert (mail.context["new_criteria"], [one["text"] for one in mail.context["remeant"]]) == ([], ["Perspective"])
    assert CallChange.objects.count() == len(told())


def test_other_words_are_told_by_what_they_are_called(call: Call, apply: Apply, people: dict[str, User]) -> None:
    apply("sent", language="zh-hant")
    services.change_words(call, {"purpose": {"en": "Other", "ar": "آخر"}}, WHY, actor=people["coordinator"])
    (mail,) = told()
    (said,) = mail.context["words"]
    assert "English" in said
    assert "العربية" in said
    assert said in rendering.render(kinds.get(OWN), mail.context, "zh-hant").text
    assert Mailing.objects.filter(kind=MAILING).count() == 1


def test_the_mail_stands_among_those_of_the_application_and_of_nobody_else(
    call: Call, apply: Apply, people: dict[str, User]
) -> None:
    mine, _other = apply("mine"), apply("other")
    services.change_seats(call.pk, 15, WHY, actor=people["coordinator"])
    subjects = [one.subject for one in mailed.letters([mine], set(), OPEN)]
    assert len(subjects) == 2
    assert "was changed" in subjects[0]


def test_more_applicants_cost_no_statement_more(call: Call, apply: Apply, people: dict[str, User]) -> None:
    services.change_seats(call.pk, 14, WHY, actor=people["coordinator"])
    counts = []
    for seats, names in ((15, ("one",)), (16, ("two", "three", "four"))):
        for name in names:
            apply(name)
        with CaptureQueriesContext(connection) as captured:
            services.change_seats(call.pk, seats, WHY, actor=people["coordinator"])
        counts.append(len(captured))
    assert counts[0] == counts[1]
