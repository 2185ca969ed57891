"""Every service with an actor asks its own rule, at the moment of the act: no page has to have asked before it.

Found by their signatures, so that a new one that asks nothing is red, and one with a new kind of argument too. Each is
called twice with the same arguments: who has lost all roles is refused, and who has them all still is not.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404

from feedback import answering
from feedback import services as feedback
from feedback.models import Disposition, FeedbackItem, FeedbackWindow, Theme
from feedback.services import answering as answers
from feedback.services.summaries import Written
from proposals import services as texts
from proposals.models import Proposal
from recruitment import queries
from recruitment import services as recruitment
from recruitment.models import Call, Decision, Review
from recruitment.plan import Details, Line
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.announcements.models import Announcement
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.portal import rules
from taskforce.portal.demo import clock
from taskforce.questions.forms import Answer
from taskforce.timeline import gates, plan
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services import bulletins
from tests.architecture.walk import World

pytestmark = pytest.mark.django_db
ROOMS = (
    "taskforce.notifications.services", "taskforce.accounts.services", "taskforce.questions.services",
    "taskforce.timeline.services",
    "taskforce.announcements.services", "proposals.services", "feedback.services", "recruitment.services",
)  # fmt: skip
ACTORS = {"actor", "actor_id", "editor", "reviewer"}
# Who acts is known here and has no right to be asked about.
UNASKED = {
    "taskforce.accounts.services.invitations.decline_invitation": "one's own invitation, by its link",
    "taskforce.timeline.services.task_forces.change_state": "by an announcement, which has asked; by the operator",
    "taskforce.timeline.services.phases.translate_title": "by an import",
    "taskforce.announcements.services.add_member": "by a release of decisions, which has asked",
    "taskforce.accounts.services.roles.require_may_give": "is the asking itself",
    "taskforce.timeline.services.labels.put_right": "for others, which have asked",
    "taskforce.timeline.services.rows.record": "writes into the log what a service does that has asked",
    "taskforce.timeline.services.changes.refusal_of": "changes nothing",
    "taskforce.accounts.services.invitations.check_offer": "changes nothing, and asks all the same",
    "proposals.services.importing_phases.publish": "by an import",
    "proposals.services.texts.save_translation": "by scenarios and by others, which have asked",
    "proposals.services.texts.save_translations": "by others, which have asked",
    "proposals.services.keeping.discard": "what is one's own, also of whoever may not translate any more",
    "proposals.services.keeping.taken_over": "by saving, which has asked",
    "proposals.services.revisions.log_act": "writes into the log what a service does that has asked",
    "feedback.services.appeals.decide": "by others, which have asked",
    "feedback.services.moderation.checked": "changes nothing; for others, which have asked",
    "feedback.services.moderation.require_another": "is a part of the asking itself",
    "feedback.services.replying.record": "writes into the log what a service does that has asked",
    "feedback.services.exports.still_may": "changes nothing, and asks all the same",
    "recruitment.services.reviews.require_review_open": "changes nothing, and asks all the same",
    "recruitment.services.building.allow": "is the asking itself",
    "recruitment.services.building.held": "changes nothing, and asks all the same",
    "recruitment.services.building.draft_of": "changes nothing, and asks all the same",
    "recruitment.services.building.record": "writes into the log what a service does that has asked",
}
# Who acts may be left out here: then nobody is asked about, so no page may be all that stands before it.
LEFT_OUT = {
    "taskforce.timeline.services.following.choose": "one's own mail, by a signed link",
    "taskforce.timeline.services.following.leave": "one's own mail, by a signed link",
    "taskforce.timeline.services.phases.publish_phase": "by the operator, and in scenarios",
    "taskforce.timeline.services.task_forces.create_task_force": "by the operator, and in scenarios",
    "proposals.services.imports.import_page": "by the operator, and in scenarios",
    "proposals.services.texts.create": "by the operator, by an import, and in scenarios",
    "proposals.services.texts.publish": "by the operator, by an import, and in scenarios",
    "taskforce.questions.services.create_set": "by the operator, in scenarios, and by the draft's service, which asks",
    "feedback.services.windows.publish_window": "by the operator, and in scenarios",
    "recruitment.services.calls.publish_call": "in scenarios alone",
}
Service = Callable[..., Any]


def services() -> Iterator[tuple[str, Service]]:
    """All with an actor, whether they must be named or may be left out."""
    for room in ROOMS:
        package = import_module(room)
        inside = [f"{room}.{found.name}" for found in pkgutil.iter_modules(getattr(package, "__path__", []))]
        for name in (room, *inside):
            module = import_module(name)
            for function, found in inspect.getmembers(module, inspect.isfunction):
                if inspect.unwrap(found).__module__ != name or function.startswith("_"):
                    continue
                if ACTORS & set(inspect.signature(found).parameters):
                    yield f"{name}.{function}", found


SERVICES = dict(services())
ASKED = sorted(set(SERVICES) - set(UNASKED) - set(LEFT_OUT))


def may_leave_out_who(service: Service) -> bool:
    """Whether it can be called without saying who acts."""
    parameters = inspect.signature(service).parameters
    return any(parameters[who].default is not inspect.Parameter.empty for who in ACTORS & set(parameters))


def with_every_role() -> User:
    """Somebody new, who has written, asked for and applied to nothing."""
    person = User.objects.create(email="everything@demo.example", name="Eve Demo")
    RoleGrant.objects.bulk_create(
        RoleGrant(user=person, role=role, language="en" if role in SPOKEN_ROLES else "", granted_at=app_now())
        for role in Role
    )
    return person


def arguments(name: str, service: Service, world: World, person: User) -> dict[str, Any]:
    """Something that fits for each argument without a default, and the rule that mail is asked by; the world made fit.

    `person` has every role.
    """
    known: dict[str, Any] = {
        "actor": person, "actor_id": person.pk, "reviewer": person, "allow": rules.still_may(person.pk),
        "at": app_now(), "actor_name": "A", "reason": "Because.", "action": "publish", "answer": "No.",
        "outcome": "accept",
        "titles": {"en": "T"}, "bodies": {"en": "B"}, "subjects": {"en": "S"}, "slug": "new", "topic": "updates",
        "topics": ["updates"], "text": "a@example.org", "language": "en", "mail_language": "en", "version": 0,
        "count": 9, "confirmed": "", "closes_on": date(2024, 1, 1), "scores": {}, "note": "", "submit": False,
        "field": "purpose", "names": {"en": "Working Group"}, "word": "Task Force",
        "place": "unit:1", "text_digest": "0", "word_id": 0, "mark_id": 0, "ids": [],
        "address": "new@example.org", "wanted": Grant("observer", None, ""), "role": "observer",
        "phase_id": int(world["phase"]), "bulletin_id": int(world["bulletin"]), "announcement_id": int(world["draft"]),
        "item_id": int(world["item"]), "item_ids": [int(world["item"])],
        "application_id": int(world["application"]), "call_id": int(world["call"]),
        "mailing_id": int(world["mailing"]), "suppression_id": int(world["suppression"]),
        "request_id": int(world["deletionrequest"]), "grant_id": int(world["moderating"]),
        "set_id": int(world["questionset"]), "key": 1, "kind": "region", "said": {"en": "Q"}, "step": 1, "expected": "",
        "typed": {}, "seen": "", "codes": ["en"], "source": "en",
        "reply_id": int(world["reply"]), "words": feedback.Words({}, "", 0, 0),
        "window_id": int(world["feedbackwindow"]), "written": Written({"en": "T"}, "en", (), 14), "number": 1,
        "changes": {}, "introductions": {},
        "looked_at": [], "recount": False, "rule": "other", "days": 3, "block_id": int(world["feedbackblock"]),
    }  # fmt: skip
    if name.startswith(("proposals.", "feedback.")):
        known |= of_texts(name, world, person)
    known |= of_calls(name, world, person)
    if name.endswith("resolving.act"):
        known |= {"action": "release", "ids": [int(world["outboxmessage"])]}
    if "drafts" in name:
        known["phase_id"] = int(world["draftphase"])
    if name.endswith("answer_deletion"):
        known["action"] = "refuse"
    if name == "taskforce.announcements.services.correct":
        known["announcement_id"] = Announcement.objects.get(state="published").pk
    if name.endswith("verdicts.decide"):
        known |= {"phase_id": Phase.objects.get(slug="feedback").pk, "outcome": "proceed", "reasons": {"en": "R"}}
    if name.endswith("bulletins.offer"):
        known["bulletin_id"] = draft_of(person)
    if name.endswith("reviews.save_review"):
        go_back_to_the_reviews()
    if name.endswith("holding.lift"):
        by = User.objects.get(email="admin@demo.example").pk
        SERVICES["taskforce.notifications.services.holding.hold"](
            "wait", at=app_now(), actor_id=by, actor_name="A", allow=None
        )
    parameters = inspect.signature(service).parameters.values()
    wanted = [one.name for one in parameters if one.default is inspect.Parameter.empty]
    made: dict[str, Callable[[], Any]] = {
        **({} if name.startswith("recruitment.") else {"row": TaskForce.objects.get}),
        "task_force": TaskForce.objects.get, "task_force_id": lambda: TaskForce.objects.get().pk,
        "call": lambda: Call.objects.get(published_at__isnull=False),
        "user": lambda: User.objects.get(email="applicant@demo.example"),
        "draft": lambda: plan.Draft(
            slug="n", titles={"en": "N"}, opens_on=date(2024, 1, 1), closes_on=date(2024, 2, 1)
        ),
        "invitation_id": lambda: Invitation.objects.filter(state="open").latest("pk").pk,
    }  # fmt: skip
    return {each: made[each]() if each in made else known[each] for each in wanted}


def of_calls(name: str, world: World, person: User) -> dict[str, Any]:
    """What services that write and change calls are called with; nothing for others."""
    if not name.startswith(("recruitment.services.building.", "recruitment.services.call_acts.")):
        return {}
    call = Call.objects.get(pk=world["call"])
    # Nothing has been told, and nobody has submitted a review: then it may still be changed.
    Decision.objects.all().delete()
    Review.objects.update(state="draft", submitted_at=None)
    told = recruitment.add_clarification(call.pk, {"en": "Q"}, {"en": "A"}, actor=person)
    # What is published asks its questions for good.
    draft = {"call_id": int(world["draftcall"])} if name.endswith(".choose_questions") else {}
    return {
        **draft,
        "version_id": call.questions_id, "details": Details({"title": {"en": "T"}}, 3), "line": Line({"en": "C"}, 50),
        "lines": [Line({"en": "C"}, 100)], "weights": {}, "criterion_id": call.criteria.order_by("pk")[0].pk,
        "clarification_id": told.pk, "questions": {"en": "Q"}, "answers": {"en": "A"}, "seats": call.seats + 1,
        "reasons": {"en": "R"}, "up": True, "row": call, "texts": {"title": {"en": "T"}},
        "seen": queries.words_seen(call),
    }  # fmt: skip


def of_texts(name: str, world: World, person: User) -> dict[str, Any]:
    """What services of texts, and of the windows on them, are called with."""
    if name.startswith(("feedback.services.answering.", "feedback.services.finality.")):
        return of_answers(name, world, person)
    unit, text = int(world["textunit"]), Proposal.objects.get()
    phase_id, version_id = (
        Phase.objects.get(slug="next-round").pk,
        FeedbackWindow.objects.get(slug="responsibilities").questions_id,
    )
    window = feedback.Wanted(phase_id, text.pk, version_id, "new", {"en": "T"}, {})
    typed: Any = {} if name.endswith("drafts.save") else texts.Typed(unit, "x", 0, 1)
    if name.endswith("keep_all"):
        typed = [typed]
    is_elsewhere = name.startswith(tuple(f"feedback.services.{one}" for one in ("entered", "correcting", "sheets")))
    said = of_what_was_said_elsewhere(world, person) if is_elsewhere else {}
    return said | {
        "editor": person, "proposal_id": text.pk, "unit_id": unit, "typed": typed, "token": "",
        "wanted": window if name.startswith("feedback.") else texts.Wanted("en", 50, "R"),
        "act": lambda _copy: "", "number": 1, "expected": "", "summary": "S",
        "is_minor": False, "kind": "other", "title": "T", "reasons": {"en": "R"},
        "successor_id": text.pk, "window_id": FeedbackWindow.objects.get(slug="responsibilities").pk, "form": "csv",
        "named": False,
    }  # fmt: skip


def of_what_was_said_elsewhere(world: World, person: User) -> dict[str, Any]:
    """Something that this person has entered, and something to enter, on a day on which the window was open."""
    window, at = FeedbackWindow.objects.get(slug="responsibilities"), datetime(2022, 2, 15, 12, tzinfo=UTC)
    clock.set_to(at, back=True)
    asked = window.questions.questions.filter(kind="long-text").order_by("position")[0]
    FeedbackItem.objects.filter(reference=world["entered"]).update(entered_by=person, language="en")
    told = feedback.Told("en", "call", at.date(), "affiliate", "", "public", [Answer(asked.pk, "Said in a call.")])
    return {
        "window_id": window.pk,
        "told": told,
        "pasted": feedback.Pasted([], ["channel"], {}, [feedback.PastedLine(1, ["call"], told)]),
        "form_key": gates.read_form_key(gates.new_form_key(at, window.phase_id), window.phase_id),
        "item_id": FeedbackItem.objects.get(reference=world["entered"]).pk,
        "words": "They meant nobody.",
        "version": 0,
    }


def of_answers(name: str, world: World, person: User) -> dict[str, Any]:
    """What services that sort and answer what was said are called with."""
    window = FeedbackWindow.objects.get(slug="responsibilities")
    theme = Theme.objects.filter(window=window).latest("position")
    item = FeedbackItem.objects.get(pk=world["item"])
    by: dict[str, Any] = {"actor": person, "at": app_now()}
    wanted = answers.Wanted("noted", None, {"en": "A"})
    found: dict[str, Any] = {
        "window_id": window.pk, "theme_id": theme.pk, "descriptions": {}, "wanted": wanted,
        "seen": {item.pk: answering.answer_of(item).stamp}, "expected": answering.themes(window)[-1].stamp,
    }  # fmt: skip
    text = window.proposal
    found |= {
        "proposal_id": text.pk, "statements": {"en": "S"}, "left": answering.left(answering.windows_on(text)).undecided,
        "revision": text.revisions.latest("number").number,
    }  # fmt: skip
    if name.endswith(".change_theme"):
        found["expected"] = theme.version
    if name.endswith(".move_theme"):
        later = answers.add_theme(window.pk, titles={"en": "T"}, descriptions={}, **by)
        found |= {"theme_id": later.pk, "expected": later.position}
    if name.endswith(".look_again"):
        answers.draft_for_theme(theme.pk, wanted, expected=found["expected"], **by)
        drafts = Disposition.objects.filter(theme=theme, release=None)
        drafts.update(seen={"items": {"0": 0}, "newest": None})
        found |= {"looked_at": set(drafts.values_list("pk", flat=True)), "seen": answering.ready(window).seen}
    if name.endswith(".release"):
        answers.draft_for_theme(theme.pk, wanted, expected=found["expected"], **by)
        found["seen"] = answering.ready(window).seen
    return found


def draft_of(person: User) -> int:
    """A mail to followers that this person has written."""
    texts = {"subjects": {"en": "S"}, "bodies": {"en": "B"}}
    return bulletins.draft(TaskForce.objects.get(), topic="updates", at=app_now(), actor=person, **texts).pk


def go_back_to_the_reviews() -> None:
    """To a day on which candidates were reviewed and none had an answer."""
    clock.set_to(datetime(2022, 5, 10, 12, tzinfo=UTC), back=True)
    Decision.objects.all().delete()


def test_there_are_services_to_ask() -> None:
    assert len(SERVICES) > 25
    assert set(UNASKED) <= set(SERVICES)
    assert len(ASKED) > 25


def test_where_who_acts_may_be_left_out_it_is_said_why() -> None:
    assert {name for name, service in SERVICES.items() if may_leave_out_who(service)} == set(LEFT_OUT)


def test_an_actor_who_may_be_left_out_is_found() -> None:
    def end(phase_id: int, *, actor_id: int | None = None) -> None: ...

    def close(phase_id: int, *, actor_id: int | None) -> None: ...

    assert [may_leave_out_who(service) for service in (end, close)] == [True, False]


def left_out(services: dict[str, Service]) -> list[str]:
    """Services that ask a rule which whoever calls them may leave out."""
    given = {name: inspect.signature(service).parameters.get("allow") for name, service in services.items()}
    return [name for name, rule in given.items() if rule and rule.default is not inspect.Parameter.empty]


def test_nobody_leaves_out_the_rule_that_a_service_is_to_ask() -> None:
    """Mail knows no roles: a page hands the rule down, and one that hands none down says so."""
    assert sum("allow" in inspect.signature(service).parameters for service in SERVICES.values()) > 4
    assert left_out(SERVICES) == []


def test_a_rule_that_may_be_left_out_is_found() -> None:
    def stop(mailing_id: int, *, actor_id: int, allow: Callable[[Any], None] | None = None) -> None: ...

    assert left_out({"stop": stop}) == ["stop"]


@pytest.mark.parametrize("is_too_late", [True, False])
@pytest.mark.parametrize("name", ASKED)
def test_a_service_that_is_called_afterwards_refuses(world: World, name: str, is_too_late: bool) -> None:
    """Whoever had every role a moment ago and has none any more, with what a page has kept of the roles.

    And nothing but the roles is amiss: whoever still has them is not refused, though the act may come to nothing by
    what else is asked for (a `Conflict`, an `Invalid`).
    """
    with transaction.atomic():
        person = with_every_role()
        given = arguments(name, SERVICES[name], world, person)
        if is_too_late:
            RoleGrant.objects.filter(user=person).delete()
        outcome = pytest.raises((Refused, Http404)) if is_too_late else suppress(Conflict, Invalid)
        with outcome, transaction.atomic():
            SERVICES[name](**given)
        transaction.set_rollback(True)
