"""The world that the page walk goes through."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from feedback import earlier, reaching, telling
from feedback import services as feedback
from feedback.models import FeedbackUnconfirmed, FeedbackWindow, Theme
from feedback.services import answering
from proposals import services as texts
from proposals import working
from proposals.models import Proposal, Unit
from recruitment import services as recruitment
from recruitment import unreminded
from recruitment.models import Application, Call, Clarification, Criterion
from recruitment.plan import Details, Line
from taskforce.accounts import links as invitations
from taskforce.accounts import services as accounts
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.rights import Grant
from taskforce.announcements import services as announcements
from taskforce.core import tokens
from taskforce.notifications import leaving, preferences
from taskforce.notifications import services as outbox
from taskforce.portal import old_words
from taskforce.portal.demo import clock
from taskforce.portal.models import DemoMail
from taskforce.questions import services as questions
from taskforce.questions.forms import Answer
from taskforce.questions.models import QuestionSet
from taskforce.timeline import asking, gates, plan
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services import bulletins, drafts
from taskforce.timeline.services import oldwords as renaming
from tests import rows
from tests.architecture.walk import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, gone after the module."""
    with django_db_blocker.unblock(), living() as made:
        yield made


@contextmanager
def living() -> Iterator[World]:
    """The scenario `announced` with what else pages are about (`furnished`); all gone afterwards."""
    announced = rows.stored()["announced"]
    with transaction.atomic():
        announced.write()
        made = furnished()
        with override_settings(ROOT_URLCONF="tests.architecture.demo_urls"):
            yield made
        transaction.set_rollback(True)


def furnished() -> World:
    """To the scenario `announced`: feedback with token and reply, one mail, drafts, requests; the rows by name."""
    clock.set_to(datetime(2022, 2, 15, 12, tzinfo=UTC), back=True)
    window = FeedbackWindow.objects.get(slug="responsibilities")
    receipt = feedback.submit(
        window.pk,
        form_key=gates.read_form_key(
            gates.new_form_key(datetime(2022, 2, 15, 12, tzinfo=UTC), window.phase_id), window.phase_id
        ),
        language="en",
        visibility="public",
        name="",
        answers=[],
    )
    entered = _entered(window)
    waiting = FeedbackUnconfirmed.objects.create(
        window=window,
        form_key="waits",
        fields_digest="waits",
        token_hash=tokens.hashed(reaching.token_of("waits")),
        said={name: getattr(receipt.item, name) for name in earlier.KEPT} | {"reference": "F-WAITS"},
        answers=[],
        sent_at=receipt.item.received_at,
    )
    reply = feedback.reply(
        receipt.item.pk,
        feedback.Reply(
            gates.read_form_key(
                gates.new_form_key(datetime(2022, 2, 15, 12, tzinfo=UTC), window.phase_id), window.phase_id
            ),
            language="en",
            text="So say I.",
            name="",
        ),
        author=User.objects.get(email="applicant@demo.example"),
    )
    moment = datetime(2022, 5, 16, 18, tzinfo=UTC)
    moderator = User.objects.get(email="moderator@demo.example")
    feedback.block(
        receipt.item.pk, rule="other", reason="R.", days=0, actor=moderator, at=reply.received_at, reply_id=reply.pk
    )
    clock.set_to(moment)
    mail = DemoMail.objects.create(
        raw=b"Subject: s\r\nMessage-ID: <a@b>\r\n\r\nbody\r\n",
        recipient="member@demo.example",
        message_id="<a@b>",
        received_at=moment,
    )
    _bulletin(moment)
    _invited(moment)
    _refused_and_held(moment)
    _wanted(moment)
    _changed(moment)
    _said_still()
    _next_round()
    _asked_next(moment)
    accounts.ask_for_deletion(User.objects.get(email="member@demo.example"), "No time any more", at=moment)
    return {
        **_first_rows(),
        **_rows(moment),
        "token": receipt.token,
        "reference": receipt.item.reference,
        **entered,
        "unconfirmed": earlier.confirm_token(waiting),
        "waits": reaching.token_of("waits"),
        "stop": telling.stop_token(waiting.window_id, "told@example.org"),
        "mail": str(mail.pk),
        "item": str(receipt.item.pk),
        "replied": receipt.item.reference,
        "replyref": reply.reference,
        "reply": str(reply.pk),
        **_links(),
    }


def _entered(window: FeedbackWindow) -> World:
    """What the demo's facilitator has entered, and a table of theirs: the reference and the number."""
    at = datetime(2022, 2, 15, 12, tzinfo=UTC)
    form_key = gates.read_form_key(gates.new_form_key(at, window.phase_id), window.phase_id)
    asked = window.questions.questions.filter(kind="long-text").order_by("position")[0]
    told = feedback.Told(
        "ar", "chat", at.date(), "affiliate", "https://example.org/", "staff", [Answer(asked.pk, "Said in a chat.")]
    )
    facilitator = User.objects.get(email="facilitator@demo.example")
    item = feedback.enter(window.pk, told, form_key=form_key, actor=facilitator)
    lines = [feedback.PastedLine(1, ["call"], told), feedback.PastedLine(2, ["?"], None)]
    pasted = feedback.Pasted([], ["channel"], {"language": "ar"}, lines)
    sheet = feedback.paste(window.pk, pasted, form_key=form_key, actor=facilitator)
    return {"entered": item.reference, "sheet": str(sheet.pk)}


def _bulletin(at: datetime) -> None:
    """The draft of a mail to followers."""
    author = User.objects.get(email="coordinator@demo.example")
    bulletins.draft(
        TaskForce.objects.get(),
        topic="updates",
        subjects={"en": "A mail"},
        bodies={"en": "Text"},
        at=at,
        actor=author,
    )


def _invited(at: datetime) -> None:
    """Somebody without an account is asked to moderate."""
    accounts.offer_role(
        "new@example.org",
        Grant("moderator", TaskForce.objects.get().pk, ""),
        mail_language="en",
        actor_id=User.objects.get(email="coordinator@demo.example").pk,
        at=at,
    )


def _refused_and_held(at: datetime) -> None:
    """A mailbox that refused the task force's mail, and a hold that is over."""
    message = outbox.enqueue(
        "phase-extended",
        key="refused",
        mailbox="gone@example.org",
        language="en",
        context={},
        at=at,
        task_force_id=TaskForce.objects.get().pk,
    )
    outbox.suppress(message, at=at, error="550 5.1.1 unknown")
    outbox.hold("a wrong date", at=at, actor_id=1, actor_name="Ada", allow=None)
    outbox.lift("put right", at=at, actor_id=1, allow=None)


def _wanted(at: datetime) -> None:
    """The text is wanted in Arabic, and a second person reviews."""
    texts.set_goal(
        Proposal.objects.get().pk,
        texts.Wanted("ar", 80, "Many of those concerned read it.", wants_review=True),
        actor=User.objects.get(email="coordinator@demo.example"),
        at=at,
    )


def _changed(at: datetime) -> None:
    """One more paragraph in the draft of the text, and one taken out."""
    editor, text = User.objects.get(email="coordinator@demo.example"), Proposal.objects.get()
    part = working.working(text).copy.part(_part())
    texts.drafts.change(text.pk, partial(texts.buttons.add_last, part=part.key), editor=editor, at=at)
    gone = next(piece.key for piece in part.shown if not piece.is_fixed)
    texts.drafts.change(text.pk, partial(texts.buttons.remove, key=gone), editor=editor, at=at)


def _part() -> str:
    """The key of a section with more than one paragraph."""
    parts = working.working(Proposal.objects.get()).copy.parts
    return next(part.key for part in parts if sum(not piece.is_fixed for piece in part.shown) > 2)


def _said_still() -> None:
    """A word that texts should not say any more; one that says it may stay as it is, others wait."""
    actor, task_force = User.objects.get(email="coordinator@demo.example"), TaskForce.objects.get()
    renaming.look_for_old_word(task_force.pk, word="the", language="en", actor=actor)
    first, *others = old_words.sayings(task_force, old_words.words_of(task_force))
    assert others
    about = {"place": first.place, "language": first.language, "text_digest": first.digest}
    renaming.keep_as_it_is(task_force.pk, **about, reason="A name of its own.", actor=actor)


def _next_round() -> None:
    """A phase for feedback that has not opened yet, so that a window can be published."""
    planned = plan.Draft(
        slug="next-round",
        titles={"en": "Next round"},
        opens_on=date(2023, 3, 1),
        closes_on=date(2023, 3, 31),
        capabilities=["feedback"],
    )
    actor = User.objects.get(email="coordinator@demo.example")
    drafts.publish_draft(drafts.draft_phase(TaskForce.objects.get(), planned, actor=actor).pk, actor=actor)


def _asked_next(at: datetime) -> None:
    """A set of questions of the task force, whose next version is drafted."""
    asked = [{"kind": "short-text", "labels": {"en": "What else?"}}]
    made = questions.create_set("asked-next", asked, at=at, task_force_id=TaskForce.objects.get().pk)
    actor = User.objects.get(email="coordinator@demo.example")
    questions.begin_version(made.question_set_id, actor=actor, at=at)


def _draft_phase() -> Phase:
    """A phase that nobody but staff sees."""
    planned = plan.Draft(slug="later", titles={"en": "Later"}, opens_on=date(2023, 9, 1), closes_on=date(2023, 9, 30))
    return drafts.draft_phase(
        TaskForce.objects.get(), planned, actor=User.objects.get(email="coordinator@demo.example")
    )


def _draft_call() -> dict[str, Model]:
    """A call that nobody but staff sees, with a criterion and a question that is answered."""
    planned = plan.Draft(
        slug="second-call",
        titles={"en": "Second call"},
        opens_on=date(2023, 10, 1),
        closes_on=date(2023, 10, 31),
        capabilities=["apply"],
    )
    actor = User.objects.get(email="coordinator@demo.example")
    phase = drafts.draft_phase(TaskForce.objects.get(), planned, actor=actor)
    details = Details({"title": {"en": "Second call"}}, 3)
    asked = Call.objects.get(published_at__isnull=False).questions_id
    call = recruitment.draft_call(phase.pk, asked, details, actor=actor)
    criterion = recruitment.add_criterion(call.pk, Line({"en": "Criterion"}, 100), actor=actor)
    answered = recruitment.add_clarification(call.pk, {"en": "Q?"}, {"en": "A."}, actor=actor)
    return {"draftcall": call, "criterion": criterion, "clarification": answered}


def _first_rows() -> World:
    """{name of a model: its first row's id} for each model of the admin."""
    found = {}
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").first()
        assert row is not None, f"the walk's world has no row of {model._meta.label}"
        found[str(model._meta.model_name)] = str(row.pk)
    return found


def _links() -> World:
    """What the links in mails to a follower hold."""
    mailbox, task_force_id = "member@demo.example", TaskForce.objects.get().pk
    invitation = Invitation.objects.get()
    ask = asking.Ask(mailbox, task_force_id, ("deadlines",), "immediate", "en", "UTC")
    return {
        "ask": asking.token(ask),
        "choose": preferences.token(mailbox),
        "invited": invitations.token(invitation.pk, invitation.mailbox),
        "leave": leaving.token(leaving.Leave(mailbox, task_force_id, "")),
        "reminders": unreminded.token(unreminded.Whose(*Application.objects.values_list("call", "applicant")[0])),
    }


def _theme(at: datetime) -> Theme:
    """A theme of the window."""
    lead = User.objects.get(email="coordinator@demo.example")
    return answering.add_theme(
        FeedbackWindow.objects.get(slug="responsibilities").pk,
        titles={"en": "A theme"},
        descriptions={},
        actor=lead,
        at=at,
    )


def _rows(at: datetime) -> World:
    """The ids of the rows that the table's pages are about."""
    draft = announcements.draft(
        TaskForce.objects.get(), slug="draft", titles={"en": "A draft"}, bodies={"en": "Text"}, at=at, actor_id=None
    )
    found = {
        "draft": draft,
        "moderating": RoleGrant.objects.get(role="moderator"),
        "phase": Phase.objects.get(slug="work"),
        "closed": Phase.objects.get(slug="feedback"),
        "draftphase": _draft_phase(),
        "call": Call.objects.get(published_at__isnull=False),
        "publicclarification": Clarification.objects.filter(call__published_at__isnull=False).first(),
        "publiccriterion": Criterion.objects.filter(call__published_at__isnull=False).first(),
        **_draft_call(),
        "questionset": QuestionSet.objects.get(slug="asked-next"),
        "application": Application.objects.first(),
        "unit": Unit.objects.filter(kind="paragraph").first(),
        "textunit": Unit.objects.order_by("position").first(),
        "theme": _theme(at),
    }
    by_slug = dict.fromkeys(("textslug", "readtext"), "proposal")
    return {"part": _part(), **by_slug, **{name: str(row.pk) for name, row in found.items() if row}}
