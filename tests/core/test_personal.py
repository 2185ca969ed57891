"""Every field of every model, and every table without one, is on the map of personal data or declared impersonal."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils.functional import Promise

from taskforce.accounts.enums import Role
from taskforce.core import personal

# Tables of machinery that no model is about; the cache has a row of the map.
_MACHINERY = {"django_migrations"}


def undeclared(models_: Iterable[type[models.Model]]) -> list[str]:
    """Fields that are neither on the map nor declared impersonal, and models that nothing speaks of."""
    found = []
    for model in models_:
        label = model._meta.label
        if label in personal.unused_models():
            continue
        known = personal.mapped(label) | personal.impersonal_fields(label)
        found += [f"{label}.{name}" for name in _names(model) if name not in known]
    return found


def _names(model: type[models.Model]) -> list[str]:
    """The fields with columns of their own; of a translated one the name without language."""
    concrete = (*model._meta.concrete_fields, *model._meta.local_many_to_many)
    return [field.name for field in concrete if not hasattr(field, "translated_field")]


def test_every_field_is_declared() -> None:
    """A new field is red until somebody has thought about whom it tells of."""
    assert undeclared(apps.get_models(include_auto_created=True)) == [], (
        "register each in personal_data.py of its app, or say there that it is `impersonal` (docs/house.md, *a field "
        "that says something about a person*)"
    )


def test_a_new_field_is_red() -> None:
    """A field that nobody speaks of is found, and no other."""

    class Feeling(models.Model):
        mood = models.TextField()

        class Meta:
            app_label = "core"
            managed = False

        def __str__(self) -> str:
            return "a feeling"

    personal.impersonal("core.Feeling", "id")
    try:
        assert undeclared([Feeling]) == ["core.Feeling.mood"]
        personal.impersonal("core.Feeling", "mood")
        assert undeclared([Feeling]) == []
    finally:
        del personal._impersonal["core.Feeling"]
        del apps.all_models["core"]["feeling"]
        apps.clear_cache()


def test_nothing_is_declared_that_is_not_there() -> None:
    """A field that is gone, or was never there, is not on the map; none is on it and impersonal at once."""
    there = {model._meta.label: set(_names(model)) for model in apps.get_models(include_auto_created=True)}
    there |= {"cache_default": {"cache_key", "value", "expires"}}
    declared = {
        (model, name)
        for model in personal.declared_models()
        for name in personal.mapped(model) | personal.impersonal_fields(model)
    }
    assert sorted(pair for pair in declared if pair[1] not in there.get(pair[0], set())) == []
    both = [(model, personal.mapped(model) & personal.impersonal_fields(model)) for model in there]
    assert [pair for pair in both if pair[1]] == []


@pytest.mark.django_db
def test_every_table_is_declared() -> None:
    """Tables that no model is about (the cache) are on the map by their name."""
    of_models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert tables - of_models - _MACHINERY == {"cache_default"}
    assert personal.mapped("cache_default") == {"cache_key", "value", "expires"}


def test_the_map_speaks_to_people_in_their_language() -> None:
    """Every purpose, name and term is a text for later; readers are roles, the person or everybody."""
    for row in personal.rows():
        texts = (row.purpose.title, row.purpose.why, row.what, row.kept)
        assert all(isinstance(text, Promise) for text in texts), row
        assert row.readers <= {*Role.values, personal.ONESELF, personal.ANYBODY}
        assert bool(row.readers) is bool(row.places), f"{row.model} {row.fields}: readers and places go together"


def test_every_app_has_its_part() -> None:
    """Each of our apps says what it keeps, in a module or a package of its own."""
    own = [config for config in apps.get_app_configs() if config.models_module]
    ours = [config for config in own if "site-packages" not in config.path]
    kept = ("personal_data.py", "personal_data/__init__.py")
    assert [one.name for one in ours if not any((Path(one.path) / place).exists() for place in kept)] == []
