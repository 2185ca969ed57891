"""A task force gets another name, and another address if that is wanted: openly, and the old address leads on."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, labels, languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, digest
from taskforce.timeline import rules
from taskforce.timeline.models import Rename, TaskForce
from taskforce.timeline.queries import renaming as queries
from taskforce.timeline.services.rows import check_labels, hold


@transaction.atomic
def rename(
    task_force_id: int,
    *,
    names: dict[str, str],
    slug: str = "",
    reason: str,
    reason_language: str = "en",
    actor: User,
    expected: str | None = None,
) -> Rename:
    """Call a task force `names` from now on, {language: name}; "" takes a language's name away, others stay.

    `slug` "": the address stays. `expected` is what `names_seen` said when the form was shown. `Refused` without the
    role, `Conflict` for another name meanwhile or an address that is or was another's, `Invalid` for a bad address or
    name, without a name, without a change, or without a reason.
    """
    task_force = hold(task_force_id)
    allowed, why = rules.entitled(actor, "task-force.rename", task_force)
    if not allowed:
        raise Refused(why)
    if expected not in (None, names_seen(task_force)):
        raise Conflict(_("Somebody has renamed it meanwhile. Look at what it is called now, and send it again."))
    made = _planned(task_force, names, slug or task_force.slug)
    made.reason = rules.checked_reason(reason, reason_language, _("Say why the name changes; everybody will read it."))
    made.reason_language, made.actor_id, made.actor_name = reason_language, actor.pk, actor.name
    made.at = clock.app_now()
    _write(task_force, made)
    log.record(
        "task-force.renamed",
        task_force,
        at=made.at,
        actor_id=actor.pk,
        task_force_id=task_force_id,
        reason=made.reason,
        languages=sorted(code for code in languages.CODES if made.old_names.get(code) != made.new_names.get(code)),
        old_slug=made.old_slug,
        slug=made.new_slug,
    )
    return made


def names_seen(task_force: TaskForce) -> str:
    """All names and the address of a task force, as a digest to send back with what was shown of them."""
    return digest([task_force.slug, sorted(labels.stored(task_force, "name").items())])


def _planned(task_force: TaskForce, names: dict[str, str], slug: str) -> Rename:
    """The renaming without its reason; checked."""
    before = labels.stored(task_force, "name")
    wanted = {code: clean_name(name, most=rules.NAME_LENGTH) for code, name in names.items()}
    if unknown := [code for code in wanted if not languages.is_offered(code)]:
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": unknown[0]})
    if any(len(name) > rules.NAME_LENGTH for name in wanted.values()):
        raise Invalid(_("The name is too long: at most %(count)d characters.") % {"count": rules.NAME_LENGTH})
    after = {code: name for code, name in (before | wanted).items() if name}
    check_labels(slug, after)
    if after == before and slug == task_force.slug:
        raise Invalid(_("Neither a name nor the address differs from what it is now."))
    owner = queries.owner_of(slug)
    if owner not in (None, task_force):
        raise Conflict(slug_is_anothers(slug))
    return Rename(task_force=task_force, old_slug=task_force.slug, new_slug=slug, old_names=before, new_names=after)


def slug_is_anothers(slug: str) -> str:
    """Why an address cannot be had: it leads to another task force, or did once, and links to it must stay true."""
    return _("The address “%(slug)s” is that of another task force, or was once: it leads there for ever.") % {
        "slug": slug
    }


def _write(task_force: TaskForce, made: Rename) -> None:
    """Both rows in a savepoint: whoever took the address at the same moment becomes a reason that people can read."""
    changed = {code: made.new_names.get(code, "") for code in {*made.old_names, *made.new_names}}
    columns = labels.assign(task_force, "name", changed)
    task_force.slug = made.new_slug
    try:
        with transaction.atomic():
            made.save()
            task_force.save(update_fields=[*columns, "slug"])
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", None) != "23505":
            raise
        raise Conflict(slug_is_anothers(made.new_slug)) from error
