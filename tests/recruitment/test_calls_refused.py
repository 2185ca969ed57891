"""What keeps a call from being published, one lack after the other: the command says it, the page says it with the way
to where it is mended, and whoever confirms all the same publishes nothing."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.html import escape
from django.utils.translation import trans_real

from proposals.models import Proposal, TranslationGoal
from recruitment import queries, readiness, services
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.accounts.services import lock_account
from taskforce.core import labels
from taskforce.notifications import kinds, rendering
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import words
from tests.recruitment.calling import details, drafted
from tests.recruitment.conftest import AT, SignIn
from tests.recruitment.test_calls_written import at, hidden

Break = Callable[["Draft"], None]


class Draft:
    """A draft that lacks nothing, and what it takes to break it."""

    def __init__(self, call: Call, people: dict[str, User], text: Proposal, patch: pytest.MonkeyPatch) -> None:
        self.call, self.people, self.text, self.patch = call, people, text, patch


@pytest.fixture
def draft(
    version: QuestionSetVersion,
    phase: Callable[[str], Phase],
    people: dict[str, User],
    text: Proposal,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Draft]:
    """The draft; what was found out about mails is found out anew here, and after it."""
    clock.set(AT)
    for name in ("reviewer1", "reviewer2"):
        assert people[name].pk
    readiness._is_written.cache_clear()
    yield Draft(drafted(phase("recruitment"), version, people["coordinator"]), people, text, monkeypatch)
    readiness._is_written.cache_clear()


def a_language_is_wanted(draft: Draft) -> None:
    """Nothing is published without Arabic."""
    Proposal.objects.filter(pk=draft.text.pk).update(task_force=draft.call.phase.task_force)
    TranslationGoal.objects.create(proposal=draft.text, language="ar", percent=50, reason="Many", refuses=True)


def weights_are_no_hundred(draft: Draft) -> None:
    """One percent is missing."""
    first = queries.criteria(draft.call)[0]
    services.weigh(draft.call.pk, {first.pk: first.weight - 1}, actor=draft.people["coordinator"])


def nobody_reviews(draft: Draft) -> None:
    """Both reviewers are gone."""
    for name in ("reviewer1", "reviewer2"):
        lock_account(draft.people[name].pk, "Away.", at=AT)


def reviews_begin_too_early(draft: Draft) -> None:
    """Another phase for reviews runs while people apply."""
    _phase(draft, "review")


def work_begins_too_early(draft: Draft) -> None:
    """A phase for work runs while people apply."""
    _phase(draft, "work")


def _phase(draft: Draft, capability: str) -> None:
    like = draft.call.phase
    dates: dict[str, Any] = {
        name: getattr(like, name) for name in ("opens_on", "closes_on", "zone", "opens_at", "closes_at")
    }
    early = Phase(task_force=like.task_force, slug="early", capabilities=[capability], **dates)
    labels.assign(early, "title", {"en": "Too early"})
    early.save()


def _moved(name: str, opens: timedelta, closes: timedelta) -> Break:
    """A published phase lies elsewhere: so long after the opening of the call, in its row."""

    def move(draft: Draft) -> None:
        with pgtrigger.ignore("timeline.Phase:published_dates_need_an_act"), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE timeline_phase SET opens_at = apply.opens_at + %s::interval, "
                "closes_at = apply.opens_at + %s::interval, "
                "opens_on = (apply.opens_at + %s::interval)::date, closes_on = (apply.opens_at + %s::interval)::date "
                "FROM timeline_phase AS apply "
                "WHERE timeline_phase.slug = %s AND apply.id = %s "
                "AND timeline_phase.task_force_id = apply.task_force_id",
                [*map(str, (opens, closes, opens, closes)), name, draft.call.phase_id],
            )
            assert cursor.rowcount == 1
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # while the trigger is still ignored

    return move


_DAY = timedelta(days=1)
# The call itself lasts for 28 days, its review for 35 more.
reviews_are_over_before_the_call_opens = _moved("review", -9 * _DAY, -2 * _DAY)
reviews_begin_before_the_call_opens_and_end_behind_it = _moved("review", -9 * _DAY, 63 * _DAY)
reviews_end_before_the_call_closes = _moved("review", 2 * _DAY, 9 * _DAY)
reviews_begin_within_the_call = _moved("review", 27 * _DAY, 63 * _DAY)
work_is_over_before_the_call_opens = _moved("work", -9 * _DAY, -2 * _DAY)
work_begins_before_the_call_opens = _moved("work", -1 * _DAY, 400 * _DAY)
work_begins_within_the_reviews = _moved("work", 62 * _DAY, 400 * _DAY)


def untranslated(draft: Draft, name: str, code: str) -> None:
    """A mail is in a language what it is in English: nobody has translated it."""
    render = rendering.render

    def drawn(kind: kinds.MailKind, context: kinds.Context, language: str, *more: Any) -> Any:
        if (kind.name, language) == (name, code):
            return render(kind, kinds.sample_of(kind, "en"), "en", *more)
        return render(kind, context, language, *more)

    draft.patch.setattr(rendering, "render", drawn)


def a_mail_says_nothing_in_japanese(draft: Draft) -> None:
    """The receipt is in Japanese what it is in English."""
    untranslated(draft, "application-receipt", "ja")
    # A process begins with the texts that it has.
    readiness._is_written.cache_clear()


def the_body_of_a_mail_is_english(draft: Draft) -> None:
    """The receipt has a Japanese subject, and the body that it has in English."""
    render = rendering.render

    def half(kind: kinds.MailKind, context: kinds.Context, language: str, *more: Any) -> Any:
        drawn = render(kind, context, language, *more)
        if (kind.name, language) != ("application-receipt", "ja"):
            return drawn
        return render(kind, context, "en", *more)._replace(subject=drawn.subject)

    draft.patch.setattr(rendering, "render", half)
    readiness._is_written.cache_clear()


def the_html_of_a_mail_is_english(draft: Draft) -> None:
    """Its text is Japanese, and what most people read of it is not."""
    render = rendering.render

    def half(kind: kinds.MailKind, context: kinds.Context, language: str, *more: Any) -> Any:
        drawn = render(kind, context, language, *more)
        if (kind.name, language) != ("application-receipt", "ja"):
            return drawn
        return drawn._replace(html=render(kind, context, "en", *more).html)

    draft.patch.setattr(rendering, "render", half)
    readiness._is_written.cache_clear()


def mails_have_no_body(draft: Draft) -> None:
    """All have a subject, and neither text nor HTML."""
    render = rendering.render
    draft.patch.setattr(rendering, "render", lambda *given: render(*given)._replace(text="", html=""))
    readiness._is_written.cache_clear()


def a_template_has_only_a_subject(draft: Draft) -> None:
    """Of the receipt nothing but its first line is there: what is drawn is a footer."""
    source = rendering._source

    def emptied(kind: kinds.MailKind, names: kinds.Context) -> tuple[str, str]:
        subject, body = source(kind, names)
        return subject, "" if kind.name == "application-receipt" else body

    draft.patch.setattr(rendering, "_source", emptied)
    readiness._is_written.cache_clear()


def the_catalogue_lacks_a_sentence(draft: Draft) -> None:
    """One that only a receipt in the grace has: no sample shows it."""
    kept: Any = vars(trans_real.translation("ja"))["_catalog"]
    lost = (
        "It came in after the close that was shown, within the grace for answers that are lost on their way, "
        "and it counts."
    )
    assert kept.get(lost)
    draft.patch.setattr(
        trans_real.translation("ja"), "_catalog", {key: text for key, text in kept.items() if key != lost}
    )
    readiness._is_written.cache_clear()


LACKS: list[tuple[Break, str, str]] = [
    (a_language_is_wanted, "priority-translation", "/details/?language=ar"),
    (weights_are_no_hundred, "weights", "/criteria/"),
    (nobody_reviews, "too-few-reviewers", "/rolegrant/"),
    (reviews_begin_too_early, "review-before-close", "/phase/"),
    (work_begins_too_early, "work-before-decision", "/phase/"),
    (reviews_are_over_before_the_call_opens, "review-before-close", "/phase/"),
    (reviews_begin_before_the_call_opens_and_end_behind_it, "review-before-close", "/phase/"),
    (reviews_end_before_the_call_closes, "review-before-close", "/phase/"),
    (reviews_begin_within_the_call, "review-before-close", "/phase/"),
    (work_is_over_before_the_call_opens, "work-before-decision", "/phase/"),
    (work_begins_before_the_call_opens, "work-before-decision", "/phase/"),
    (work_begins_within_the_reviews, "work-before-decision", "/phase/"),
    (a_mail_says_nothing_in_japanese, "mail-without-text", "/mail-texts/"),
    (the_body_of_a_mail_is_english, "mail-without-text", "/mail-texts/"),
    (the_html_of_a_mail_is_english, "mail-without-text", "/mail-texts/"),
    (mails_have_no_body, "mail-without-text", "/mail-texts/"),
    (a_template_has_only_a_subject, "mail-without-text", "/mail-texts/"),
    (the_catalogue_lacks_a_sentence, "mail-without-text", "/mail-texts/"),
]
NAMES = [
    "language", "weights", "nobody reviews", "another review", "another work", "review before", "review around",
    "review within", "review too early", "work before", "work around", "work within the review", "English",
    "English body", "English HTML", "no body", "only a subject", "a sentence less",
]  # fmt: skip


@pytest.mark.parametrize(("lack", "code", "way"), LACKS, ids=NAMES)
def test_the_command_and_the_page_say_what_is_missing_and_nothing_is_published(
    draft: Draft, tf: TaskForce, sign_in: SignIn, lack: Break, code: str, way: str
) -> None:
    call, client = draft.call, sign_in(draft.people["coordinator"])
    assert _command(tf) == (["Ready: nothing found."], False)
    assert not client.get(at("check", call)).context["blocking"]
    lack(draft)
    said, is_refused = _command(tf)
    assert is_refused
    (line,) = [one for one in said if one.startswith(f"blocks  {code}  ") and _is_meant(one, code)][:1]
    page = client.get(at("check", call))
    found = [one for one in page.context["blocking"] if f"  {one['text']} [" in line]
    assert [way in one["url"] for one in found] == [True]
    html = page.content.decode()
    assert escape(found[0]["text"]) in html
    assert f'href="{found[0]["url"]}"' in html
    refused = client.post(at("check", call), {**hidden(html), "confirmed": "yes"})
    assert refused.status_code in (403, 409)
    assert found[0]["text"] in str(refused.context["blocking"])
    call.refresh_from_db()
    assert call.published_at is None


def _is_meant(line: str, code: str) -> bool:
    """Of a missing language there is a line for each part of the call: that about its own words."""
    return code != "priority-translation" or "What the members will do" in line


def _command(tf: TaskForce) -> tuple[list[str], bool]:
    """What `check_call` says, and whether it ends with an error."""
    out = StringIO()
    try:
        call_command("check_call", tf.slug, stdout=out)
    except CommandError:
        return out.getvalue().splitlines()[1:], True
    return out.getvalue().splitlines()[1:], False


def test_of_a_published_call_the_command_says_which_language_a_new_criterion_lacks(
    draft: Draft, tf: TaskForce, sign_in: SignIn
) -> None:
    call, actor = draft.call, draft.people["coordinator"]
    services.publish_draft(call.pk, actor=actor)
    Proposal.objects.filter(pk=draft.text.pk).update(task_force=tf)
    TranslationGoal.objects.create(proposal=draft.text, language="ar", percent=50, reason="Many", refuses=False)
    client: Client = sign_in(actor)
    said, is_refused = _command(tf)
    assert not is_refused
    lines = [one for one in said if one.startswith("warns  priority-translation")]
    assert [one for one in lines if "criterion 1" in one]
    shown = client.get(at("change", call)).context["lacks"]
    assert [one["text"] for one in shown] == [one.split("  ", 2)[2].rpartition(" [")[0] for one in lines]


def test_what_lies_before_a_call_and_belongs_to_an_earlier_one_is_in_order(
    draft: Draft, tf: TaskForce, version: QuestionSetVersion
) -> None:
    """The second call of a task force: reviews and work of the first lie before it, and none of its own follow yet."""
    like = Phase.objects.get(task_force=tf, slug="work")
    opens = like.closes_at + 30 * _DAY
    second = Phase(
        task_force=tf, slug="again", capabilities=["apply"], zone="UTC", opens_on=opens.date(), opens_at=opens,
        closes_on=(opens + 9 * _DAY).date(), closes_at=opens + 9 * _DAY, published_at=AT,
    )  # fmt: skip
    labels.assign(second, "title", {"en": "Again"})
    second.save()
    call = drafted(second, version, draft.people["coordinator"])
    assert {(one.code, one.blocks) for one in readiness.of(call, AT)} == {("no-review", False), ("no-work", False)}
    # Also where the first call was cancelled: what was planned for it cannot be moved any more.
    with pgtrigger.ignore("timeline.Phase:published_dates_need_an_act"), connection.cursor() as cursor:
        Phase.objects.filter(pk=draft.call.phase_id).update(cancelled_at=AT)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert {(one.code, one.blocks) for one in readiness.of(call, AT)} == {("no-review", False), ("no-work", False)}


def test_mails_are_wanted_in_the_languages_in_which_one_may_apply_and_in_those_that_are_wanted(draft: Draft) -> None:
    services.edit_call(draft.call.pk, details(languages=["en"]), actor=draft.people["coordinator"])
    call = Call.objects.get(pk=draft.call.pk)
    untranslated(draft, "application-receipt", "ar")
    readiness._is_written.cache_clear()
    assert ("mail-without-text", "ar") not in {(one.code, one.language) for one in readiness.of(call, AT)}
    a_language_is_wanted(draft)
    assert ("mail-without-text", "ar") in {(one.code, one.language) for one in readiness.of(call, AT)}


def test_a_cap_below_the_seats_is_said_by_the_command_and_at_the_desk(
    draft: Draft, tf: TaskForce, sign_in: SignIn
) -> None:
    """In its row, since a published phase keeps its cap; a draft of a phase has the way to where it is set."""
    call, client = draft.call, sign_in(draft.people["coordinator"])
    desk = client.get(at("change", call)).content.decode()
    assert "Applications: as many as come until the close" in desk
    assert "Set the most applications" not in desk
    for cap, is_found in ((2, False), (1, True)):
        with pgtrigger.ignore("timeline.Phase:published_dates_need_an_act"), connection.cursor() as cursor:
            cursor.execute("UPDATE timeline_phase SET cap = %s WHERE id = %s", [cap, call.phase_id])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        said, is_refused = _command(tf)
        assert not is_refused
        assert [one for one in said if one.startswith("warns  cap-below-seats  ")] == said[: int(is_found)]
        noted = client.get(at("check", call)).context["noted"]
        assert ["fewer applications (1) than there are seats (2)" in one["text"] for one in noted] == [True] * is_found
        desk = words(client.get(at("change", call)).content.decode())
        assert re.search(rf"Applications at most:\W*{cap}\W*then the call closes", desk)


def test_where_the_cap_is_set_is_said_before_the_phase_is_published(
    draft: Draft, tf: TaskForce, version: QuestionSetVersion, sign_in: SignIn
) -> None:
    like = Phase.objects.get(task_force=tf, slug="work")
    later = Phase(
        task_force=tf, slug="again", capabilities=["apply"], zone="UTC", opens_on=like.opens_on, opens_at=like.opens_at,
        closes_on=like.closes_on, closes_at=like.closes_at,
    )  # fmt: skip
    labels.assign(later, "title", {"en": "Again"})
    later.save()
    call = drafted(later, version, draft.people["coordinator"])
    found = [one for one in readiness.of(call, AT) if one.code == "phase-is-a-draft"]
    assert ["Whether it takes only so many applications is said there" in one.text for one in found] == [True]
    client = sign_in(draft.people["coordinator"])
    html = client.get(at("change", call)).content.decode()
    way = re.search(r'href="([^"]+)"[^>]*>Set the most applications, at the phase', html)
    assert way is not None
    assert 'name="cap"' in client.get(way[1], follow=True).content.decode()
