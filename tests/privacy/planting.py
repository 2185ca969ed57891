"""A canary in every field of the map that can hold a text: unique words by which it is known wherever it turns up.

Through the services wherever a person's way leads there; straight into the table where only a machine writes, or the
scenario has no such moment. A field of the map that `plant` leaves out, and that is not in `NO_TEXT`, is red.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pgtrigger
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import connection, models

from feedback import browsers
from feedback import services as feedback
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackReport, FeedbackUnconfirmed, FeedbackWindow
from proposals import services as texts
from proposals.models import Proposal, Revision, TranslationDraft, Unit
from recruitment import services as recruitment
from recruitment.forms.applying import made_draft
from recruitment.models import (
    ApplicantDemographics,
    ApplicantIdentity,
    ApplicantProfile,
    Application,
    ApplicationAnswers,
    Call,
    CallChange,
)
from taskforce.accounts import links
from taskforce.accounts import services as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import DeletionRequest, Invitation, User
from taskforce.accounts.rights import Grant
from taskforce.accounts.sessions import SessionStore
from taskforce.announcements.models import Member
from taskforce.audit import log
from taskforce.core import labels, languages, personal
from taskforce.notifications import services as outbox
from taskforce.notifications.models import Hold, OutboxMessage, RecipientDomain, Suppression
from taskforce.portal import old_words
from taskforce.portal.demo import clock
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.models import (
    Bulletin,
    DigestMark,
    Extension,
    Phase,
    Rename,
    StaysAsItIs,
    Subscription,
    TaskForce,
    Verdict,
)

Field = tuple[str, str]
MARK = "knry"
DOMAIN = "canary.example"
NOW = datetime(2022, 5, 16, 18, tzinfo=UTC)
# Codes of a fixed list, hashes, numbers made by a machine: nothing that somebody wrote can stand there.
NO_TEXT = {
    "language", "mail_language", "zone", "topic", "frequency", "source", "role", "state", "form_key", "fields_digest",
    "token_hash", "saved_form_key", "saved_digest", "sha256", "bound", "reference", "mailbox_key", "choices", "outcome",
    "suspicion", "rule", "hands", "submitted_digest", "gender", "age", "affiliation", "experience",
}  # fmt: skip
# Kept under a key, in a form from which no word can be read, or outside the models.
HIDDEN = {
    ("limits.Counter", "key"), ("sessions.Session", "session_key"), ("accounts.User", "password"),
    ("notifications.OutboxMessage", "domain"), ("feedback.FeedbackDraft", "browser_hash"),
    ("feedback.FeedbackReport", "browser_hash"), ("feedback.FeedbackBlock", "code"),
    ("feedback.FeedbackItem", "poster"), ("feedback.FeedbackUnconfirmed", "together"),
    ("feedback.ToldMailbox", "sealed"),
    ("cache_default", "cache_key"), ("cache_default", "value"),
    ("cache_default", "expires"),
}  # fmt: skip


def textual(model: str, name: str) -> bool:
    """Whether a field of the map can hold words."""
    if (model, name) in HIDDEN or name in NO_TEXT or model not in _labels():
        return False
    found = apps.get_model(model)._meta.get_field(name)
    if isinstance(found, ArrayField):
        found = found.base_field
    return isinstance(found, models.CharField | models.TextField | models.JSONField)


def _labels() -> set[str]:
    return {model._meta.label for model in apps.get_models(include_auto_created=True)}


def to_plant() -> set[Field]:
    """Every field of the map that can hold words, but those of the demonstration's own mailbox."""
    return {
        (row.model, name) for row in personal.rows() if not row.purpose.is_demo for name in row.fields
        if textual(row.model, name)
    }  # fmt: skip


@dataclass
class Canaries:
    """The words by field, the rows that the page walk opens, the keys of the forms in which the person wrote.

    `mailboxes`: the addresses by which the person is known.
    """

    words: dict[Field, str] = field(default_factory=dict)
    world: dict[str, str] = field(default_factory=dict)
    form_keys: dict[str, str] = field(default_factory=dict)
    mailboxes: set[str] = field(default_factory=set)

    def of(self, model: str, name: str) -> str:
        """The word of a field; asked for by whoever plants it."""
        return self.words.setdefault((model, name), f"{MARK}{len(self.words):03d}{model[-3:]}{name[:3]}x".lower())

    def mail(self, model: str, name: str) -> str:
        """The same as a mail address."""
        self.mailboxes.add(mailbox := f"{self.of(model, name)}@{DOMAIN}")
        return mailbox


def plant(world: dict[str, str]) -> Canaries:
    """Live the life of one person, the canary, and let staff and machines do their part."""
    made = Canaries(world=dict(world))
    person = accounts.create_account(
        made.mail("accounts.User", "email"), at=NOW, name=made.of("accounts.User", "name"), password="demo"
    )
    EmailAddress.objects.create(user=person, email=made.mail("account.EmailAddress", "email"), verified=True)
    for act in (_follow, _translate, _say, _apply, _mail, _process, _machinery, _ask):
        act(made, person)
    clock.set_to(NOW, back=True)
    return made


def _at(moment: datetime) -> datetime:
    clock.set_to(moment, back=True)
    return moment


def _key(made: Canaries, form: str, at: datetime, phase_id: int) -> gates.FormKey:
    made.form_keys[form] = gates.new_form_key(at, phase_id)
    return gates.read_form_key(made.form_keys[form], phase_id)


def _follow(made: Canaries, person: User) -> None:
    timeline.follow(
        TaskForce.objects.get(), mailbox=made.mail("timeline.Subscription", "mailbox"), topics=["deadlines"],
        language="en", user_id=person.pk, at=NOW,
    )  # fmt: skip
    row = Subscription.objects.get(mailbox__startswith=made.of("timeline.Subscription", "mailbox"))
    made.world["subscription"] = str(row.pk)
    DigestMark.objects.create(mailbox=made.mail("timeline.DigestMark", "mailbox"), through=NOW)


def _translate(made: Canaries, person: User) -> None:
    """What they have typed and not saved."""
    accounts.grant_role(person, Role.TRANSLATOR, at=NOW, actor_id=None, language="ar")
    words = {name: made.of("proposals.TranslationDraft", name) for name in ("text", "summary")}
    unit = Unit.objects.order_by("position").exclude(source_language="ar").first()
    assert unit
    typed = texts.Typed(unit.pk, version=0, source_version=1, **words)
    assert texts.keeping.keep(Proposal.objects.get().pk, "ar", typed, editor=person, at=NOW)
    assert TranslationDraft.objects.get().user == person


def _say(made: Canaries, person: User) -> None:
    at = _at(datetime(2022, 2, 15, 12, tzinfo=UTC))
    window = FeedbackWindow.objects.get(slug="responsibilities")
    first = window.questions.questions.order_by("position").first()
    assert first is not None
    # Of the walk's world that whose page is looked at, elsewhere any.
    unit = made.world.get("unit") or Unit.objects.filter(proposal=window.proposal).order_by("position")[0].pk
    said: dict[str, Any] = {
        "form_key": _key(made, "feedback", at, window.phase_id), "language": "en", "visibility": "staff",
        "name": made.of("feedback.FeedbackItem", "name"), "unit_id": int(unit),
    }  # fmt: skip
    before, now = made.of("feedback.FeedbackWording", "answers"), made.of("feedback.FeedbackAnswer", "text")
    receipt = feedback.submit(window.pk, **said, answers=[Answer(first.pk, before)])
    feedback.edit(receipt.item.pk, version=0, **said, answers=[Answer(first.pk, now)])
    typed = {f"q-{first.pk}": [made.of("feedback.FeedbackDraft", "fields")]}
    feedback.keep_draft(window.pk, None, browsers.hashed(browsers.new_secret(), window.pk), typed, version=0, at=at)
    FeedbackUnconfirmed.objects.create(
        window=window, form_key="planted", fields_digest="planted", token_hash="planted",
        said={"name": made.of("feedback.FeedbackUnconfirmed", "said")},
        answers=[{"text": made.of("feedback.FeedbackUnconfirmed", "answers")}], sent_at=at,
    )  # fmt: skip
    others = (
        FeedbackItem.objects.filter(state="published", visibility="public").exclude(pk=receipt.item.pk).order_by("pk")
    )
    feedback.agree(others[0].pk, user=person)
    answer = FeedbackAnswer.objects.filter(item__in=others, item__language="en", question__kind="long-text")
    other = answer.exclude(text="").order_by("item", "pk")[0]
    words = feedback.Words(
        {other.asked_id: made.of("feedback.FeedbackTranslation", "texts")},
        made.of("feedback.FeedbackTranslation", "name"), version=0, edits=0,
    )  # fmt: skip
    feedback.translate(other.item_id, "ar", words, actor=person, at=at)
    made.world["translatedref"] = other.item.reference
    spoken = feedback.Reply(
        _key(made, "reply", at, window.phase_id), "en", made.of("feedback.FeedbackReply", "text"),
        made.of("feedback.FeedbackReply", "name"), suspected=True,
    )  # fmt: skip
    reply = feedback.reply(others[0].pk, spoken, author=person)
    moderator = User.objects.get(email="moderator@demo.example")
    why = made.of("feedback.FeedbackReply", "state_reason")
    # It never stood, so that nobody reads why it is hidden but its author and staff.
    feedback.moderate_reply(reply.pk, "hide", rule="other", reason=why, actor=moderator, at=at)
    made.world |= {"reply": str(reply.pk), "replied": reply.item.reference, "replyref": reply.reference}
    said_of_it = feedback.Report(
        _key(made, "report", at, window.phase_id), "other", made.of("feedback.FeedbackReport", "words")
    )
    feedback.report(others[0].pk, said_of_it, reporter=person, at=at)
    note = made.of("feedback.FeedbackReport", "note")
    feedback.leave(others[0].pk, note=note, actor=moderator, at=at)
    # As if it were about this one, whose pages are looked at: what nobody reads nobody can report.
    FeedbackReport.objects.filter(reporter=person).update(item=receipt.item)
    why = made.of("feedback.FeedbackBlock", "reason")
    block = feedback.block(others[0].pk, rule="other", reason=why, days=0, actor=moderator, at=at, reply_id=reply.pk)
    feedback.lift(block.pk, reason="R.", actor=moderator, at=at)
    made.world["feedbackblock"] = str(block.pk)
    reason = made.of("feedback.FeedbackItem", "state_reason")
    feedback.moderate(receipt.item.pk, "hide", rule="other", reason=reason, actor=moderator, at=at)
    feedback.appeal(receipt.item.pk, words=made.of("feedback.FeedbackAppeal", "words"), at=at)
    reason = made.of("feedback.FeedbackAppeal", "reason")
    coordinator = User.objects.get(email="coordinator@demo.example")
    feedback.decide_appeal(receipt.item.pk, "upheld", reason=reason, actor=coordinator, at=at)
    made.world |= {"item": str(receipt.item.pk), "token": receipt.token}
    _enter(made, person, window, Answer(first.pk, "Of this nothing is kept about whoever spoke."))
    # Of a text that everybody may read there are words in it; of this one there are none to be found.
    FeedbackItem.objects.filter(pk=receipt.item.pk).update(
        **{name: made.of("feedback.FeedbackItem", name) for name in ("search_text", "translated_text")}
    )
    assert FeedbackAnswer.objects.filter(item=receipt.item).exists()
    assert FeedbackItem.objects.filter(pk=receipt.item.pk).exclude(name="").exists()


def _enter(made: Canaries, person: User, window: FeedbackWindow, answer: Answer) -> None:
    """What others said elsewhere, of which only staff are to read where and by whom."""
    at = datetime(2022, 2, 15, 12, tzinfo=UTC)
    accounts.grant_role(person, Role.FACILITATOR, at=at, actor_id=None, language="en")
    told = feedback.Told(
        "en", "chat", at.date(), "contributor",
        f"https://{DOMAIN}/{made.of('feedback.FeedbackItem', 'place_url')}", "staff", [answer],
        spoke_words=made.of("feedback.FeedbackItem", "spoke_words"),
    )  # fmt: skip
    form_key = _key(made, "entering", at, window.phase_id)
    item = feedback.enter(window.pk, told, form_key=form_key, actor=person)
    made.world |= {"entered": item.reference, "elsewhere": str(item.pk)}
    line = feedback.PastedLine(1, [made.of("feedback.SheetLine", "cells")], None)
    waiting = feedback.PastedLine(2, [], replace(told, spoke_words=made.of("feedback.SheetLine", "told")))
    pasted = feedback.Pasted([made.of("feedback.Sheet", "names")], ["spoke"], {}, [line, waiting])
    form_key = _key(made, "table", at, window.phase_id)
    sheet = feedback.paste(window.pk, pasted, form_key=form_key, actor=person)
    # As the sweep leaves it once the window has closed.
    sheet.lines.filter(number=2).update(fault="refused")
    made.world["sheet"] = str(sheet.pk)


def _apply(made: Canaries, person: User) -> None:
    at = _at(datetime(2022, 3, 20, 12, tzinfo=UTC))
    call = Call.objects.get(published_at__isnull=False)
    first, second = call.questions.questions.order_by("position")
    choice = second.choices.all()[0]
    answers = [Answer(first.pk, made.of("recruitment.Snapshot", "answers")), Answer(second.pk, choices=(choice.code,))]
    said: dict[str, Any] = {
        "name": made.of("recruitment.ApplicantIdentity", "name"),
        "wiki_name": made.of("recruitment.ApplicantIdentity", "wiki_name"),
        "publish_text": made.of("recruitment.ApplicantIdentity", "publish_text"),
        "not-reviewers": made.of("recruitment.ApplicantIdentity", "not_reviewers"),
        "profile-projects": made.of("recruitment.Snapshot", "profile"),
        "about-gender-words": made.of("recruitment.ApplicantDemographics", "gender_words"),
        "about-affiliation-words": made.of("recruitment.ApplicantDemographics", "affiliation_words"),
    }
    form_key = _key(made, "application", at, call.phase_id)
    draft = made_draft(call, answers, form_key=form_key, language="en", **said)
    application = recruitment.submit(call.pk, person, draft).application
    # The draft goes on after the submission.
    for table, name in (
        (ApplicantIdentity, "name"), (ApplicantProfile, "profile-roles"), (ApplicantDemographics, "about-gender-words"),
        (ApplicationAnswers, f"q-{first.pk}"),
    ):  # fmt: skip
        typed = {name: [made.of(table._meta.label, "typed")]}
        table.objects.filter(application=application).update(typed=typed, version=2, saved_at=at)
    _at(datetime(2022, 4, 20, 12, tzinfo=UTC))
    scores = {criterion.pk: 3 for criterion in call.criteria.all()}
    reviewer = User.objects.get(email="reviewer1@demo.example")
    recruitment.save_review(application.pk, reviewer, scores, made.of("recruitment.Review", "note"), submit=True)
    _at(datetime(2022, 5, 15, 14, tzinfo=UTC))
    decider = User.objects.get(email="coordinator@demo.example")
    recruitment.decide(application.pk, decider, "accept", made.of("recruitment.Decision", "reason"))
    made.world["application"] = str(Application.objects.get(pk=application.pk).pk)


def _mail(made: Canaries, person: User) -> None:
    def word(name: str) -> str:
        return made.of("notifications.OutboxMessage", name)

    message = outbox.enqueue(
        "account-login-code", key=word("key"), mailbox=made.mail("notifications.OutboxMessage", "mailbox"),
        language="en", context={"code": word("context"), "minutes": 15}, at=NOW,
        task_force_id=TaskForce.objects.get().pk,
    )  # fmt: skip
    OutboxMessage.objects.filter(pk=message.pk).update(
        error=word("error"), message_id=f"<{word('message_id')}@portal.example>"
    )
    # To the account's own address goes what says nothing of it, too: who applies, the outbox does not show.
    outbox.enqueue(
        "account-login-code", key="canary-own", mailbox=person.email, language="en",
        context={"code": "ABCD-2345", "minutes": 15}, at=NOW, task_force_id=TaskForce.objects.get().pk,
    )  # fmt: skip
    refused = outbox.enqueue(
        "phase-extended", key="canary-refused", mailbox=made.mail("notifications.Suppression", "mailbox"),
        language="en", context={}, at=NOW, task_force_id=TaskForce.objects.get().pk,
    )  # fmt: skip
    outbox.suppress(refused, at=NOW, error=f"550 5.1.1 {made.of('notifications.Suppression', 'words')}")
    row = Suppression.objects.get(mailbox=refused.mailbox)
    made.world |= {"outboxmessage": str(message.pk), "suppression": str(row.pk)}
    outbox.hold(
        made.of("notifications.Hold", "reason"),
        at=NOW,
        actor_id=1,
        actor_name=made.of("notifications.Hold", "actor_name"),
        allow=None,
    )
    outbox.lift("right again", at=NOW, actor_id=1, allow=None)
    made.world["hold"] = str(Hold.objects.latest("pk").pk)


def _process(made: Canaries, person: User) -> None:
    coordinator = User.objects.get(email="coordinator@demo.example")
    phase = Phase.objects.get(slug="work")
    timeline.extend(
        phase.pk, closes_on=phase.closes_on + timedelta(days=1), reason=made.of("timeline.Extension", "reason"),
        actor=coordinator,
    )  # fmt: skip
    timeline.rename(
        phase.task_force_id, names={"en": "Working Group"}, reason=made.of("timeline.Rename", "reason"),
        actor=coordinator,
    )  # fmt: skip
    timeline.decide(
        Phase.objects.get(slug="feedback").pk, outcome="proceed",
        reasons={"en": made.of("timeline.Verdict", "reasons")}, actor=coordinator,
    )  # fmt: skip
    _keep_an_old_word(made, phase.task_force_id, coordinator)
    with pgtrigger.ignore(
        "timeline.Verdict:append_only",
        "timeline.Extension:append_only",
        "timeline.Rename:append_only",
        "proposals.Revision:append_only",
        "recruitment.CallChange:append_only",
    ):
        # What the case has of acts on its call; the reason is translated, and says the same in every language.
        reason = made.of("recruitment.CallChange", "reason")
        CallChange.objects.update(
            actor_name=made.of("recruitment.CallChange", "actor_name"),
            **labels.columns("reason", dict.fromkeys(languages.CODES, reason)),
        )
        Extension.objects.update(actor_name=made.of("timeline.Extension", "actor_name"))
        Verdict.objects.update(actor_name=made.of("timeline.Verdict", "actor_name"))
        Rename.objects.update(actor_name=made.of("timeline.Rename", "actor_name"))
        Revision.objects.filter(number=1).update(
            editor_name=made.of("proposals.Revision", "editor_name"), summary=made.of("proposals.Revision", "summary")
        )
    Bulletin.objects.update(**{
        name: made.of("timeline.Bulletin", name) for name in ("author_name", "editor_name", "second_name")
    })  # fmt: skip
    Member.objects.create(
        task_force=TaskForce.objects.get(), user=person, name=made.of("announcements.Member", "name"),
        consented_at=NOW, since=NOW, published_at=NOW,
    )  # fmt: skip


def _keep_an_old_word(made: Canaries, task_force_id: int, actor: User) -> None:
    """A mail text that may go on saying a former name."""
    timeline.look_for_old_word(task_force_id, word="task force", language="en", actor=actor)
    task_force = TaskForce.objects.get(pk=task_force_id)
    found = old_words.sayings(task_force, old_words.words_of(task_force))
    one = next(each for each in found if each.language == "en")
    timeline.keep_as_it_is(
        task_force_id, place=one.place, language=one.language, text_digest=one.digest,
        reason=made.of("timeline.StaysAsItIs", "reason"), actor=actor,
    )  # fmt: skip
    StaysAsItIs.objects.update(actor_name=made.of("timeline.StaysAsItIs", "actor_name"))


def _machinery(made: Canaries, person: User) -> None:
    other = accounts.create_account("factor@demo.example", at=NOW)
    Authenticator.objects.create(user=other, type="totp", data={"secret": made.of("mfa.Authenticator", "data")})
    word = made.of("socialaccount.SocialAccount", "extra_data")
    SocialAccount.objects.create(
        user=other,
        provider="mediawiki",
        uid=made.of("socialaccount.SocialAccount", "uid"),
        extra_data={"username": word},
    )
    accounts.offer_role(
        made.mail("accounts.Invitation", "mailbox"), Grant("moderator", TaskForce.objects.get().pk, ""),
        mail_language="en", actor_id=User.objects.get(email="coordinator@demo.example").pk, at=NOW,
    )  # fmt: skip
    invitation = Invitation.objects.latest("pk")
    made.world |= {"invitation": str(invitation.pk), "invited": links.token(invitation.pk, invitation.mailbox)}
    RecipientDomain.objects.create(domain=f"{made.of('notifications.RecipientDomain', 'domain')}.example", next_at=NOW)
    session = SessionStore()
    session["mailbox"] = made.of("sessions.Session", "session_data")
    session.save()
    cache.set("canary", made.of("cache_default", "value"))
    log.record(
        "phase.extended", at=NOW, actor_id=person.pk, task_force_id=TaskForce.objects.get().pk,
        reason=made.of("audit.Entry", "reason"), note=made.of("audit.Entry", "details"),
    )  # fmt: skip


def _ask(made: Canaries, person: User) -> None:
    officer = User.objects.get(email="privacy@demo.example")
    first = accounts.ask_for_deletion(person, "", at=NOW)
    answer = made.of("accounts.DeletionRequest", "answer")
    accounts.answer_deletion(first.pk, "refuse", answer, actor=officer, at=NOW)
    reason, receipts = (made.of("accounts.DeletionRequest", name) for name in ("reason", "receipts"))
    row = accounts.ask_for_deletion(person, reason, at=NOW, receipts=receipts)
    DeletionRequest.objects.filter(pk=row.pk).update(mailbox=made.mail("accounts.DeletionRequest", "mailbox"))
    made.world["deletionrequest"] = str(row.pk)


# --- where they lie --------------------------------------------------------------------------------------------------


def stored() -> Iterator[tuple[Field, str]]:
    """(field, its text) of every column of every table in which a canary lies."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            query = f"SELECT to_jsonb(row)::text FROM {table} AS row WHERE row::text ILIKE %s"  # noqa: S608 - our tables
            cursor.execute(query, [f"%{MARK}%"])
            columns = {str(each.column): _plain(each) for each in model._meta.concrete_fields}
            for (text,) in cursor.fetchall():
                yield from _fields(model._meta.label, columns, text)


def _plain(each: "models.Field[Any, Any]") -> str:
    translated: Any = getattr(each, "translated_field", None)
    return str(translated.name if translated is not None else each.name)


def _fields(label: str, columns: dict[str, str], text: str) -> Iterator[tuple[Field, str]]:
    row = json.loads(text)
    for column, value in row.items():
        if MARK in str(value).lower():
            yield (label, columns[column]), str(value).lower()
