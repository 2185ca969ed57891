"""Base of the portal's admin pages: read-mostly, nothing deleted, what you may not see is not there."""

from typing import Any
from weakref import WeakKeyDictionary

from django.contrib import admin, messages
from django.db.models import ForeignKey, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst, smart_split
from django.utils.translation import gettext as _

from taskforce.core import staff_columns

# Which sections are listed for a request; gone with it, so that a removed role ends with the next one.
_answers: WeakKeyDictionary[HttpRequest, dict[type[Model], bool]] = WeakKeyDictionary()
# Words that one search looks for: each is a condition of its own, and hundreds would take the database seconds.
MOST_WORDS = 10


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows and changes none: every change is a service that a button calls."""

    actions: Any = None

    # --- what is shown, and how --------------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns, stored values in words."""
        return [staff_columns.shown(self.model, name) for name in super().get_list_display(request)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """The filters under the same labels as the columns."""
        return [staff_columns.filtered(self.model, each) for each in super().get_list_filter(request)]

    def get_list_select_related(self, request: HttpRequest) -> Any:
        """The related rows whose names a list shows, so that a list costs no statement per row."""
        given = super().get_list_select_related(request)
        fields = {name: staff_columns.field_of(self.model, name) for name in self.list_display}
        return given or [name for name, field in fields.items() if isinstance(field, ForeignKey)] or False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The lines of one row's page, stored values in words; related rows are links where their page is open."""

        def link(related: Model) -> str:
            return self._address(request, related)

        return [staff_columns.shown(self.model, name, link) for name in super().get_fields(request, obj)]

    def _address(self, request: HttpRequest, related: Model) -> str:
        """The page of a related row, or "" where the reader would find none."""
        known = self.admin_site._registry.get(type(related))
        if known is None or not known.has_view_permission(request, related):
            return ""
        return reverse(f"admin:{related._meta.app_label}_{related._meta.model_name}_change", args=[related.pk])

    # --- pages -------------------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, called by what it lists."""
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As Django's, for the first words only; the page says so where there are more."""
        words = list(smart_split(search_term))
        if len(words) > MOST_WORDS:
            said = _("A search looks for %(number)s words at most; it was done for the first ones.")
            messages.warning(request, said % {"number": MOST_WORDS})
        return super().get_search_results(request, queryset, " ".join(words[:MOST_WORDS]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One row's page, called by the name that people know it by."""
        if context.get("original") is not None:
            context["title"] = context["original_name"] = staff_columns.name_of(context["original"])
            context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own history knows only its own forms, which change nothing here: there is no such page."""
        raise Http404

    # --- who may -----------------------------------------------------------------------------------------------------

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that the page offers: any other lookup could ask for a hidden field letter by letter."""
        offered = self.get_list_filter(request) if request else self.list_filter
        fields = (each[0] if isinstance(each, tuple) else each for each in offered)
        names = {getattr(each, "parameter_name", each) for each in fields}
        return lookup.removesuffix("__exact").removesuffix("__isnull") in names

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """What the user may not see is not there: 404, as everywhere. Rows are found by their key, never by a field."""
        found = super().get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are changed by services."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted in the admin."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Subclasses narrow this by their `rules.py`."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The section is listed for those who may see anything in it; asked again and again, answered once a page."""
        answers = _answers.setdefault(request, {})
        if self.model not in answers:
            answers[self.model] = self.has_view_permission(request)
        return answers[self.model]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """As Django's, without asking once more who may see the section."""
        return {
            "add": self.has_add_permission(request),
            "change": self.has_change_permission(request),
            "delete": self.has_delete_permission(request),
            "view": self.has_module_permission(request),
        }
