"""A post that does not send every field of the form, as programs do: what it leaves out stays as it is stored."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from django import forms
from django.http import QueryDict

from recruitment import groups, queries
from recruitment.enums import Group
from recruitment.forms.applying import ApplicationForm
from recruitment.services import Draft
from taskforce.accounts.models import User
from taskforce.questions.fields import SeveralChoices


class Whole(NamedTuple):
    """What came, with what is stored of the fields that did not come; of each group that does not say on what it was
    typed the version that is stored; and what came alone, where that is something else."""

    posted: QueryDict
    read: dict[Group, int]
    came: dict[Group, dict[str, list[str]]] | None

    def of(self, draft: Draft) -> Draft:
        """What the whole form says, as what came with this post."""
        came = None if self.came is None else {group: self.came[group] for group in draft.typed}
        return replace(draft, came=came, read=self.read)


def completed(
    form: ApplicationForm, user: User, posted: QueryDict, only: Sequence[Group] | None = None
) -> tuple[ApplicationForm, Whole]:
    """The form of a post as if that had come whole, and what that is; of all groups that were sent, or `only` of these.

    A browser sends each field of a text, and says with a version on what each group was typed: then a box or a choice
    that did not come is one that nobody has ticked. Without the version, whoever sent it knows nothing of what is
    stored there, and changes what they send. Nothing is read where all is there.
    """
    sent = form.groups_sent() if only is None else only
    blind = [group for group in sent if groups.version_name(group) not in posted]
    texts = {name for name, field in form.fields.items() if name not in posted and _is_text(field)}
    lacking = {name for name in texts if groups.group_of(name) in sent}
    if not blind and not lacking:
        return form, Whole(posted, {}, None)
    mine = queries.with_groups(queries.live(form.call, user)).first()
    typed = queries.typed(mine) if mine is not None else queries.begun(user)
    made = posted.copy()
    for group in sent:
        for name, values in typed[group].items():
            if name not in posted and (group in blind or name in lacking):
                made.setlist(name, list(values))
    versions = {group: queries.row_of(mine, group).version if mine is not None else 0 for group in blind}
    return form.again(made), Whole(made, versions, form.typed_fields())


def _is_text(field: forms.Field) -> bool:
    return not isinstance(field, forms.ChoiceField | forms.BooleanField | SeveralChoices)
