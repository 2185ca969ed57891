"""The page that publishes a feedback window: what it binds and says, how that stands in each language, and the act."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from feedback import queries, readiness, services
from feedback.admin.readers import ForReaders
from feedback.enums import Participation
from feedback.forms.publishing import Offered, WindowForm
from feedback.models import FeedbackWindow
from feedback.rules import WHO
from proposals.models import Proposal
from proposals.queries import titled
from taskforce.accounts import signed_out
from taskforce.accounts.models import User
from taskforce.accounts.queries import has_anywhere, task_force_ids
from taskforce.core import errorpages, labels, languages, markdown
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, PortalError, Refused
from taskforce.core.middleware import refusal_page
from taskforce.core.side_by_side import own_name
from taskforce.core.templatetags.portal import Problem, percent
from taskforce.core.templatetags.staff import sentence
from taskforce.core.text import digest
from taskforce.questions.queries import questions, versions
from taskforce.timeline import describe, windows
from taskforce.timeline.describe import in_language

_PAGE = "admin:feedback_feedbackwindow_add"
# So many characters of it are kept for whoever must sign in again: more than every field in every language takes.
_MOST_KEPT = 100_000
# Those of its fields that are not asked in each language.
_NOT_IN_LANGUAGES = ("phase", "text", "questions", "slug", "participation", "is_read_first", "override")


class PublishPages(ForReaders):
    """Publish a window: ask, show how it stands, and only then do it. There is no draft of one."""

    def get_urls(self) -> list[URLPattern]:
        """Django's, but for the page on which much is typed: what an ended session sends there is kept."""
        name = _PAGE.partition(":")[2]
        others = [one for one in super().get_urls() if one.name != name]
        return [path("add/", self._add_or_sign_in, name=name), *others]

    def _add_or_sign_in(self, request: HttpRequest) -> HttpResponse:
        is_outside = request.user.is_authenticated and not getattr(request.user, "is_staff", False)
        if is_outside and (typed := _given_back(request)):
            return refusal_page(request, _not_theirs(), typed)
        if request.method == "POST" and not is_outside and not self.admin_site.has_permission(request):
            fields = [name for name in request.POST if _is_typed(name)]
            return signed_out.to_sign_in(request, _PAGE, fields, most=_MOST_KEPT, way_in="admin:login")
        return self.admin_site.admin_view(self.add_view)(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who publishes windows of some task force."""
        return has_anywhere(request.user, WHO["window.publish"])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for all of it, show it in each language with what is missing, and publish it once that is confirmed."""
        typed = signed_out.find_to_copy(request, _PAGE) if request.method != "POST" else {}
        if not self.has_add_permission(request):
            # Also what they had typed when their sign-in ended, if their role has ended since.
            return refusal_page(request, _not_theirs(), errorpages.kept(request, typed) if typed else None)
        if request.method == "POST":
            signed_out.sent_again(request, _PAGE, fields=[*request.POST, *_NOT_IN_LANGUAGES])
        at, user = app_now(), request.user
        assert isinstance(user, User)  # noqa: S101 - the admin site has let only staff in
        offered = _offered(user, at)
        form = WindowForm(offered, request.POST if request.method == "POST" else typed or None)
        if typed:
            signed_out.tell_back(request)
        shown: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            shown = _preview(form, at)
            if _is_to_be_published(request, form, shown):
                try:
                    window = services.open_window(
                        form.wanted(), actor=user, override=form.cleaned_data["override"], gate=shown["gate"]
                    )
                except PortalError as error:
                    shown |= _refused(form, error)
                else:
                    return self._done(request, window)
        return self._window_page(request, form, shown, _lacks(offered))

    def _window_page(
        self, request: HttpRequest, form: WindowForm, shown: dict[str, Any], lacks: list[str]
    ) -> HttpResponse:
        refusal = shown.get("refusal")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish a feedback window"),
            "opts": self.opts,
            # What was typed stays, whatever has gone meanwhile.
            "form": form if form.is_bound or not lacks else None,
            "lacks": lacks,
            "shown": shown,
            "refusal": refusal,
        }
        return TemplateResponse(
            request, "feedback/admin_publish.html", context, status=refusal.status if refusal else 200
        )

    def _done(self, request: HttpRequest, window: FeedbackWindow) -> HttpResponse:
        address = reverse("feedback:window", args=[window.phase.task_force.slug, window.slug])
        said = _("The feedback window is published.")
        messages.success(request, format_html('{} <a href="{}">{}</a>', said, address, _("Its page")))
        return HttpResponseRedirect(reverse("admin:feedback_feedbackwindow_changelist"))


def _given_back(request: HttpRequest) -> list[errorpages.Typed]:
    """What somebody typed here whose role has ended wholly, now or before their sign-in ended; of the staff side they
    see nothing else."""
    if request.method == "POST":
        is_own = signed_out.whose(request) == str(request.user.pk)
        return errorpages.typed_before_refusal(request) if is_own else []
    return errorpages.kept(request, signed_out.find_to_copy(request, _PAGE))


def _not_theirs() -> Refused:
    return Refused(_("Only coordinators, their deputies and administrators publish a feedback window."))


def _is_typed(name: str) -> bool:
    """Whether this is a field in which somebody types or chooses; not what they were shown and have confirmed."""
    return name in _NOT_IN_LANGUAGES or name.startswith(("title-", "introduction-", "terms-"))


def _offered(user: User, at: datetime) -> Offered:
    """What the user may bind."""
    found = titled(queries.texts_to_ask_about(user), get_language() or "en")
    everywhere, ids = task_force_ids(user, WHO["window.publish"])
    return Offered(queries.phases_to_ask_in(user, at), found, versions(None if everywhere else ids))


def _lacks(offered: Offered) -> list[str]:
    """Of what a window needs, that of which there is none."""
    return [name for name, found in zip(Offered._fields, offered, strict=True) if not found]


def _preview(form: WindowForm, at: datetime) -> dict[str, Any]:
    """How the window of a valid form stands."""
    phase, text = form.chosen_phase(), form.chosen_text()
    assert phase is not None  # noqa: S101 - the form is valid
    assert text is not None  # noqa: S101 - as above
    asked = questions(form.cleaned_data["questions"])
    titles, introductions, terms = form.titles(), form.introductions(), form.terms()
    ready = readiness.of(text.proposal, asked, titles, introductions)
    set_url = _set_url(form)
    return {
        "phase": phase,
        "is_open": windows.is_open(phase, at),
        "opens_rule": describe.opens_rule(phase),
        "closes_rule": describe.closes_rule(phase),
        "text": in_language(text.title.text or text.proposal.slug, text.title.language),
        "questions": [in_language(*labels.label(one, "label")) for one in asked],
        "says": [
            {
                "code": code,
                "name": name,
                "title": titles.get(code, ""),
                "introduction": markdown.render(introductions.get(code, "")),
                "terms": markdown.render(terms.get(code, "")),
            }
            for code, name in languages.OWN_NAMES.items()
            if code in titles or code in introductions or code in terms
        ],
        "languages": [
            {"code": one.code, "name": languages.OWN_NAMES[one.code], "lines": _lacking(one)} for one in ready.languages
        ],
        "wanted": [_aim(text.proposal, one, set_url) for one in ready.wanted],
        "set_url": set_url,
        "broken": ready.broken,
        "is_moderated": ready.is_moderated,
        "needs_reason": ready.needs_reason,
        "refusing": [_aim(text.proposal, one, set_url) for one in ready.refusing],
        "noted": [_aim(text.proposal, one, set_url) for one in ready.short if not one.refuses],
        "participation": Participation(form.cleaned_data["participation"]).label,
        "is_read_first": form.cleaned_data["is_read_first"],
        "beside": queries.windows_in(phase),
        "gate": ready.gate(),
        "seen": digest([asdict(form.wanted()), ready.gate()]),
        "unconfirmed": [],
    }


def _lacking(one: readiness.InLanguage) -> list[SafeString | str]:
    """What readers of a language find in another one."""
    found: list[SafeString | str] = []
    if not one.has_title:
        found.append(sentence(_("No title: its readers get the one in %(language)s"), language=own_name(one.instead)))
    if one.has_introduction is False:
        found.append(_("No introduction"))
    if one.questions_missing:
        found.append(readiness.questions_missing(one.questions_missing))
    if one.percent < 100:
        found.append(sentence(_("%(percent)s of the text about which it asks"), percent=percent(one.percent)))
    return found


def _translate_url(text: Proposal, code: str) -> str:
    """Where the text is translated into a language: on pages in it."""
    with override(code):
        return reverse("proposals:translate", args=[text.task_force.slug, text.slug])


def _set_url(form: WindowForm) -> str:
    """Where the set of the chosen questions has its page."""
    chosen = form.cleaned_data["questions"]
    version = next(one for one in form.offered.versions if one.pk == chosen)
    return reverse("admin:questions_questionset_change", args=[version.question_set_id])


def _aim(text: Proposal, one: readiness.InLanguage, set_url: str) -> dict[str, Any]:
    """What is wanted in a language, why, and what is reached of it."""
    assert one.goal is not None  # noqa: S101 - only of those in which it is wanted
    return {
        "code": one.code,
        "name": languages.OWN_NAMES[one.code],
        "reach": _("%(reached)s of %(wanted)s")
        % {"reached": percent(one.percent), "wanted": percent(one.goal.percent)},
        "lacks": one.lacks(),
        "translate_url": _translate_url(text, one.code),
        "is_text_short": one.is_text_short,
        "questions_missing": one.questions_missing,
        "questions_url": f"{set_url}?language={one.code}",
        "reason": one.goal.reason,
        "is_short": one.is_short,
        "refuses": one.refuses,
    }


def _is_to_be_published(request: HttpRequest, form: WindowForm, shown: dict[str, Any]) -> bool:
    """Whether exactly this was shown before, is confirmed, and has its reason where it needs one; else what is still
    to be done is said in `shown` and at its field."""
    before = form.cleaned_data["seen"]
    if not before or "again" in request.POST or before != shown["seen"]:
        shown["is_other"] = bool(before) and "again" not in request.POST
        if queries.window_called(shown["phase"].task_force_id, form.cleaned_data["slug"]):
            form.add_error("slug", _("This task force already has a feedback window with this address."))
        return False
    if not request.POST.get("confirmed"):
        said = _("Tick it to confirm, or leave the page: then nothing changes.")
        shown["unconfirmed"] = [Problem("id_confirmed", _("The box at the end of the page"), said)]
    if shown["broken"]:
        form.add_error("questions", _("One of these questions cannot be answered: choose other ones."))
    if shown["refusing"] and not form.reason():
        form.add_error("override", _("Say why the window is published although less is translated than is wanted."))
    elif shown["needs_reason"] and not form.reason():
        form.add_error("override", _("Say why the window is published although nobody of the task force moderates."))
    return not shown["unconfirmed"] and not form.errors


def _refused(form: WindowForm, error: PortalError) -> dict[str, Any]:
    """The refusal, and with a conflict the window that has the address already."""
    phase = form.chosen_phase()
    taken = queries.window_called(phase.task_force_id, form.cleaned_data["slug"]) if phase else None
    return {"refusal": error, "taken": taken if isinstance(error, Conflict) else None}
