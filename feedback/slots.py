"""What feedback adds to the pages of rooms below it: to public ones the same for everybody; to that of a facilitator's
account the way to their work."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_lazy, override

from feedback import answering, browsers, earlier, listing, queries, responses, services, translated
from feedback.describe import closes_soon, when
from feedback.forms.entered import EnterForm, TakeBackForm
from feedback.forms.moderation import AppealForm
from feedback.forms.own import DraftForm
from feedback.forms.publishing import Offered, WindowForm
from feedback.forms.reply import ReplyForm
from feedback.forms.reporting import ReportForm
from feedback.forms.saying import COMMENT, COMMENT_LABEL
from feedback.forms.summary import SummaryTranslationForm
from feedback.forms.table import TableForm
from feedback.forms.translating import TranslationForm
from feedback.models import FeedbackDraft, FeedbackWindow
from feedback.rules import WHO
from feedback.services.finality import unanswered
from feedback.subjects import asked_about
from proposals.current import Page
from proposals.models import Proposal
from proposals.paragraphs import UnitPage
from taskforce.accounts import places
from taskforce.accounts.queries import has_anywhere
from taskforce.accounts.rights import Grant
from taskforce.core import clock, errorpages, languages, slots
from taskforce.core.labels import Label, label
from taskforce.core.together import instances
from taskforce.questions import uses
from taskforce.questions.uses import Use
from taskforce.timeline import describe, offers, subjects, windows
from taskforce.timeline.enums import OVER, Capability, PhaseState
from taskforce.timeline.offers import Offer

WINDOWS = "feedback.windows"
# So much of what was said about a paragraph stands on one page.
_ITEMS = 20
IN_PHASES = Offer(
    Capability.FEEDBACK,
    FeedbackWindow,
    queries.in_phases,
    gettext_lazy("No feedback window belongs to this phase: nobody finds a place to say anything."),
)


def on_proposal(page: Page, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of a text: where to say something about it, or since when that is over."""
    phases = {phase.pk: phase for phase in page.phases}
    found: list[dict[str, Any]] = [
        {
            "window": window,
            "phase": phase,
            "task_force": page.proposal.task_force,
            "state": windows.state(phase, page.at).value,
            "opens_rule": describe.opens_rule(phase),
            "closes_rule": describe.closes_rule(phase),
        }
        for window in map(_read, instances(FeedbackWindow, page.rows[WINDOWS]))
        if (phase := phases.get(window.phase_id))
    ]
    # The first open one is the page's next step, of which there is one; a text that has ended invites nobody.
    opened = [said for said in found if said["state"] == PhaseState.CURRENT.value and not page.proposal.has_ended]
    step = next(iter(opened), None)
    rest = [said for said in found if said is not step]
    # Where several are open its button says of which it is.
    named = step["window"] if step and len(opened) > 1 else None
    context = {"step": step, "named": named, "windows": rest, "at": page.at, "language": language}
    return ("feedback/slot_proposal.html", context) if found else None


def _read(window: Any) -> Any:
    """A window as the statement of the page gives it, with the instant of its summary as one."""
    if window.summary_at:
        window.summary_at = datetime.fromisoformat(window.summary_at)
    return window


def on_paragraph(page: UnitPage, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of a paragraph, whether the text still has it: what everybody may read of what was said about it, and
    where to say something while a window on the text is open and the text has not ended. Five queries at most."""
    phases = {phase.pk: phase for phase in page.phases}
    opened = [one for one in queries.windows_on(page.proposal) if _is_open(phases.get(one.phase_id), page)]
    said = Paginator(queries.said_about(page.unit), _ITEMS).get_page(page.number)
    if not opened and not said:
        return None
    answers = queries.answers_of(list(said))
    context = {
        "task_force": page.proposal.task_force,
        "unit": page.unit,
        "windows": opened,
        # Near the end the page of a window begins with a warning, which nobody is to be led past.
        "closes_soon": any(closes_soon(one.phase.closes_at, page.at) for one in opened),
        "page": said,
        "items": [{"item": item, "answers": answers.get(item.pk, []), "when": when(item)} for item in said],
    }
    return "feedback/slot_paragraph.html", context


def _is_open(phase: Any, page: UnitPage) -> bool:
    return phase is not None and windows.is_open(phase, page.at) and not page.proposal.has_ended


def on_account(user: Any, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of an account: what its owner said in windows that ask for one, each with the way to it."""
    found = [
        {
            "item": item,
            "url": reverse(
                "feedback:mine", args=[item.window.phase.task_force.slug, item.window.slug, services.own_link(item)]
            ),
        }
        for item in earlier.said_by(user.pk)
    ]
    return ("feedback/slot_said.html", {"said": found}) if found else None


def drafts_of_browser(request: HttpRequest, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of an account: what was typed in this browser, by whomever, and not sent; three queries at most."""
    drafts = earlier.all_drafts(browsers.secret_of(request))
    called = listing.called([one.unit_id for one in drafts if one.unit_id], language)
    at = clock.app_now()
    found = [
        {
            "draft": draft,
            "called": called.get(draft.unit_id) if draft.unit_id else None,
            "until": services.kept_until(draft),
            "is_open": windows.is_open(draft.window.phase, at),
            "url": _form_of(draft),
            "discard_url": _form_of(draft, discard=1),
        }
        for draft in drafts
    ]
    return ("feedback/slot_drafts.html", {"drafts": found}) if found else None


def _form_of(draft: FeedbackDraft, **given: Any) -> str:
    window, about = draft.window, {"unit": draft.unit_id} if draft.unit_id else {}
    query = urlencode({**given, **about})
    return reverse("feedback:window", args=[window.phase.task_force.slug, window.slug]) + (f"?{query}" if query else "")


def on_ending(proposal: Proposal, language: str) -> tuple[str, dict[str, Any]] | None:
    """Beside the form that ends a text: which windows on it are open, or will be."""
    at = clock.app_now()
    found = [one for one in queries.windows_on(proposal) if windows.state(one.phase, at) not in OVER]
    left = answering.left(queries.windows_on(proposal)).readable
    context = {"windows": found, "task_force": proposal.task_force, "left": left}
    return ("feedback/slot_ending.html", context) if found or left else None


def uses_of_questions(versions: Collection[int]) -> list[Use]:
    """The windows that ask these versions of questions."""
    found = queries.in_phases().filter(questions_id__in=versions).select_related("phase__task_force").order_by("pk")
    return [
        Use(
            one.questions_id,
            label(one, "title"),
            reverse("feedback:window", args=[one.phase.task_force.slug, one.slug]),
        )
        for one in found
    ]


def ask_in_a_window(user: Any) -> tuple[str, str] | None:
    """The way from published questions to the page of a new window, for who publishes windows."""
    if not has_anywhere(user, WHO["window.publish"]):
        return None
    return gettext("Ask them in a feedback window"), reverse("admin:feedback_feedbackwindow_add")


class ToEnter(NamedTuple):
    """A facilitator's role at one place: what that is called, the language, and the windows, each with its title and
    the page on which something is entered in it."""

    place: SafeString
    code: str
    spoken: str
    windows: list[tuple[SafeString, str, bool]]


def on_facilitator(held: Sequence[Grant], language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of a facilitator's account: the windows in which they enter what was said elsewhere, the newest
    first, each with whether that is over; two queries. None for a role that enters nothing."""
    at = clock.app_now()
    if not all(WHO["feedback.enter"].is_given_by(grant) for grant in held):
        return None
    found = queries.to_enter_in({grant.task_force_id for grant in held})
    called = places.names({grant.task_force_id for grant in held})
    lines = []
    for grant in held:
        own = [one for one in found if grant.task_force_id in (None, one.phase.task_force_id)]
        # Whoever coordinates enters in any: the page is in their own.
        code = grant.language or language
        with override(code):
            urls = [reverse("feedback:enter", args=[one.phase.task_force.slug, one.slug]) for one in own]
        links = [
            (places.marked(label(one, "title", language)), url, windows.is_over(one.phase, at))
            for one, url in zip(own, urls, strict=True)
        ]
        place = places.marked(called.get(grant.task_force_id, Label("", "en")))
        lines.append(ToEnter(place, code, languages.OWN_NAMES[code], links))
    return "feedback/slot_account.html", {"lines": lines}


def labels_of_entering(task_force: str, window: str) -> dict[str, Any]:
    """What the form calls its fields by which something is entered that was said elsewhere."""
    found = queries.window_or_404(task_force, window)
    form = EnterForm(found, at=clock.app_now(), spoken=[], units={})
    return {name: field.label for name, field in form.fields.items()}


def labels_of_correcting(task_force: str, window: str, reference: str) -> dict[str, Any]:
    """The same of the form by which it is corrected."""
    return labels_of_entering(task_force, window)


def labels_of_a_table(task_force: str, window: str) -> dict[str, Any]:
    """The same of the form into which a table is pasted."""
    return {name: field.label for name, field in TableForm.base_fields.items()}


def labels_of_taking_back(task_force: str, window: str, reference: str) -> dict[str, Any]:
    """The same of what is taken back again."""
    return {name: field.label for name, field in TakeBackForm().fields.items()}


def labels(task_force: str, window: str) -> dict[str, Any]:
    """What the form of a window calls its fields, for a page that gives back what was typed there."""
    form = DraftForm(queries.door_or_404(task_force, window), language=get_language() or "en", at=clock.app_now())
    return {COMMENT: COMMENT_LABEL, **{name: field.label for name, field in form.fields.items()}}


def labels_of_a_change(task_force: str, window: str, token: str) -> dict[str, Any]:
    """The same of the form that changes what was said: the link alone says of which item, and its fields are these."""
    return labels(task_force, window)


def labels_of_a_reply(task_force: str, window: str, reference: str) -> dict[str, Any]:
    """The same of the form of a reply."""
    return {name: field.label for name, field in ReplyForm.base_fields.items()}


def labels_of_a_report(task_force: str, window: str, reference: str, reply: str = "") -> dict[str, Any]:
    """The same of the form by which somebody reports what others said."""
    return {name: field.label for name, field in ReportForm.base_fields.items()}


def replies_on_account(user: Any, language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of an account: what its owner replied to what others said."""
    found = list(responses.said_by(user))
    return ("feedback/slot_account_replies.html", {"replies": found}) if found else None


def to_translate(held: Sequence[Grant], language: str) -> tuple[str, dict[str, Any]] | None:
    """On the page of an account: where what was said is translated, for each role in a language that does it."""
    translating = [grant for grant in held if grant.language and WHO["feedback.translate"].is_given_by(grant)]
    found = translated.windows_of({grant.task_force_id for grant in translating})
    ways = [
        (window, languages.OWN_NAMES[grant.language], grant.language, *_in_language(window, grant.language))
        for grant in translating
        for window in found
        if grant.task_force_id in (None, window.phase.task_force_id)
    ]
    return ("feedback/slot_account_translate.html", {"ways": ways}) if ways else None


def _in_language(window: Any, language: str) -> tuple[str, str]:
    """Where what was said is translated into a language, and where its summary is ("": none is written)."""
    place = [window.phase.task_force.slug, window.slug]
    with override(language):
        return reverse("feedback:translate", args=place), (
            reverse("feedback:translate_summary", args=place) if window.has_summary else ""
        )


def labels_of_a_translation(task_force: str, window: str, reference: str) -> dict[str, Any]:
    """What the form of a translation calls its fields."""
    found = queries.window_or_404(task_force, window)
    form = TranslationForm(translated.in_words(listing.item_or_404(found, reference)), get_language() or "en")
    return {name: field.label for name, field in form.fields.items()}


def labels_of_a_summary(task_force: str, window: str) -> dict[str, Any]:
    """The same of the page on which a summary is translated."""
    return {name: field.label for name, field in SummaryTranslationForm(get_language() or "en").fields.items()}


def labels_of_a_new_window() -> dict[str, Any]:
    """The same of the page that publishes a window."""
    return {name: field.label for name, field in WindowForm(Offered([], [], [])).fields.items()}


def labels_of_an_appeal(task_force: str, window: str, token: str) -> dict[str, Any]:
    """The same of the page of an appeal."""
    return {name: field.label for name, field in AppealForm().fields.items()}


def labels_of_an_appeal_for_a_reply(task_force: str, window: str, reference: str, reply: str) -> dict[str, Any]:
    """The same for a reply."""
    return {name: field.label for name, field in AppealForm().fields.items()}


def labels_of_an_appeal_for_others(task_force: str, window: str, reference: str) -> dict[str, Any]:
    """The same for what was entered for others."""
    return {name: field.label for name, field in AppealForm().fields.items()}


# Whose page an error stands on, by the name of its address.
_LABELS: dict[str, Callable[..., dict[str, Any]]] = {
    "feedback:window": labels,
    "feedback:enter": labels_of_entering,
    "feedback:correct": labels_of_correcting,
    "feedback:table": labels_of_a_table,
    "feedback:take_back": labels_of_taking_back,
    "feedback:edit": labels_of_a_change,
    "feedback:appeal": labels_of_an_appeal,
    "feedback:appeal_reply": labels_of_an_appeal_for_a_reply,
    "feedback:appeal_entered": labels_of_an_appeal_for_others,
    "feedback:reply": labels_of_a_reply,
    "feedback:report": labels_of_a_report,
    "feedback:report_reply": labels_of_a_report,
    "feedback:translate_item": labels_of_a_translation,
    "feedback:translate_summary": labels_of_a_summary,
    "admin:feedback_feedbackwindow_add": labels_of_a_new_window,
}


def register() -> None:
    """Fill the places on pages of lower rooms; called once, when the apps are ready."""
    slots.fill("proposal.page", on_proposal, {WINDOWS: queries.on_text})
    slots.fill("proposal.paragraph", on_paragraph)
    slots.fill("proposal.ending", on_ending)
    slots.fill("account.role", on_facilitator)
    slots.fill("account.said", on_account)
    slots.fill("account.said", replies_on_account)
    slots.fill("account.browser", drafts_of_browser)
    slots.fill("account.role", to_translate)
    offers.register(IN_PHASES)
    uses.register(uses_of_questions)
    uses.register_way(ask_in_a_window)
    subjects.register(asked_about, queries.asked_in_phases, unanswered)
    for name, found in _LABELS.items():
        errorpages.register(name, found)
