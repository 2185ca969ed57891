"""Whatever is asked of a list of the admin: never a 5xx, and no answer about what the list does not show (S7).

The oracle: two questions that differ only in whether they are true of a hidden field must get the same answer.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Field, ForeignKey, Model
from django.test import RequestFactory

from taskforce.accounts.models import User
from tests.architecture.table import ROLES
from tests.architecture.walk import World
from tests.fuzz.caller import Caller, Sent, quoted
from tests.fuzz.places import People, Place
from tests.fuzz.values import IN_ADDRESSES
from tests.sampling import WHOLE, sample

pytestmark = pytest.mark.django_db

TURNS = 12 if WHOLE else 1
LOOKUPS = (
    *("", "exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "regex", "iregex", "in"),
    *(
        "gt",
        "gte",
        "lt",
        "lte",
        "range",
        "isnull",
        "year",
        "date",
        "week_day",
        "hour",
        "len",
        "contained_by",
        "has_key",
    ),
)
# What is true of every row that has the field, and of none: in words, as numbers, as dates.
TRUE = (("regex", "."), ("gte", "0"), ("gte", "0001-01-01"), ("isnull", "False"), ("startswith", ""))
FALSE = (("regex", "^(?!)"), ("lt", "-999999"), ("lt", "0001-01-01"), ("isnull", "True"), ("startswith", "\u4e00~"))
# To what no list offers.
REFUSAL = 400
Callers = Callable[[str], Caller]


def _address(model: type[Model]) -> str:
    return f"/en/admin/{model._meta.app_label}/{model._meta.model_name}/"


def paths_of(model: type[Model], *, depth: int = 2) -> Iterator[str]:
    """Every field of a model, and those of what it points to, as a lookup spells it."""
    for field in model._meta.get_fields():
        if not isinstance(field, Field):
            continue
        # Of the columns of a translated text one stands for all.
        if not hasattr(field, "translated_field") or field.name.endswith("_en"):
            yield field.name
        if isinstance(field, ForeignKey) and depth and field.related_model is not model:
            yield from (f"{field.name}__{name}" for name in paths_of(field.related_model, depth=depth - 1))


def readers(model: type[Model], people: People) -> list[str]:
    """The roles that see a model's list."""
    if model not in people.readers:
        found = (role for role in ROLES if people[role].get(_address(model)).status_code == 200)
        people.readers[model] = list(found)
    return people.readers[model]


ODD = (b"1", b"\x00", b"(", b"2022-02-30", b"\xff", b"9" * 30)
# What Django's lists read from a query and never refuse; every other time with what makes another page of it.
TOGETHER, OTHER_PAGE = ("all", "e", "_facets", "_changelist_filters"), ("all", "_popup")
# What it may refuse.
ALONE = ("p", "_to_field")
# Of those that are refused by their name alone (`test_what_no_list_offers…`): how many a field is asked by.
REFUSED = 1


def offered_by(page: ModelAdmin[Any]) -> set[str]:
    """The names by which a list offers to filter; whatever else is asked is refused by its name alone."""
    filters: list[Any] = list(page.list_filter)
    return {str(getattr(each, "parameter_name", each[0] if isinstance(each, tuple) else each)) for each in filters}


def _lookups(model: type[Model], page: ModelAdmin[Any]) -> Iterator[Sent]:
    """Each field that is offered with each lookup and a value, by turns; the others with some of them.

    What is offered under a name that is no field's (`mine`) too.
    """
    address, offered = _address(model), offered_by(page)
    fields = list(paths_of(model))
    for number, path in enumerate([*fields, *sorted(offered - set(fields))]):
        turns = range(len(LOOKUPS)) if path in offered else range(number * REFUSED, (number + 1) * REFUSED)
        for turn in turns:
            lookup = LOOKUPS[turn % len(LOOKUPS)]
            name = f"{path}__{lookup}" if lookup else path
            yield Sent(f"{address}?{name}={quoted(ODD[(number + turn) % len(ODD)])}", name)


def _questions(model: type[Model], page: ModelAdmin[Any]) -> Iterator[Sent]:
    """The lookups; each value in all that a list reads, but in what it may refuse and in autocompletion each third."""
    yield from _lookups(model, page)
    address = _address(model)
    for number, name in enumerate(ALONE, len(address)):
        for value in IN_ADDRESSES[number % 3 :: 3]:
            yield Sent(f"{address}?{name}={quoted(value.raw)}", f"{name}={value.name}")
    for number, value in enumerate(IN_ADDRESSES):
        raw = quoted(value.raw)
        others = "".join(f"&{name}={raw}" for name in (TOGETHER, OTHER_PAGE)[number % 2])
        yield Sent(f"{address}?q={raw}&o=-1.2.3.{raw}{others}", f"together {value.name}")
        if (number + len(address)) % 3 == 0:
            names = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name=id"
            yield Sent(f"/en/admin/autocomplete/?{names}&term={raw}", f"autocomplete {value.name}")


def test_what_no_list_offers_is_refused_by_its_name(world: World, rf: RequestFactory) -> None:
    """Every lookup of every field, as every reader, before its value is looked at; so not each needs a request."""
    asked, allowed = 0, []
    for user in User.objects.filter(email__in=[f"{role}@demo.example" for role in ROLES]):
        request = rf.get("/en/admin/")
        request.user = user
        for model, page in admin.site._registry.items():
            names = _not_offered(model, page) if page.has_view_permission(request) else []
            asked += len(names)
            allowed += [f"{user.email}: {name}" for name in names if page.lookup_allowed(name, "1", request)]
    assert allowed == []
    assert asked > 10_000


def _not_offered(model: type[Model], page: ModelAdmin[Any]) -> list[str]:
    offered = offered_by(page)
    paths = (path for path in paths_of(model) if path not in offered)
    return [f"{path}__{lookup}" if lookup else path for path in paths for lookup in LOOKUPS]


@pytest.mark.parametrize("turn", range(TURNS))
def test_lookups(turn: int, world: World, people: People, caller: Callers) -> None:
    """Every list of the admin, as somebody who sees it, every field and every lookup."""
    problems: list[str] = []
    Place("", "").arrive()
    for model, page in sample(admin.site._registry.items(), 3, of="lists")[turn::TURNS]:
        role = readers(model, people)[0]
        cases = sample(_questions(model, page), 16, of=f"lookups {model._meta.label}")
        problems += caller(role).problems(cases, f"admin:{model._meta.label_lower}")
    assert problems == []


def _shape(body: bytes) -> str:
    """An answer without what the question itself left in it."""
    html = body.decode(errors="replace")
    html = re.sub(r'(href|action|value|content)="[^"]*"', "", html)
    return re.sub(r"[?&][^\s\"<>]*", "", html)


def oracles(
    model: type[Model], page: ModelAdmin[Any], ask: Callable[[str], tuple[int, bytes]], *, turn: int = 0
) -> list[str]:
    """Fields about which a list answers though it offers no filter by them: what is true gets more than what is not.

    `ask` takes a query and gives the status and the page. In turn 0 each field is asked about in every way, unless the
    first is refused, which goes by the name alone; in the others, for those who see the same list, every third in one.
    """
    offered, pairs = offered_by(page), list(zip(TRUE, FALSE, strict=True))
    found: list[str] = []
    paths = sample((path for path in paths_of(model) if path not in offered), 6, of=f"fields {model._meta.label}")
    for number, path in enumerate(paths):
        if turn and (number + turn) % 3:
            continue
        first = (number + turn) % len(pairs)
        for true, false in (pairs[first:] + pairs[:first])[: len(pairs) if turn == 0 else 1]:
            answers = [ask(f"{path}__{lookup}={quoted(value.encode())}") for lookup, value in (true, false)]
            if _differ(*answers):
                found.append(f"{model._meta.label}: {path}__{true[0]} tells")
            if {status for status, _body in answers} == {REFUSAL}:
                break
    return found


def _differ(one: tuple[int, bytes], other: tuple[int, bytes]) -> bool:
    return one[0] != other[0] or (one[0] == 200 and _shape(one[1]) != _shape(other[1]))


@pytest.mark.parametrize("turn", range(TURNS))
def test_no_list_is_an_oracle(turn: int, world: World, people: People, caller: Callers) -> None:
    """Nobody learns from a list, by a lookup, what it does not show; whoever sees it."""
    found: list[str] = []
    Place("", "").arrive()
    models = sample(admin.site._registry.items(), 1, of="oracles")[turn::TURNS]
    for model, page in models:
        for number, role in enumerate(sample(readers(model, people), 1, of=f"oracles of {model._meta.label}")):
            asker = caller(role)

            def ask(query: str, asker: Caller = asker, model: type[Model] = model) -> tuple[int, bytes]:
                sent = Sent(f"{_address(model)}?{query}", query)
                answer = asker.send(sent)
                asker.books.note(sent, answer, f"admin:{model._meta.label_lower}")
                return answer.status, answer.body

            found += oracles(model, page, ask, turn=number)
    assert found == []


def test_an_oracle_would_be_seen(world: World) -> None:
    """A list that takes any lookup, as Django's takes those of its own fields, is found out by the same questions."""
    model, page = next((model, page) for model, page in admin.site._registry.items() if model.__name__ == "Phase")

    def naive(query: str) -> tuple[int, bytes]:
        name, _, value = query.partition("=")
        try:
            count = model._default_manager.filter(**{name: value}).count()
        except Exception:  # noqa: BLE001 - what cannot be asked is refused
            return 302, b""
        return 200, b"%d rows" % count

    assert oracles(model, page, naive) != []
    assert oracles(model, page, lambda _query: (302, b"")) == []
