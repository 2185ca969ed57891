"""A text is called final once what was said about it is answered, or once it is said in public how much is not."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from feedback import answering
from feedback.models import FeedbackWindow, FinalCall
from feedback.rules import STATEMENT_LENGTH, may_call_final
from proposals.enums import ProposalState
from proposals.models import Proposal
from proposals.rules import as_of_now
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import gates
from taskforce.timeline.models import Phase


def hold_windows(proposal_id: int) -> list[FeedbackWindow]:
    """The published windows on a text, held: until the end of the transaction nobody publishes an item of them
    (`services.moderate`), nor takes one out of a theme that is answered."""
    found = FeedbackWindow.objects.filter(proposal=proposal_id, published_at__isnull=False).select_related("phase")
    return list(found.order_by("pk").select_for_update(of=("self",), no_key=True))


def hold_window_of(item_id: int) -> None:
    """Hold the window of an item that is to be published, so that its text is not called final between what is counted
    and what is public."""
    FeedbackWindow.objects.select_for_update(of=("self",), no_key=True).get(items=item_id)


def hold_window(window_id: int) -> None:
    """The same for an item that is not stored yet."""
    FeedbackWindow.objects.select_for_update(of=("self",), no_key=True).get(pk=window_id)


def unanswered(text_id: int, *, hold: bool) -> int:
    """How many items on a text that everybody may read are undecided, for whoever decides about it or ends it and says
    so in public: with those for staff among them, their number would follow from this one. With `hold` nobody publishes
    or answers one until the end of the transaction."""
    windows = (
        hold_windows(text_id) if hold else FeedbackWindow.objects.filter(proposal=text_id).values_list("pk", flat=True)
    )
    return answering.left(windows).readable


def not_yet(proposal: Proposal, at: datetime) -> str:
    """Why nobody can call the text final at the moment; empty where somebody can. For pages: whoever does it asks
    again."""
    windows = FeedbackWindow.objects.filter(proposal=proposal).select_related("phase").order_by()
    return _not_yet(proposal, [(one.phase, at) for one in windows])


def _not_yet(proposal: Proposal, phases: Iterable[tuple[Phase, datetime]]) -> str:
    """The same, with what is known of the phases, each as of a moment."""
    if proposal.state != ProposalState.PUBLISHED:
        return _("Only a published text that has not ended can be called final.")
    if any(phase.cancelled_at is None and at < phase.hard_closes_at for phase, at in phases):
        return _("A feedback window on this text is open, or will be: it cannot be final yet.")
    return ""


@transaction.atomic
def call_final(
    proposal_id: int, *, revision: int, left: int, statements: Mapping[str, str], actor: User, at: datetime
) -> FinalCall:
    """Call a text final, as it stands in its newest revision, which is to be the `revision` that was shown.

    `left` is the number that was shown of what nobody has decided about, also what is held or may still come
    (`Left.to_say`): `Conflict` where there is more or less now. With some left `statements` say in public why,
    {language: text}, one at least. `Refused` for who may not, while the text can still be talked about in a window, and
    once it has ended.
    """
    proposal = Proposal.objects.get(pk=proposal_id)
    allowed, why = may_call_final(as_of_now(actor), proposal.task_force_id)
    if not allowed:
        raise Refused(why)
    # The phases first, as whoever sends something or publishes a window holds them; then nobody adds a window.
    phases = FeedbackWindow.objects.filter(proposal=proposal_id).order_by("phase").values_list("phase", flat=True)
    known = list(phases.distinct())
    passed = [gates.enter_exclusively(phase) for phase in known]
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if list(phases.distinct()) != known:
        raise Conflict(_("Another feedback window was published meanwhile. Look at the page once more."))
    if why := _not_yet(proposal, [(one.phase, one.at) for one in passed]):
        raise Refused(why)
    windows = hold_windows(proposal_id)
    told = _checked(statements)
    counted = answering.left_with_coming(windows, at)
    now = counted.to_say
    if now != left:
        text = _("So many texts are undecided now: %(now)d, not %(shown)d. Look at the page once more.")
        raise Conflict(text % {"now": now, "shown": left})
    if now and not told:
        raise Invalid(_("Say in public why so much is not answered, in one language at least."))
    last = proposal.revisions.order_by("-number").first()
    if last is None or last.number != revision:
        raise Conflict(_("The text has a newer revision now. Look at the page once more."))
    number = FinalCall.objects.filter(proposal=proposal).count() + 1
    made = FinalCall.objects.create(
        proposal=proposal,
        number=number,
        revision=last,
        at=at,
        left=now,
        readable=counted.readable,
        statements=told if now else {},
    )
    log.record(
        "feedback.text-final", proposal, at=at, actor_id=actor.pk, task_force_id=proposal.task_force_id,
        revision=last.number, undecided=now,
    )  # fmt: skip
    return made


def _checked(statements: Mapping[str, str]) -> dict[str, str]:
    ready = {code: clean_text(text, most=STATEMENT_LENGTH) for code, text in statements.items()}
    for code, text in ready.items():
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
        if len(text) > STATEMENT_LENGTH:
            raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": STATEMENT_LENGTH})
    return {code: text for code, text in ready.items() if text}
