"""The audit log on the staff side: searched, never changed; each look at it is an entry too."""

from collections import defaultdict
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.audit.watching import WatchedAdmin
from taskforce.core import staff_columns
from taskforce.core.clock import app_now
from taskforce.core.staff import ReadOnlyAdmin
from taskforce.core.templatetags.portal import translated
from taskforce.core.templatetags.staff import isolated
from taskforce.core.templatetags.staff import person as person_name
from taskforce.portal import audit_details, audit_words, auditing
from taskforce.portal.audit_details import Known, Target
from taskforce.portal.audit_forms import AddressForm, AuditForm
from taskforce.timeline.models import Phase, TaskForce

# Rows of the log and of sessions have no page; all others may be asked for.
_KINDS_WITHOUT = frozenset({"audit.entry"})


_PERSON = User._meta.label_lower


class Shown(NamedTuple):
    """An entry in words; `target_url` is "" where the reader finds no page of it."""

    entry: Entry
    action: str
    actor: str
    actor_query: str
    task_force: SafeString | str
    target: SafeString | str
    target_url: str
    target_query: str
    particulars: list[tuple[str, Any]]


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """One page: the form of the search, and the entries that it finds."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whoever may read any entry; the search is the gate for each."""
        return auditing.reads_anything(request.user)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """An entry says everything in the list: there is no page of one."""
        raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The entries, newest first; the look itself is written down before anything is shown.

        Posted is the address of an account, by whoever may look one up: it stands in no address of a page.
        """
        if request.method == "POST" and auditing.may_look_up(request.user):
            return self._look_up(request)
        return require_safe(self._page)(request)

    def _look_up(self, request: HttpRequest) -> HttpResponse:
        """On to the entries about an account, by its number. That it was asked is written before there is an answer."""
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        log.record_read("address.read", at=app_now(), actor_id=request.user.pk)
        person = auditing.looked_up(request.user, form.cleaned_data["address"])
        if person is None:
            form.add_error("address", _("No account has confirmed this address."))
            return self._page(request, form)
        log.record_read("account.read", person, at=app_now(), actor_id=request.user.pk)
        return HttpResponseRedirect(f"{_list()}?{urlencode({'person': f'#{person.pk}'})}")

    def _page(self, request: HttpRequest, address_form: AddressForm | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            return self._refused(request)
        held = _with_address(request)
        if held:
            return _without_address(request, held)
        task_forces = list(TaskForce.objects.order_by("-pk"))
        form = AuditForm(request.GET, task_forces, _kinds(self.admin_site))
        asked = form.asked()
        found = auditing.search(request.user, asked)
        names = {one.pk: translated(one, "name") for one in task_forces}
        log.record_read(
            "audit.listed",
            at=app_now(),
            actor_id=request.user.pk,
            task_force_id=asked.task_force_id,
            count=len(found.entries),
            asked=form.used,
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Audit log"),
            "opts": self.opts,
            "form": form,
            "address_form": address_form or (AddressForm() if auditing.may_look_up(request.user) else None),
            "rows": self._rows(request, found.entries, names),
            "older": _query(request, before=found.older) if found.older else "",
            "newest": _query(request, before=None) if asked.before else "",
        }
        return TemplateResponse(request, "admin/audit/entries.html", context, status=400 if address_form else 200)

    def _refused(self, request: HttpRequest) -> HttpResponse:
        """Django's own answer to who has no such list."""
        return super().changelist_view(request)

    def _rows(self, request: HttpRequest, entries: list[Entry], task_forces: dict[int, SafeString]) -> list[Shown]:
        said = [entry for entry in entries if not audit_words.is_closed(entry.action)]
        ids = {entry.target_id for entry in said if entry.target_type == Phase._meta.label_lower}
        known = Known(
            auditing.names({entry.actor_id for entry in entries} | _persons(entries) | audit_details.people(said)),
            self._targets(request, entries, audit_details.rows(said)),
            Phase.objects.in_bulk([pk for pk in ids if pk is not None]),
        )
        return [self._row(request, entry, known, task_forces) for entry in entries]

    def _row(
        self,
        request: HttpRequest,
        entry: Entry,
        known: Known,
        task_forces: dict[int, SafeString],
    ) -> Shown:
        actor = audit_words.nobody(entry.action)
        actor_query = ""
        if entry.actor_id is not None and auditing.sees_whose(request.user, entry):
            actor, actor_query = known.people[entry.actor_id], urlencode({"person": f"#{entry.actor_id}"})
        elif entry.actor_id is not None:
            actor = _("somebody for themselves")
        kind, number = entry.target_type, entry.target_id
        is_named = bool(kind) and number is not None and not auditing.hides_which(request.user, entry)
        target, url = known.rows.get((kind, number or 0), ("", "")) if is_named else ("", "")
        if is_named and kind == _PERSON:
            target = person_name(known.people[number or 0])
        return Shown(
            entry,
            audit_words.action(entry.action),
            actor,
            actor_query,
            task_forces.get(entry.task_force_id or 0, ""),
            target or (f"{audit_words.kind(kind)} {number}" if is_named else ""),
            url,
            urlencode({"kind": kind, "number": number}) if is_named else "",
            audit_details.shown(entry, known),
        )

    def _targets(
        self, request: HttpRequest, entries: list[Entry], also: set[Target]
    ) -> dict[Target, tuple[SafeString, str]]:
        """{(model, id): (name, page)} of what the reader may see, one statement a model: through its own admin.

        Of what the entries are about, and of what their details name `also`.
        """
        wanted: dict[str, set[int]] = defaultdict(set)
        about = {(entry.target_type, entry.target_id) for entry in entries if entry.target_id is not None}
        for label, pk in about | also:
            wanted[label].add(pk)
        found: dict[Target, tuple[SafeString, str]] = {}
        for model, page in self.admin_site._registry.items():
            label = model._meta.label_lower
            if label in wanted and isinstance(page, ReadOnlyAdmin) and page.has_view_permission(request):
                rows = page.get_queryset(request).filter(pk__in=wanted[label])
                found |= {(label, row.pk): _link(page, row) for row in rows}
        return found | auditing.texts(about | also)


def _persons(entries: list[Entry]) -> set[int | None]:
    """The accounts that entries are about."""
    return {entry.target_id for entry in entries if entry.target_type == _PERSON}


def _list() -> str:
    return reverse("admin:audit_entry_changelist")


def _with_address(request: HttpRequest) -> list[str]:
    """The names of what is asked here that hold an address, in any of their values or themselves."""
    return [name for name, values in request.GET.lists() if any("@" in text for text in (name, *values))]


def _without_address(request: HttpRequest, held: list[str]) -> HttpResponse:
    """The same search without the address that was typed for a name, which no further page then holds."""
    messages.warning(request, _("People are found here by a name or a number, not by an address."))
    given = request.GET.copy()
    for name in held:
        del given[name]
    return HttpResponseRedirect(f"{_list()}?{given.urlencode()}" if given else _list())


def _link(page: ReadOnlyAdmin, row: Model) -> tuple[SafeString, str]:
    """Name and page of a row; what is looked at under watch is named there only, here by its number."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    if isinstance(page, WatchedAdmin):
        return isolated(f"{audit_words.kind(row._meta.label_lower)} {row.pk}"), address
    return staff_columns.name_of(row), address


def _kinds(site: admin.AdminSite) -> list[str]:
    """The models that an entry can be about, as far as staff have pages of them."""
    return [label for label in (model._meta.label_lower for model in site._registry) if label not in _KINDS_WITHOUT]


def _query(request: HttpRequest, *, before: int | None) -> str:
    """This search from another entry on."""
    given = request.GET.copy()
    given.pop("before", None)
    if before is not None:
        given["before"] = str(before)
    return f"?{given.urlencode()}"
