"""Relations between models: like imports they point downward only, also where a string hides them from a linter."""

from collections.abc import Iterable

from django.db.models import Model

from tests.architecture.reading import PACKAGES

# DESIGN 3, from the lowest floor up. Relations between models follow the same order as imports.
FLOORS = (
    ("core",),
    ("audit",),
    ("limits",),
    ("notifications",),
    ("accounts",),
    ("questions",),
    ("timeline",),
    ("announcements",),
    ("proposals", "recruitment"),
    ("feedback",),
    ("portal",),
)
_FLOOR = {label: height for height, labels in enumerate(FLOORS) for label in labels}


def points_up(label: str, target: str) -> bool:
    """Whether a relation from app `label` to app `target` leaves its own app for the same floor or a higher one."""
    if label == target or target not in _FLOOR or label not in _FLOOR:
        return False
    return _FLOOR[target] >= _FLOOR[label]


def relations_upward(models: Iterable[type[Model]]) -> list[str]:
    """Every relation of these models that points up, and every model of ours whose app stands on no floor."""
    found = []
    for model in models:
        label = model._meta.app_label
        if model.__module__.split(".")[0] in PACKAGES and label not in _FLOOR:
            found.append(f"{model._meta.label} stands on no floor")
        found += [
            f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
            for field in model._meta.get_fields()
            if field.is_relation
            and not field.auto_created
            and field.related_model
            and points_up(label, field.related_model._meta.app_label)
        ]
    return found
