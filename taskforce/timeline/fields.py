"""Form fields about task forces."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from taskforce.core.labels import label
from taskforce.timeline.models import TaskForce


class TaskForceField(forms.ModelChoiceField):  # type: ignore[type-arg] # the stubs' class takes no parameter at run time
    """One of some task forces, which its form names with `offer_task_forces`."""

    def __init__(self) -> None:
        super().__init__(TaskForce.objects.none(), label=gettext_lazy("Task force"))

    def label_from_instance(self, obj: TaskForce) -> str:
        """The name by the reader's chain."""
        return label(obj, "name").text


def offer_task_forces(form: forms.Form, task_forces: QuerySet[TaskForce]) -> None:
    """Let the form's `task_force` be one of these; the only one is chosen already."""
    field = form.fields["task_force"]
    assert isinstance(field, TaskForceField)  # noqa: S101 - declared so by each form that asks
    field.queryset = task_forces
    only = task_forces[:2]
    if len(only) == 1:
        field.initial = only[0].pk
