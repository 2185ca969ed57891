"""The rows of the access matrix's world in every state that they can be in, and those of another task force.

A placeholder of the table such as `{phase}` stands for one row in its usual state; `STATES` names the others.
"""

from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model

from feedback.enums import ItemState
from feedback.models import FeedbackItem, FeedbackWindow, Sheet, Theme
from proposals.models import TranslationGoal, Unit
from recruitment import queries
from recruitment.enums import DecisionState, Group
from recruitment.models import Application, Call, Clarification, Criterion, Decision, Snapshot
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.announcements.models import Announcement
from taskforce.core import tokens
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing, OutboxMessage, Suppression
from taskforce.questions.models import Draft, QuestionSet
from taskforce.timeline.enums import BulletinState
from taskforce.timeline.models import Bulletin, Phase, Subscription, TaskForce
from tests.architecture.table import ELSEWHERE

World = dict[str, str]
AT_HOME = "leadership-development"
# Who has no role at all in the world's task force: of the other one a coordinator who reviews too, and somebody with
# every role but that.
NEIGHBOURS = ("neighbour", "everything-elsewhere")
STATES: dict[str, tuple[str, ...]] = {
    "phase": ("unpublished", "over", "cancelled", ELSEWHERE),
    "closed": (ELSEWHERE,),
    "draftphase": ("published", ELSEWHERE),
    "item": ("held", "hidden", "withdrawn", "staff", ELSEWHERE),
    "token": ("held", "hidden", "withdrawn", "staff", ELSEWHERE),
    # What was never read by everybody is not there; of what was, and is held again, everybody learns that.
    "reference": ("held", "held-again", "hidden", "withdrawn", "staff", ELSEWHERE),
    # By whoever has entered or pasted it alone.
    "entered": ("withdrawn", ELSEWHERE),
    "sheet": (ELSEWHERE,),
    "application": ("draft", "withdrawn", "held", ELSEWHERE),
    "call": ("held", ELSEWHERE),
    "draftcall": (ELSEWHERE,),
    "criterion": (ELSEWHERE,),
    "clarification": (ELSEWHERE,),
    "draft": ("published", ELSEWHERE),
    "bulletin": ("offered", "sent", "stopped", "dropped", ELSEWHERE),
    "mailing": ("queued", "failed", "stopped", ELSEWHERE),
    "outboxmessage": (*sorted(set(MessageState.values) - {MessageState.QUEUED}), ELSEWHERE),
    "suppression": ("lifted",),
    "taskforce": (ELSEWHERE,),
    "subscription": (ELSEWHERE,),
    "feedbackwindow": (ELSEWHERE,),
    "theme": (ELSEWHERE,),
    "textunit": ("removed", ELSEWHERE),
    "translationgoal": (ELSEWHERE,),
    # Its next version is not drafted.
    "questionset": ("settled", ELSEWHERE),
    # By the short name in the address. What asks who may before it asks for the text has only the second.
    "textslug": ("begun", "ended"),
    "readtext": ("ended",),
}


def key(kind: str, state: str) -> str:
    """Under which name the world holds the row of a kind in a state; "" is the usual one."""
    return f"{kind}:{state}" if state else kind


def _like(row: Any, **changes: Any) -> Any:
    """A new row like another one, but for the changes."""
    made = copy(row)
    made.pk, made._state = None, copy(row._state)
    made._state.adding = True
    for name, value in changes.items():
        setattr(made, name, value)
    made.save()
    return made


def more_states(world: World, at: datetime) -> World:
    """The same world with a row for every state of `STATES`, and the neighbours' accounts."""
    elsewhere = _like(TaskForce.objects.get(slug=AT_HOME), slug="other-matters")
    _neighbours(elsewhere, at)
    made: dict[str, Any] = {
        "taskforce:elsewhere": elsewhere,
        **_timeline(world, elsewhere, at),
        **_mails(world, elsewhere, at),
        **_recruitment(world, elsewhere, at),
        **_texts(world, elsewhere),
        **_questions(world, elsewhere),
    }
    found = {name: str(row.pk) for name, row in made.items()}
    return {**world, **found, **_lives(world, at), **_feedback(world, made["phase:elsewhere"], at)}


def _neighbours(elsewhere: TaskForce, at: datetime) -> None:
    people = [
        create_account(f"{name}@demo.example", at=at, name=name, language="en", password="demo") for name in NEIGHBOURS
    ]
    leading: list[Role] = [Role.COORDINATOR, Role.REVIEWER]
    others: list[Role] = [role for role in Role if role != Role.REVIEWER]
    for user, roles in zip(people, (leading, others), strict=True):
        for role in roles:
            language = "ar" if role in (Role.TRANSLATOR, Role.FACILITATOR) else ""
            grant_role(user, role, at=at, actor_id=None, task_force_id=elsewhere.pk, language=language)


def _timeline(world: World, elsewhere: TaskForce, at: datetime) -> dict[str, Model]:
    current, draft = Phase.objects.get(pk=world["phase"]), Phase.objects.get(pk=world["draftphase"])
    cancelled = _like(current, slug="cancelled", capabilities=[], cancelled_at=at)
    made = {
        "phase:unpublished": draft,
        "phase:over": Phase.objects.get(task_force__slug=AT_HOME, slug="recruitment"),
        "phase:cancelled": cancelled,
        "phase:elsewhere": _like(current, task_force=elsewhere),
        "closed:elsewhere": _like(Phase.objects.get(pk=world["closed"]), task_force=elsewhere),
        "draftphase:published": current,
        "draftphase:elsewhere": _like(draft, task_force=elsewhere),
    }
    announcement = Announcement.objects.get(pk=world["draft"])
    made["draft:published"] = Announcement.objects.get(slug="members-announced")
    made["draft:elsewhere"] = _like(announcement, task_force=elsewhere)
    bulletin = Bulletin.objects.get(pk=world["bulletin"])
    second = {"second_id": User.objects.get(email="deputy@demo.example").pk, "second_name": "D", "sent_at": at}
    second |= {"followers_at_once": 1, "followers_daily": 1}
    made["bulletin:offered"] = _like(bulletin, state=BulletinState.OFFERED, offered_at=at)
    made["bulletin:sent"] = _like(bulletin, state=BulletinState.SENT, offered_at=at, **second)
    made["bulletin:stopped"] = _like(bulletin, state=BulletinState.STOPPED, offered_at=at, stopped_at=at, **second)
    made["bulletin:dropped"] = _like(bulletin, state=BulletinState.DROPPED)
    made["bulletin:elsewhere"] = _like(bulletin, task_force=elsewhere)
    made["subscription:elsewhere"] = _like(Subscription.objects.first(), task_force=elsewhere)
    return made


def _texts(world: World, elsewhere: TaskForce) -> dict[str, Model]:
    """A unit that its text no longer has, and one of a text of the other task force."""
    unit = Unit.objects.get(pk=world["textunit"])
    other = _like(unit.proposal, task_force=elsewhere)
    return {
        "textunit:removed": _like(unit, removed_in=1),
        "textunit:elsewhere": _like(unit, proposal=other, section=None),
        "translationgoal:elsewhere": _like(TranslationGoal.objects.get(pk=world["translationgoal"]), proposal=other),
    }


def _questions(world: World, elsewhere: TaskForce) -> dict[str, Model]:
    """A set without a draft, and one of the other task force that has one."""
    usual = QuestionSet.objects.get(pk=world["questionset"])
    other = _like(usual, slug="asked-elsewhere", task_force_id=elsewhere.pk)
    _like(Draft.objects.get(question_set=usual), question_set=other)
    return {"questionset:settled": _like(usual, slug="settled"), "questionset:elsewhere": other}


def _lives(world: World, at: datetime) -> World:
    """A text that was never published, and one that has ended, with a revision; by their short names."""
    text = Unit.objects.get(pk=world["textunit"]).proposal
    _like(text, slug="begun", state="draft")
    ended = _like(text, slug="ended", state="withdrawn", ended_at=at, ended_reasons={"en": "R"})
    _like(text.revisions.get(number=1), proposal=ended)
    return {"textslug:begun": "begun", "textslug:ended": "ended", "readtext:ended": "ended"}


def _mails(world: World, elsewhere: TaskForce, at: datetime) -> dict[str, Model]:
    mailing, home = Mailing.objects.get(pk=world["mailing"]), TaskForce.objects.get(slug=AT_HOME)
    states: dict[str, Any] = {"queued": MailingState.QUEUED, "failed": MailingState.FAILED}
    made: dict[str, Any] = {
        f"mailing:{name}": _like(mailing, key=f"{mailing.key}:{name}", state=state) for name, state in states.items()
    }
    made["mailing:stopped"] = _like(mailing, key=f"{mailing.key}:s", state=MailingState.STOPPED, stopped_at=at)
    made["mailing:elsewhere"] = _like(mailing, key=f"{mailing.key}:e", task_force_id=elsewhere.pk)
    mail = OutboxMessage.objects.get(pk=world["outboxmessage"])
    for state in (*STATES["outboxmessage"][:-1], ELSEWHERE):
        keys = {"key": f"{mail.key}:{state}", "message_id": f"<{state}@b>", "mailing": None}
        changes = {"task_force_id": elsewhere.pk} if state == ELSEWHERE else {"state": state}
        made[f"outboxmessage:{state}"] = _like(mail, **keys, **changes)
    suppression = Suppression.objects.get(pk=world["suppression"])
    back = {"mailbox": "back@example.org", "domain": "example.org"}
    _like(mail, key=f"{mail.key}:back", message_id="<back@b>", mailing=None, task_force_id=home.pk, **back)
    made["suppression:lifted"] = _like(suppression, mailbox=back["mailbox"], lifted_at=at)
    return made


def _recruitment(world: World, elsewhere: TaskForce, at: datetime) -> dict[str, Model]:
    """A draft and a withdrawn application, a call with held decisions, and all of it in the other task force."""
    call, submitted = Call.objects.get(pk=world["call"]), Application.objects.get(pk=world["application"])
    over = call.phase
    made: dict[str, Model] = {}
    other = create_account("beginner@demo.example", at=at)
    made["application:draft"] = _application(submitted, call, 901, state="draft", submitted_at=None, applicant=other)
    made["application:withdrawn"] = _application(submitted, call, 902, state="withdrawn", withdrawn_at=at)
    for state, task_force in (("held", over.task_force), (ELSEWHERE, elsewhere)):
        # It opened before the one that visitors mean.
        day = timedelta(days=1)
        sooner = {"opens_on": over.opens_on - day, "opens_at": over.opens_at - day}
        phase = _like(over, task_force=task_force, slug="another-call", capabilities=[], **sooner)
        another = made[f"call:{state}"] = _like(call, phase=phase)
        for criterion in call.criteria.all():
            _like(criterion, call=another)
        application = made[f"application:{state}"] = _application(submitted, another, 1)
        held = {"state": DecisionState.HELD, "released_at": None} if state == "held" else {}
        _like(Decision.objects.get(application=submitted), application=application, **held)
    draft = Call.objects.get(pk=world["draftcall"])
    drafted = made["draftcall:elsewhere"] = _like(draft, phase=_like(draft.phase, task_force=elsewhere))
    made["criterion:elsewhere"] = _like(Criterion.objects.get(pk=world["criterion"]), call=drafted)
    made["clarification:elsewhere"] = _like(Clarification.objects.get(pk=world["clarification"]), call=drafted)
    return made


def _application(like: Application, call: Call, number: int, **changes: Any) -> Application:
    reference = f"A-{call.pk}-{number}"
    made: Application = _like(like, call=call, number=number, reference=reference, **changes)
    for group in Group:
        _like(queries.row_of(like, group), application=made)
    if made.submitted_at:
        snapshot = Snapshot.objects.filter(application=like).first()
        _like(snapshot, application=made, form_key=f"k-{reference}")
    return made


def _feedback(world: World, phase: Model, at: datetime) -> World:
    item = FeedbackItem.objects.get(pk=world["item"])
    window = _like(FeedbackWindow.objects.get(pk=item.window_id), phase=phase)
    theme = _like(Theme.objects.get(pk=world["theme"]), window=window)
    found = {"feedbackwindow:elsewhere": str(window.pk), "theme:elsewhere": str(theme.pk)}
    changes: dict[str, dict[str, Any]] = {
        "held": {"state": ItemState.HELD, "was_public": False},
        "held-again": {"state": ItemState.HELD, "was_public": True},
        "hidden": {"state": ItemState.HIDDEN, "state_at": at, "state_reason": "r", "rule": "other"},
        "withdrawn": {"state": ItemState.WITHDRAWN, "state_at": at},
        "staff": {"visibility": "staff"},
        ELSEWHERE: {"window": window},
    }
    for state, change in changes.items():
        keys = {"reference": f"F-{state}"[:20], "form_key": f"k-{state}", "token_hash": tokens.hashed(f"t-{state}")}
        row = _like(item, **keys, **change)
        found |= {f"item:{state}": str(row.pk), f"token:{state}": f"t-{state}"}
        found[f"reference:{state}"] = row.reference
    return {**found, **_entered(world, window, at)}


def _entered(world: World, window: FeedbackWindow, at: datetime) -> World:
    """What was said elsewhere, taken back, and in a window of the other task force; a table there."""
    item, found = FeedbackItem.objects.get(reference=world["entered"]), World()
    changes: dict[str, dict[str, Any]] = {
        "withdrawn": {"state": ItemState.WITHDRAWN, "state_at": at, "state_reason": "r"},
        ELSEWHERE: {"window": window},
    }
    for state, change in changes.items():
        keys = {"reference": f"E-{state}"[:20], "form_key": f"e-{state}", "token_hash": tokens.hashed(f"e-{state}")}
        found[f"entered:{state}"] = _like(item, **keys, **change).reference
    sheet = _like(Sheet.objects.get(pk=world["sheet"]), window=window, form_key="s-elsewhere")
    return {**found, "sheet:elsewhere": str(sheet.pk)}
