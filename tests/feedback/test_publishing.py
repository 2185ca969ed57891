"""The page that publishes a feedback window: what it shows before, who may, what stops it, and what of it is kept."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from feedback.models import FeedbackWindow
from feedback.services import Wanted, open_window, publish_window
from proposals import services as texts
from proposals.models import Proposal
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import create_account, grant_role, remove_role
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.languages import OWN_NAMES
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client, note_sign_in
from tests.conftest import Clock
from tests.feedback.conftest import AT, CLOSES, HARD_CLOSES, QUESTIONS
from tests.feedback.pages import parsed
from tests.proposals.test_typed_signed_out import after_half_an_hour

LIST = "/en/admin/feedback/feedbackwindow/"
ADD = f"{LIST}add/"
PhaseOf = Callable[[str], Phase]
Cast = dict[str, User]
Typed = dict[str, Any]


@pytest.fixture
def staff(client: Client, people: Cast) -> Client:
    """Signed in as a coordinator."""
    client.force_login(people["coordinator"])
    return client


@pytest.fixture
def typed(text: Proposal, version: QuestionSetVersion, phase: PhaseOf) -> Typed:
    """What a coordinator types."""
    return {
        "phase": phase("feedback").pk,
        "text": text.pk,
        "questions": version.pk,
        "slug": "first-round",
        "title-en": "Say what you think",
        "introduction-en": "Two **minutes** are enough.",
        "terms-en": "Read *our rules*, too.",
        "title-zh-hant": "說出您的想法",
    }


def want(text: Proposal, actor: User, code: str = "de", *, refuses: bool = False) -> None:
    goal = texts.Wanted(code, 80, "Many read it", refuses=refuses)
    texts.set_goal(text.pk, goal, actor=actor, at=AT)


def shown(client: Client, typed: Typed) -> tuple[str, Typed]:
    """The preview, and what it sends back."""
    response = client.post(ADD, typed)
    assert response.status_code == 200
    html = response.content.decode()
    fields = parsed(html).fields
    assert fields is not None
    return html, fields


def kept(html: str, typed: Typed) -> bool:
    """Whether a page has all that was typed, in its fields."""
    fields = parsed(html).fields or {}
    return all(fields.get(name) == str(value) for name, value in typed.items())


def facts(html: str, heading: str) -> dict[str, str]:
    """{language: words} of the list under a heading."""
    part = html.partition(f'id="{heading}"')[2].partition("</section>")[0]
    found = re.findall(r"<dt><bdi[^>]*>(.*?)</bdi></dt>\s*<dd>(.*?)</dd>", part, re.S)
    return {name: " ".join(re.sub(r"</?(?:bdi|strong|span)[^>]*>", "", said).split()) for name, said in found}


@pytest.mark.long
def test_shown_first_and_then_published(staff: Client, typed: Typed, people: Cast) -> None:
    html, fields = shown(staff, typed)
    assert not FeedbackWindow.objects.exists()
    assert "Two <strong>minutes</strong> are enough." in html
    assert "Read <em>our rules</em>, too." in html
    assert "What should the task force do?" in html
    assert kept(html, typed)
    missing = facts(html, "languages")
    assert missing[OWN_NAMES["en"]] == "complete"
    assert missing[OWN_NAMES["zh-hant"]].startswith("No introduction ·")
    assert "4 texts of the questions are missing" in missing[OWN_NAMES["zh-hant"]]
    assert "No title: its readers get the one in" in missing["Deutsch"]
    assert "Nobody has said in which languages it is wanted" in html
    unconfirmed = staff.post(ADD, fields).content.decode()
    assert "Tick this box to confirm" in unconfirmed
    assert kept(unconfirmed, typed)
    assert not FeedbackWindow.objects.exists()
    answer = staff.post(ADD, {**fields, "confirmed": "yes"})
    assert answer["Location"] == LIST
    window = FeedbackWindow.objects.get()
    assert (window.slug, window.title_en, window.title_de, window.introduction_en) == (  # type: ignore[attr-defined]
        "first-round", "Say what you think", None, "Two **minutes** are enough.",
    )  # fmt: skip
    assert (window.terms_en, window.terms_de) == ("Read *our rules*, too.", None)  # type: ignore[attr-defined]
    entry = Entry.objects.get(action="feedback.window-published")
    assert (entry.actor_id, entry.reason, entry.details["languages"]) == (people["coordinator"].pk, "", [])
    assert Client().get("/en/tf/leadership-development/feedback/first-round/").status_code == 200
    assert "Say what you think" in staff.get(LIST).content.decode()


@pytest.mark.long
def test_what_was_not_shown_is_not_published(staff: Client, typed: Typed, text: Proposal, people: Cast) -> None:
    """Other words, or a language that has come to be wanted meanwhile."""
    _html, fields = shown(staff, typed)
    other = staff.post(ADD, {**fields, "confirmed": "yes", "title-en": "Say more"}).content.decode()
    assert "This is not what you were shown before" in other
    want(text, people["coordinator"])
    assert "This is not what you were shown before" in staff.post(ADD, {**fields, "confirmed": "yes"}).content.decode()
    assert not FeedbackWindow.objects.exists()
    again = staff.post(ADD, {**fields, "confirmed": "yes", "again": "yes", "title-en": "More"}).content.decode()
    assert "This is not what you were shown before" not in again
    assert kept(again, {**typed, "title-en": "More"})


@pytest.mark.long
def test_warned_of_what_is_wanted_and_not_reached(staff: Client, typed: Typed, text: Proposal, people: Cast) -> None:
    for code in ("de", "en"):
        want(text, people["coordinator"], code)
    html, fields = shown(staff, typed)
    wanted = facts(html, "wanted")
    assert wanted["Deutsch"].startswith("0% of 80% ·")
    assert "too little: noted in the log" in wanted["Deutsch"]
    assert "Many read it" in wanted["Deutsch"]
    assert "too little" not in wanted["English"]
    assert 'name="override"' not in html
    assert "I know that less is translated than is wanted" in html
    assert staff.post(ADD, {**fields, "confirmed": "yes"}).status_code == 302
    entry = Entry.objects.get(action="feedback.window-published")
    assert (entry.reason, entry.details["languages"]) == ("", ["de"])


@pytest.mark.long
def test_refused_until_somebody_says_why(staff: Client, typed: Typed, text: Proposal, people: Cast) -> None:
    want(text, people["coordinator"], refuses=True)
    html, fields = shown(staff, typed)
    assert "too little: needs a reason" in facts(html, "wanted")["Deutsch"]
    assert fields["override"] == ""
    for blank in ("", " \u200b"):
        refused = staff.post(ADD, {**fields, "confirmed": "yes", "override": blank}).content.decode()
        assert "Say why the window is published although" in refused
        assert kept(refused, typed)
    assert not FeedbackWindow.objects.exists()
    told = {**fields, "confirmed": "yes", "override": "The call cannot wait."}
    unconfirmed = staff.post(ADD, {**told, "confirmed": ""}).content.decode()
    assert kept(unconfirmed, {**typed, "override": "The call cannot wait."})
    assert staff.post(ADD, told).status_code == 302
    entry = Entry.objects.get(action="feedback.window-published")
    assert (entry.reason, entry.details["languages"]) == ("The call cannot wait.", ["de"])


def test_one_box_says_what_is_wrong(staff: Client, typed: Typed, text: Proposal, people: Cast) -> None:
    """With the way to each field; what was typed stays folded, unless the fault is in it."""
    want(text, people["coordinator"], refuses=True)
    html, fields = shown(staff, typed)
    fold, ways = '<details class="composer-fold">', ('href="#id_override"', 'href="#id_confirmed"')
    assert (html.count("pt-error-summary"), html.count(fold)) == (0, 1)
    refused = staff.post(ADD, {**fields, "confirmed": "", "override": ""}).content.decode()
    summary = refused.partition("pt-error-summary")[2].partition("</div>\n</div>")[0]
    assert [way in summary for way in ways] == [True, True]
    assert ("errornote" in refused, refused.count('role="alert"'), refused.count(fold)) == (False, 1, 1)
    taken = Wanted(typed["phase"], typed["text"], typed["questions"], typed["slug"], {"en": "W"}, {})
    open_window(taken, actor=people["coordinator"], override="The call cannot wait.")
    wrong = staff.post(ADD, {**fields, "again": "yes"}).content.decode()
    assert ('<details class="composer-fold" open>' in wrong, wrong.count(fold)) == (True, 0)


@pytest.mark.long
def test_pressed_twice(staff: Client, typed: Typed) -> None:
    """409 with the way to the one that is there; a new one of that address is told before."""
    _html, fields = shown(staff, typed)
    assert staff.post(ADD, {**fields, "confirmed": "yes"}).status_code == 302
    again = staff.post(ADD, {**fields, "confirmed": "yes"})
    assert again.status_code == 409
    said = again.content.decode()
    assert "already has a feedback window “first-round”" in said
    assert f'href="{LIST}{FeedbackWindow.objects.get().pk}/change/"' in said
    assert kept(said, typed)
    html, _fields = shown(staff, typed)
    assert "already has a feedback window with this address" in html
    assert "This phase has a feedback window already: “<bdi>Say what you think</bdi>”" in html
    assert FeedbackWindow.objects.count() == 1


WRONG: list[tuple[Typed, str, str]] = [
    ({"slug": "no slug"}, "slug", "slug"),
    ({"slug": "a" * 51}, "slug", "at most 50"),
    ({"title-en": " \u200b", "title-zh-hant": ""}, "title-en", "one language at least"),
    ({"title-de": "x" * 301}, "title-de", "at most 300"),
    ({"title-de": "x\x01"}, "title-de", "cannot be stored"),
    ({"introduction-ar": "x" * 5001}, "introduction-ar", "at most 5000"),
    ({"terms-ar": "x" * 2001}, "terms-ar", "at most 2000"),
    ({"phase": "999999"}, "phase", "not over"),
    ({"text": "x"}, "text", "has not ended"),
    ({"questions": "999999"}, "questions", "one of the list"),
    ({"override": "x" * 2001}, "override", "at most 2000"),
]


@pytest.mark.parametrize(("changes", "name", "said"), WRONG)
def test_errors_stand_at_their_field(staff: Client, typed: Typed, changes: Typed, name: str, said: str) -> None:
    response: Any = staff.post(ADD, {**typed, **changes})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [name]
    assert said in response.context["form"].errors[name][0]
    assert 'name="confirmed"' not in response.content.decode()


def test_what_ends_meanwhile_leaves_what_was_typed(
    staff: Client, typed: Typed, text: Proposal, people: Cast, clock: Clock
) -> None:
    _html, fields = shown(staff, typed)
    words = {name: value for name, value in typed.items() if name[:5] in ("title", "intro") or name == "slug"}
    texts.lives.withdraw(text.pk, reasons={"en": "Why"}, editor=people["coordinator"], at=AT)
    withdrawn = staff.post(ADD, {**fields, "confirmed": "yes"}).content.decode()
    assert "a published text that has not ended" in withdrawn
    assert kept(withdrawn, words)
    clock.set(CLOSES)
    closed = staff.post(ADD, {**fields, "confirmed": "yes"}).content.decode()
    assert "a published phase for feedback that is not over" in closed
    assert kept(closed, words)
    assert not FeedbackWindow.objects.exists()


def test_a_text_of_another_task_force(staff: Client, typed: Typed, text: Proposal, people: Cast) -> None:
    """Is offered to whoever coordinates both, under its task force, and refused beside the phase of the first."""
    other = timeline.create_task_force("other", {"en": "Other matters"}, at=AT)
    plan = texts.create(other, slug="plan", at=AT)
    Proposal.objects.filter(pk=plan.pk).update(state="published")
    assert "Other matters" not in staff.get(ADD).content.decode()
    grant_role(people["coordinator"], Role.COORDINATOR, at=AT, actor_id=None, task_force_id=other.pk)
    assert '<optgroup label="Other matters">' in staff.get(ADD).content.decode()
    response: Any = staff.post(ADD, {**typed, "text": plan.pk})
    assert list(response.context["form"].errors) == ["text"]
    assert "another task force" in response.content.decode()


def test_what_is_missing_for_a_window_is_said(client: Client, tf: TaskForce, people: Cast, clock: Clock) -> None:
    """No questions, no text; once the phase is over that too."""
    client.force_login(people["deputy"])
    empty = client.get(ADD).content.decode()
    for words, is_there in (("There is no text", True), ("There are no questions", True), ("No phase takes", False)):
        assert (words in empty) is is_there
    assert "data-main" not in empty
    clock.set(HARD_CLOSES)
    assert "No phase takes feedback" in client.get(ADD).content.decode()
    assert "No feedback window yet" in client.get(LIST).content.decode()


def test_what_has_ended_is_not_asked_in(staff: Client, typed: Typed, people: Cast, tf: TaskForce) -> None:
    """It is not offered; a form from before, and whoever publishes by a script, read why."""
    assert "data-main" in staff.get(ADD).content.decode()
    timeline.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    page = staff.get(ADD).content.decode()
    assert "that is not over, of a task force that has not ended" in page
    assert "data-main" not in page
    wanted = Wanted(typed["phase"], typed["text"], typed["questions"], "w", {"en": "W"}, {})
    with pytest.raises(Invalid, match="This task force has ended"):
        open_window(wanted, actor=people["coordinator"])
    phase, text = Phase.objects.get(pk=typed["phase"]), Proposal.objects.get(pk=typed["text"])
    version = QuestionSetVersion.objects.get(pk=typed["questions"])
    with pytest.raises(Invalid, match="This task force has ended"):
        publish_window(phase, text, version, slug="w", titles={"en": "W"}, introductions={}, at=app_now())
    assert not FeedbackWindow.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [("deputy", 200), ("admin", 200), ("moderator", 403), ("observer", 403), ("member", 302)]
)
def test_who_may(client: Client, typed: Typed, people: Cast, role: str, status: int) -> None:
    """On the page, in the list's button and in the service."""
    client.force_login(people[role])
    assert client.get(ADD).status_code == status
    assert client.post(ADD, typed).status_code == status
    if role != "member":
        assert (f'href="{ADD}"' in client.get(LIST).content.decode()) is (status == 200)
    wanted = Wanted(typed["phase"], typed["text"], typed["questions"], "w", {"en": "W"}, {})
    if status == 200:
        assert open_window(wanted, actor=people[role], override="Nobody moderates yet.").slug == "w"
    else:
        with pytest.raises(Refused):
            open_window(wanted, actor=people[role])
        assert not FeedbackWindow.objects.exists()


def test_who_coordinates_another_task_force(typed: Typed, client: Client) -> None:
    """Is offered nothing of this one, and refused by the service."""
    stranger = create_account("stranger@demo.example", at=AT)
    grant_role(stranger, Role.COORDINATOR, at=AT, actor_id=None, task_force_id=10_000)
    client.force_login(stranger)
    page = client.get(ADD).content.decode()
    assert "No phase takes feedback" in page
    assert "There is no text" in page
    with pytest.raises(Refused):
        open_window(Wanted(typed["phase"], typed["text"], typed["questions"], "w", {"en": "W"}, {}), actor=stranger)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"slug": "no slug"}, Invalid),
        ({"slug": "a" * 51}, Invalid),
        ({"titles": {"en": " "}}, Invalid),
        ({"titles": {"xx": "W"}}, Invalid),
        ({"titles": {"en": "x" * 2_000_000}}, Invalid),
        ({"introductions": {"en": "x" * 5001}}, Invalid),
        ({"proposal_id": 0}, Invalid),
        ({"version_id": 0}, Invalid),
        ({"slug": "taken"}, Conflict),
    ],
)
def test_the_service_checks_by_itself(typed: Typed, people: Cast, changes: Typed, refusal: type[Exception]) -> None:
    given: Typed = {"phase_id": typed["phase"], "proposal_id": typed["text"], "version_id": typed["questions"]}
    words: Typed = {"titles": {"en": "W"}, "introductions": {}}
    open_window(Wanted(**given, slug="taken", **words), actor=people["deputy"])
    with pytest.raises(refusal):
        open_window(Wanted(**{**given, "slug": "w", **words, **changes}), actor=people["deputy"])
    assert FeedbackWindow.objects.count() == 1


def test_no_window_in_a_phase_that_is_over(typed: Typed, people: Cast, clock: Clock, phase: PhaseOf) -> None:
    wanted = Wanted(typed["phase"], typed["text"], typed["questions"], "w", {"en": "W"}, {})
    clock.set(CLOSES)
    with pytest.raises(Invalid, match="has closed"):
        open_window(wanted, actor=people["coordinator"])
    clock.set(AT)
    timeline.cancel_phase(phase("feedback").pk, reason="No.", actor=people["deputy"])
    with pytest.raises(Invalid, match="cancelled"):
        open_window(wanted, actor=people["coordinator"])


@pytest.mark.long
def test_pages_cost_the_same_at_any_size(
    staff: Client, typed: Typed, tf: TaskForce, people: Cast, version: QuestionSetVersion
) -> None:
    """The list with one window and with many; the form with few and with many phases, texts and questions."""
    grant_role(people["coordinator"], Role.COORDINATOR, at=AT, actor_id=None)
    counts = []
    for more in (0, 3):
        for number in range(more):
            other = timeline.create_task_force(f"other-{number}", {"en": f"Other {number}"}, at=AT)
            phase = timeline.publish_phase(
                other, slug="f", titles={"en": "F"}, texts={}, opens_on=date(2022, 3, 3), closes_on=date(2022, 4, 4),
                capabilities=["feedback"], at=AT,
            )  # fmt: skip
            plan = texts.create(other, slug="plan", at=AT)
            Proposal.objects.filter(pk=plan.pk).update(state="published")
            made = create_set(f"set-{number}", QUESTIONS, at=AT)
            open_window(Wanted(phase.pk, plan.pk, made.pk, "w", {"en": "W"}, {}), actor=people["coordinator"])
        if not more:
            open_window(
                Wanted(typed["phase"], typed["text"], version.pk, "w", {"en": "W"}, {}), actor=people["coordinator"]
            )
        for path in (LIST, ADD):
            staff.get(path)
            with CaptureQueriesContext(connection) as found:
                assert staff.get(path).status_code == 200
            counts.append(len(found))
    assert FeedbackWindow.objects.count() == 4
    assert counts[:2] == counts[2:]


@pytest.mark.long
def test_hostile_words_are_harmless(staff: Client, typed: Typed) -> None:
    """HTML, a script's link and brackets without end come to nothing, and soon."""
    began = app_now()
    html, fields = shown(
        staff,
        {
            **typed,
            "title-de": "<script>alert(1)</script>\u202e",
            "introduction-de": "[" * 5000,
            "introduction-fr": "<img src=x onerror=alert(1)> [x](javascript:alert(1))",
        },
    )
    assert (app_now() - began).total_seconds() < 2
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert staff.post(ADD, {**fields, "confirmed": "yes"}).status_code == 302


def test_what_was_typed_stands_on_a_page_of_an_error(typed: Typed, people: Cast) -> None:
    """Under what the form calls it, where the form cannot be taken."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people["coordinator"])
    refused = browser.post(ADD, typed)
    assert refused.status_code == 403
    shown_again = refused.content.decode()
    assert "Title (English)" in shown_again
    assert "Two **minutes** are enough." in shown_again


# --- two at once -----------------------------------------------------------------------------------------------------


def _locked(wanted: Wanted, actor: User, together: Barrier) -> object:
    """The service as it is."""
    together.wait(20)
    return open_window(wanted, actor=actor)


def _unlocked(wanted: Wanted, actor: User, together: Barrier) -> object:
    """The same steps without the locks: what the next test must be able to catch."""
    phase = Phase.objects.get(pk=wanted.phase_id)
    taken = FeedbackWindow.objects.filter(phase__task_force=phase.task_force_id, slug=wanted.slug).exists()
    together.wait(20)
    if taken:
        raise Conflict("There is one.")
    return FeedbackWindow.objects.create(
        phase=phase, proposal_id=wanted.proposal_id, questions_id=wanted.version_id, slug=wanted.slug, published_at=AT
    )


@pytest.mark.long
@pytest.mark.parametrize("is_same_phase", [True, False], ids=["one phase", "two phases"])
@pytest.mark.parametrize(("publish", "told"), [(_locked, 1), (_unlocked, 0)], ids=["service", "twin"])
def test_two_people_publish_the_same_window(
    committed: None,
    typed: Typed,
    tf: TaskForce,
    people: Cast,
    publish: Callable[..., object],
    told: int,
    is_same_phase: bool,
) -> None:
    """At the same moment, in one phase or in two of a task force, whose windows share their addresses: one is there,
    and who comes second is told; nobody sees an error of the database, nor two windows at one address."""
    later = timeline.publish_phase(
        tf, slug="again", titles={"en": "Again"}, texts={}, opens_on=date(2022, 6, 3), closes_on=date(2022, 7, 4),
        capabilities=["feedback"], at=AT,
    )  # fmt: skip
    phases = [typed["phase"], typed["phase"] if is_same_phase else later.pk]
    actors = [people["coordinator"], people["deputy"]]
    together = Barrier(2)

    def one(phase: int, actor: User) -> type[BaseException] | None:
        wanted = Wanted(phase, typed["text"], typed["questions"], "w", {"en": "W"}, {})
        try:
            publish(wanted, actor, together)
        except (Conflict, IntegrityError) as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(one, phases, actors))
    assert outcomes.count(Conflict) == told
    if told:
        assert FeedbackWindow.objects.filter(slug="w").count() == 1
        assert Entry.objects.filter(action="feedback.window-published").count() == 1
    else:
        assert outcomes.count(IntegrityError) == is_same_phase
        assert FeedbackWindow.objects.filter(slug="w").count() == 2 - is_same_phase


# --- the session ends ------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_session_ended_while_somebody_typed(staff: Client, typed: Typed, people: Cast) -> None:
    """They are led to the staff side's way in, and all that they typed is back in its fields; nothing is published by
    it. It is theirs alone, and what they had been shown and confirmed is to be shown again."""
    _html, fields = shown(staff, typed)
    assert fields["owner"]
    sent = {**fields, "confirmed": "yes", "override": "Because."}
    for person in ("deputy", "coordinator"):
        staff.logout()
        answer = staff.post(ADD, sent)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/en/admin/login/?next=")
        staff.force_login(people[person])
        staff.head(ADD)
        page = staff.get(ADD).content.decode()
        is_theirs = person == "coordinator"
        assert kept(page, {**typed, "override": "Because."}) is is_theirs
        assert ("Say what you think" in page) is is_theirs
        assert ("What you typed is back in its form" in page) is is_theirs
    assert 'name="confirmed"' not in page
    assert kept(staff.get(ADD).content.decode(), {**typed, "override": "Because."}), "however often it is loaded"
    assert not FeedbackWindow.objects.exists()
    staff.post(ADD, {**fields, "override": ""})
    assert "Say what you think" not in staff.get(ADD).content.decode()


@pytest.mark.long
def test_the_second_step_is_missing_or_the_role_has_ended(staff: Client, typed: Typed, people: Cast) -> None:
    """What was typed comes behind the second step; whoever may not publish any more can copy it."""
    _html, fields = shown(staff, typed)
    note_sign_in(staff, people["coordinator"], second_factor=False)
    assert staff.post(ADD, fields)["Location"].startswith("/en/admin/login/?next=")
    note_sign_in(staff, people["coordinator"], second_factor=True)
    assert kept(staff.get(ADD).content.decode(), typed)
    staff.logout()
    staff.post(ADD, fields)
    RoleGrant.objects.filter(user=people["coordinator"]).delete()
    grant_role(people["coordinator"], Role.MODERATOR, at=AT, actor_id=None)
    staff.force_login(people["coordinator"])
    refused = staff.get(ADD)
    assert refused.status_code == 403
    assert '<pre class="pt-typed" dir="auto">Two **minutes** are enough.</pre>' in refused.content.decode()
    assert "Say what you think" in staff.get(ADD).content.decode()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people["deputy"])
    stale = strict.post(ADD, {**fields, "csrfmiddlewaretoken": "x"})
    assert stale.status_code == 403
    assert "Two **minutes** are enough." in stale.content.decode()


def test_the_last_role_has_ended(staff: Client, typed: Typed, people: Cast) -> None:
    """Of the staff side they see nothing any more but what they typed there, then and now; it says why."""
    _html, fields = shown(staff, typed)
    former = people["coordinator"]
    staff.logout()
    staff.post(ADD, fields)
    for grant in RoleGrant.objects.filter(user=former):
        remove_role(grant.pk, at=AT, actor_id=None)
    staff.force_login(former)
    for refused in (staff.get(ADD), staff.get(ADD), staff.post(ADD, fields)):
        page = refused.content.decode()
        assert refused.status_code == 403
        assert "no-store" in refused.headers["Cache-Control"]
        assert '<pre class="pt-typed" dir="auto">Two **minutes** are enough.</pre>' in page
        assert "publish a feedback window" in page
        assert "is back in its form" not in page
    after_half_an_hour(staff)
    answers = [staff.get(ADD), staff.post(ADD, typed), staff.get(LIST)]
    assert [answer.status_code for answer in answers] == [302] * 3, "nor of a form that nobody has shown them"
    assert not FeedbackWindow.objects.exists()
