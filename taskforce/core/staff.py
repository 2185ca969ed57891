"""Base of the portal's admin pages: read-mostly, nothing deleted, what you may not see is not there."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows and changes none: every change is a service that a button calls."""

    actions = None

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the filters that the page offers: any other lookup could ask for a hidden field letter by letter."""
        offered = self.get_list_filter(request) if request else self.list_filter
        names = {getattr(each, "parameter_name", each) for each in offered}
        return lookup.removesuffix("__exact").removesuffix("__isnull") in names

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """What the user may not see is not there: 404, as everywhere."""
        found = super().get_object(request, object_id, from_field)
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
        """The section is listed for those who may see anything in it."""
        return self.has_view_permission(request)
