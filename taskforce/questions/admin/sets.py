"""Sets of questions on the staff side: the list, a new one, the versions of one, and how readers find them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from taskforce.accounts import places
from taskforce.accounts.models import User
from taskforce.accounts.queries import task_force_ids
from taskforce.core import languages
from taskforce.core.clock import app_now
from taskforce.core.errors import Invalid, PortalError, Refused
from taskforce.core.http import SeeOther
from taskforce.core.side_by_side import SOURCE, chosen_language, own_name
from taskforce.core.templatetags.portal import number
from taskforce.core.templatetags.staff import NOTHING, isolated
from taskforce.questions import drafts, faults, queries, rules, services, uses
from taskforce.questions.admin.drafting import DraftPages
from taskforce.questions.admin.frame import coverage, user_of
from taskforce.questions.admin.shown import as_readers, of_questions
from taskforce.questions.draft_forms import FOR_ALL, NewSetForm
from taskforce.questions.models import QuestionSet, QuestionSetVersion


class _ReadTogether(ChangeList):
    """A page of the list: what its columns show of all its rows, in the same statements however many they are."""

    def get_results(self, request: HttpRequest) -> None:
        """As Django's."""
        super().get_results(request)
        found: list[Any] = list(self.result_list)
        newest = queries.newest_versions([one.pk for one in found])
        ids = [version.pk for version in newest.values()]
        asked, drafted = queries.questions_by_version(ids), queries.drafts_of([one.pk for one in found])
        used = _uses_of_sets([one.pk for one in found])
        names = places.names([one.task_force_id for one in found])
        for one in found:
            version = newest.get(one.pk)
            one.newest, one.draft_now = version, drafted.get(one.pk)
            one.asked = [faults.spec(each) for each in asked.get(version.pk, [])] if version else []
            one.used, one.place = used.get(one.pk, 0), names.get(one.task_force_id)
        self.result_list = found


@admin.register(QuestionSet)
class QuestionSetAdmin(DraftPages):
    """The sets, and a page of each with its versions."""

    list_display = ("slug_shown", "task_force_shown", "newest_shown", "languages_shown", "used_shown", "draft_shown")
    list_per_page = 50
    change_list_template = "admin/questions/sets.html"

    # --- columns -----------------------------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list, which reads at once what all its rows show."""
        return _ReadTogether

    @admin.display(description=gettext_lazy("Short name"), ordering="slug")
    def slug_shown(self, question_set: QuestionSet) -> SafeString:
        """What staff call it."""
        return isolated(question_set.slug)

    @admin.display(description=gettext_lazy("Task force"))
    def task_force_shown(self, question_set: Any) -> SafeString:
        """Whose it is."""
        return places.marked(question_set.place) if question_set.place else isolated(NOTHING)

    @admin.display(description=gettext_lazy("Newest version"))
    def newest_shown(self, question_set: Any) -> str:
        """Its number, and how much it asks."""
        if question_set.newest is None:
            return NOTHING
        return f"{number(question_set.newest.number)} · {_counted(len(question_set.asked))}"

    @admin.display(description=gettext_lazy("Complete languages"))
    def languages_shown(self, question_set: Any) -> str | SafeString:
        """In which ones the newest version says all that it says in any."""
        return _complete(question_set.asked)

    @admin.display(description=gettext_lazy("Used"))
    def used_shown(self, question_set: Any) -> str:
        """How many windows and calls ask it, in any version."""
        return number(question_set.used)

    @admin.display(description=gettext_lazy("Draft"))
    def draft_shown(self, question_set: Any) -> str:
        """Whether the next version is being written."""
        return _("yes") if question_set.draft_now else NOTHING

    # --- pages -------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The pages of drafts and the preview beside the stock addresses."""
        preview = self.admin_site.admin_view(self.preview_view)
        mine = path("<int:set_id>/preview/", preview, name="questions_questionset_preview")
        return [*self.draft_urls(), mine, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new set, of which the first version is drafted next."""
        if not self.has_add_permission(request):
            raise Refused(_("Only coordinators, their deputies and administrators write questions."))
        user = user_of(request)
        offered = _places(user), queries.visible_versions(user)
        start = {"like": request.GET.get("like", ""), "source": get_language()}
        form = NewSetForm(*offered, request.POST if request.method == "POST" else None, start)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                draft = services.begin_set(
                    form.cleaned_data["slug"],
                    task_force_id=form.place(),
                    like=form.begins_with(),
                    source=form.cleaned_data["source"],
                    actor=user,
                    at=app_now(),
                )
            except PortalError as error:
                refusal = error
            else:
                messages.success(request, _("The set is there. Write its questions, then publish them."))
                return SeeOther(self._url("draft", draft.question_set_id))
        return self._page(request, "add", None, title=_("New set of questions"), form=form, refusal=refusal)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The versions of a set and what asks them; the beginning of the next one."""
        question_set = self.get_object(request, object_id)
        allowed, why_not = rules.may(request.user, "questions.edit", question_set, app_now())
        refusal = None
        if request.method == "POST":
            if not allowed:
                raise Refused(why_not)
            try:
                return self._begun(request, question_set)
            except Invalid as error:
                refusal = error
        language = chosen_language(request, "")
        versions = queries.versions_of(question_set)
        ids = [one.pk for one in versions]
        asked, used = queries.questions_by_version(ids), uses.of(ids)
        draft = queries.draft_of(question_set.pk)
        return self._page(
            request,
            "set",
            question_set,
            title=isolated(question_set.slug),
            is_set=True,
            task_force=places.shown(question_set.task_force_id),
            is_for_all=question_set.task_force_id is None,
            versions=[
                _shown_version(one, [faults.spec(each) for each in asked.get(one.pk, [])], used.get(one.pk, []))
                for one in versions
            ],
            draft=draft,
            drafted=_counted(len(drafts.questions(draft.content))) if draft else "",
            language=language,
            language_name=own_name(language) if language else "",
            draft_url=self._url("draft", question_set.pk, language=language),
            may_edit=allowed,
            why_not=why_not,
            refusal=refusal,
        )

    def _begun(self, request: HttpRequest, question_set: QuestionSet) -> HttpResponse:
        if request.POST.get("act") != "begin":
            raise Invalid(_("The page does not know this button."))
        services.begin_version(question_set.pk, actor=user_of(request), at=app_now())
        return SeeOther(self._url("draft", question_set.pk, language=chosen_language(request, "")))

    def preview_view(self, request: HttpRequest, set_id: int) -> HttpResponse:
        """The questions as readers of a language will find them: of the draft, or of a version (`version`)."""
        # Whoever does not find the set is told nothing of how its page is asked for.
        return require_safe(self._preview)(request, self._found(request, set_id))

    def _preview(self, request: HttpRequest, question_set: QuestionSet) -> HttpResponse:
        set_id, language = question_set.pk, chosen_language(request, get_language() or SOURCE)
        version = _version_asked_for(request, question_set)
        draft = queries.draft_of(set_id) if version is None else None
        if draft is not None and rules.may(request.user, "questions.edit", question_set, app_now())[0]:
            specs = drafts.questions(draft.content)
            shown = as_readers(specs, language)
        else:
            version = version or queries.newest_versions([set_id]).get(set_id)
            questions = queries.questions(version) if version else []
            specs, shown = [faults.spec(one) for one in questions], of_questions(questions, language)
            draft = None
        return self._page(
            request,
            "preview",
            question_set,
            title=_("As readers will see it"),
            draft=draft,
            version=version,
            coverage=coverage(specs),
            language=language,
            preview=shown,
        )


def _places(user: User) -> list[tuple[str, str]]:
    """The task forces for which the user may write questions, by number, and all of them together if they may."""
    everywhere, ids = task_force_ids(user, rules.WHO["questions.edit"])
    wanted = places.ids() if everywhere else sorted(ids)
    found = [(str(pk), label.text) for pk, label in places.names(wanted).items()]
    found.sort(key=lambda one: one[1].casefold())
    return [*found, (FOR_ALL, _("All task forces"))] if everywhere else found


def _uses_of_sets(sets: Sequence[int]) -> dict[int, int]:
    """How much asks each set, in any version."""
    by_version = dict(QuestionSetVersion.objects.filter(question_set__in=sets).values_list("pk", "question_set_id"))
    counted: dict[int, int] = {}
    for version_id, found in uses.of(list(by_version)).items():
        counted[by_version[version_id]] = counted.get(by_version[version_id], 0) + len(found)
    return counted


def _counted(count: int) -> str:
    return ngettext("%(count)s question", "%(count)s questions", count) % {"count": number(count)}


def _complete(specs: Sequence[Any]) -> str | SafeString:
    """The languages in which the questions say all, by their own names."""
    complete = [code for code in languages.CODES if drafts.is_complete(specs, code)]
    return format_html_join(" · ", "{}", ((own_name(code),) for code in complete)) if complete else NOTHING


def _shown_version(version: QuestionSetVersion, specs: Sequence[Any], used: Sequence[uses.Use]) -> dict[str, Any]:
    links = ((use.url, places.marked(use.name)) for use in used)
    return {
        "number": version.number,
        "at": version.created_at,
        "counted": _counted(len(specs)),
        "complete": _complete(specs),
        "used": format_html_join(" · ", '<a href="{}">{}</a>', links) if used else "",
        "pk": version.pk,
    }


def _version_asked_for(request: HttpRequest, question_set: QuestionSet) -> QuestionSetVersion | None:
    """The version that the address names; None where it names none."""
    asked = request.GET.get("version", "")
    if not asked:
        return None
    is_number = asked.isascii() and asked.isdecimal() and len(asked) < 9
    found = question_set.versions.filter(number=int(asked)).first() if is_number else None
    if found is None:
        raise Http404
    return found
