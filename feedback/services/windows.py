"""Windows: published at once, and never changed but for their title and introduction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from feedback import readiness
from feedback.enums import Participation
from feedback.models import FeedbackWindow
from feedback.rules import INTRODUCTION_LENGTH, REASON_LENGTH, SLUG_LENGTH, TERMS_LENGTH, TITLE_LENGTH, may_publish
from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.rules import as_of_now
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import labels, languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text, digest
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.queries import is_for, questions
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline import windows as spans
from taskforce.timeline.enums import ENDED, OVER, Capability
from taskforce.timeline.models import Phase, TaskForce


@dataclass(frozen=True)
class Wanted:
    """A window as somebody wants it: the ids of what it binds, its address, its texts as {language: text}."""

    phase_id: int
    proposal_id: int
    version_id: int
    slug: str
    titles: Mapping[str, str]
    introductions: Mapping[str, str]
    terms: Mapping[str, str] = field(default_factory=dict)
    participation: str = Participation.ANYBODY
    is_read_first: bool = False


@transaction.atomic
def open_window(wanted: Wanted, *, actor: User, override: str = "", gate: str = "") -> FeedbackWindow:
    """As `publish_window`, by somebody who may: `Refused` for who may not. Nobody can end the phase meanwhile.

    `gate` is what spoke against it where they looked (`readiness.Readiness.gate`): `Conflict` where that is something
    else now, since the reason that they give is about what they saw.

    `Invalid` for a phase that is over, or whose task force has ended, and for a text or questions that there are not.
    """
    passed = gates.enter_exclusively(wanted.phase_id)
    phase, at = passed.phase, passed.at
    allowed, why = may_publish(as_of_now(actor), phase.task_force_id)
    if not allowed:
        raise Refused(why)
    if phase.task_force.state in ENDED:
        raise Invalid(_has_ended())
    if spans.state(phase, at) in OVER:
        raise Invalid(_("This phase has closed or was cancelled: nobody could say anything in it any more."))
    proposal = Proposal.objects.filter(pk=wanted.proposal_id).first()
    version = QuestionSetVersion.objects.select_related("question_set").filter(pk=wanted.version_id).first()
    if proposal is None or version is None:
        raise Invalid(_("A feedback window needs a text and questions."))
    return publish_window(
        phase,
        proposal,
        version,
        slug=wanted.slug,
        titles=wanted.titles,
        introductions=wanted.introductions,
        terms=wanted.terms,
        at=at,
        actor_id=actor.pk,
        override=override,
        gate=gate,
        needs_moderator=True,
        participation=wanted.participation,
        is_read_first=wanted.is_read_first,
    )


@transaction.atomic
def publish_window(
    phase: Phase,
    proposal: Proposal,
    version: QuestionSetVersion,
    *,
    slug: str,
    titles: Mapping[str, str],
    introductions: Mapping[str, str],
    terms: Mapping[str, str] | None = None,
    at: datetime,
    actor_id: int | None = None,
    override: str = "",
    gate: str = "",
    needs_moderator: bool = False,
    participation: str = Participation.ANYBODY,
    is_read_first: bool = False,
) -> FeedbackWindow:
    """Publish a window on `proposal` that opens and closes with `phase`; texts are {language: text}.

    Where less of the text or of the questions is translated than is wanted in a language, the log says so
    (`readiness` tells a page beforehand); if that language refuses, or (`needs_moderator`) nobody of the task force
    moderates, so does this with `Refused`, unless `override` says why it goes on all the same.

    Raises `Invalid` where the parts do not belong together, the task force has ended, a text is too long or missing or
    nobody could answer a question, and `Conflict` where the task force has a window of that slug, since its address
    names the task force only.
    """
    columns = _columns(slug, titles, introductions, terms or {})
    if participation not in Participation.values:
        raise Invalid(_("Please say who can take part."))
    # The row lock makes parallel publications wait, so that both cannot find the slug free.
    task_force = TaskForce.objects.select_for_update().get(pk=phase.task_force_id)
    _require_together(task_force, phase, proposal, version, slug)
    ready = readiness.of(proposal, questions(version), titles, introductions)
    if gate not in ("", ready.gate()):
        raise Conflict(_("What speaks against it has changed since you looked. Look at it once more."))
    short, reason = _against(ready, override, needs_moderator=needs_moderator)
    window = FeedbackWindow.objects.create(
        phase=phase,
        proposal=proposal,
        questions=version,
        slug=slug,
        published_at=at,
        participation=participation,
        is_read_first=is_read_first,
        **columns,
    )
    log.record(
        "feedback.window-published",
        window,
        at=at,
        actor_id=actor_id,
        task_force_id=task_force.pk,
        reason=reason,
        slug=slug,
        languages=short,
        participation=participation,
        is_read_first=is_read_first,
    )
    return window


def _require_together(
    task_force: TaskForce, phase: Phase, proposal: Proposal, version: QuestionSetVersion, slug: str
) -> None:
    """`Invalid` where phase, text and questions make no window of this task force, `Conflict` where it has one of that
    slug."""
    if task_force.state in ENDED:
        raise Invalid(_has_ended())
    if Capability.FEEDBACK not in phase.capabilities or phase.published_at is None:
        raise Invalid(_("A feedback window needs a published phase for feedback."))
    if proposal.task_force_id != task_force.pk:
        raise Invalid(_("The text belongs to another task force."))
    if not is_for(version, task_force.pk):
        raise Invalid(_("These questions belong to another task force than the phase."))
    if _state(proposal) != ProposalState.PUBLISHED:
        raise Invalid(_("A feedback window needs a published text that has not ended."))
    if FeedbackWindow.objects.filter(phase__task_force=task_force, slug=slug).exists():
        raise Conflict(_("This task force already has a feedback window “%(slug)s”.") % {"slug": slug})


def _has_ended() -> str:
    return _("This task force has ended: nobody could say anything in this phase any more.")


def _columns(
    slug: str, titles: Mapping[str, str], introductions: Mapping[str, str], terms: Mapping[str, str]
) -> dict[str, str]:
    """What the window says, cleaned and checked, by the names of its columns."""
    try:
        validate_slug(slug)
    except ValidationError as error:
        raise Invalid(error.messages[0]) from None
    if len(slug) > SLUG_LENGTH:
        raise Invalid(_("The short name is too long: at most %(count)d characters.") % {"count": SLUG_LENGTH})
    named = _fitting(titles, TITLE_LENGTH, clean_name, _("The title is too long: at most %(count)d characters."))
    told = _fitting(
        introductions, INTRODUCTION_LENGTH, clean_text, _("The text is too long: at most %(count)d characters.")
    )
    agreed = _fitting(terms, TERMS_LENGTH, clean_text, _("The text is too long: at most %(count)d characters."))
    if not any(named.values()):
        raise Invalid(_("A feedback window needs a title in one language at least."))
    return {**labels.columns("title", named), **labels.columns("introduction", told), **labels.columns("terms", agreed)}


def _fitting(given: Mapping[str, str], most: int, clean: Callable[..., str], too_long: str) -> dict[str, str]:
    """{language: text}, cleaned; `Invalid` for a foreign language and for a text that is too long."""
    if foreign := next((code for code in given if not languages.is_offered(code)), None):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": foreign})
    found = {code: clean(text, most=most) for code, text in given.items()}
    if any(len(text) > most for text in found.values()):
        raise Invalid(too_long % {"count": most})
    return found


def _state(proposal: Proposal) -> str:
    """The text's state, which nobody changes before the window is there."""
    return Proposal.objects.select_for_update().values_list("state", flat=True).get(pk=proposal.pk)


def _against(ready: readiness.Readiness, override: str, *, needs_moderator: bool) -> tuple[list[str], str]:
    """For the log: the languages in which less is translated than wanted, and why what speaks against it was
    overridden; `Refused` where it needs a reason and nobody gives one."""
    reason = clean_text(override, most=REASON_LENGTH)
    if len(reason) > REASON_LENGTH:
        raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": REASON_LENGTH})
    if ready.broken:
        number, problem = ready.broken[0]
        raise Invalid(_("Question %(number)d: %(problem)s") % {"number": number, "problem": problem})
    if ready.refusing and not reason:
        raise Refused(
            _("Less is translated than is wanted. Wait, or say why the window is published without that."),
            facts=[(languages.OWN_NAMES[each.code], lack) for each in ready.short for lack in each.lacks()],
        )
    is_alone = needs_moderator and not ready.is_moderated
    if is_alone and not reason:
        raise Refused(_("Nobody of the task force moderates. Appoint somebody, or say why the window is published."))
    return [each.code for each in ready.short], reason if ready.short or is_alone else ""


# --- its words, once it is published ----------------------------------------------------------------------------------


@transaction.atomic
def put_right(
    window_id: int, titles: Mapping[str, str], introductions: Mapping[str, str], *, seen: str, actor: User
) -> int:
    """Let a published window say its title and introduction in more languages, or without a typing error; returns how
    many of these texts changed. Its questions and terms stay: people have answered and agreed to them.

    `seen` is what `words_seen` said when the form was shown: `Conflict` where it says something else by now. `Refused`
    for who may not publish windows; `Invalid` for what is too long, and for a text that would be gone in a language.
    Each text that changes is an entry of the log with what it said before.
    """
    phase_id = FeedbackWindow.objects.filter(pk=window_id, published_at__isnull=False).values_list("phase", flat=True)
    found = phase_id.first()
    if found is None:
        raise Http404
    passed = gates.enter_exclusively(found)
    allowed, why = may_publish(as_of_now(actor), passed.phase.task_force_id)
    if not allowed:
        raise Refused(why)
    window = FeedbackWindow.objects.select_for_update(of=("self",)).get(pk=window_id)
    if words_seen(window) != seen:
        raise Conflict(_("Somebody has changed these texts meanwhile. Nothing was stored."))
    wanted = {
        "title": _fitting(titles, TITLE_LENGTH, clean_name, _("The title is too long: at most %(count)d characters.")),
        "introduction": _fitting(
            introductions, INTRODUCTION_LENGTH, clean_text, _("The text is too long: at most %(count)d characters.")
        ),
    }
    return timeline.put_right(
        window,
        wanted,
        action="label.of-a-window",
        at=passed.at,
        actor=actor,
        task_force_id=passed.phase.task_force_id,
    )


def words_seen(window: FeedbackWindow) -> str:
    """Another one as soon as a title or introduction of the window is another one."""
    return digest([labels.stored(window, "title"), labels.stored(window, "introduction")])
