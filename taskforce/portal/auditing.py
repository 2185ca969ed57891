"""The audit log as staff search it: which entries somebody may see, and those that a question asks for.

Goes backwards from the newest by the id, so that a page costs the same however long the log is; nothing is counted.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from proposals.models import Proposal
from proposals.queries import titles
from recruitment import rules as recruitment
from taskforce.accounts.models import User
from taskforce.accounts.queries import account_of, has, has_anywhere, locked_account_of, task_force_ids
from taskforce.audit.models import Entry
from taskforce.core import staff_columns
from taskforce.portal import audit_words, rules
from taskforce.portal.audit_details import Target
from taskforce.timeline.describe import in_language
from taskforce.timeline.models import TaskForce

PER_PAGE = 50
# More people of one name than this are not told apart by it.
_MOST_PEOPLE = 200


class Asked(NamedTuple):
    """A question to the log; None and "" ask nothing. `person` is a name, a part of one, or `#12`.

    `since` and `until` are days in UTC, both included; `before` is the id from which the page goes backwards.
    """

    action: str = ""
    person: str = ""
    task_force_id: int | None = None
    since: date | None = None
    until: date | None = None
    kind: str = ""
    number: int | None = None
    only: str = ""
    before: int | None = None


class Page(NamedTuple):
    """Entries, newest first; `older` is the id before which there are more, or None."""

    entries: list[Entry]
    older: int | None


def reads_anything(user: Any) -> bool:
    """Whether any entry could be the user's to read."""
    return has_anywhere(user, rules.WHO["audit.read"])


def visible(user: Any) -> QuerySet[Entry]:
    """The entries that the user may see: auditors all of theirs; others what was changed, and what they looked at."""
    whole, ids = task_force_ids(user, rules.WHO["audit.read-looks"])
    if whole:
        return Entry.objects.all()
    everywhere, changed = task_force_ids(user, rules.WHO["audit.read"])
    mine = Q(is_read=False) | Q(actor_id=user.pk)
    theirs = Q() if everywhere else Q(task_force_id__in=changed)
    return Entry.objects.filter(Q(task_force_id__in=ids) | (theirs & mine))


def sees_whose(user: Any, entry: Entry) -> bool:
    """Whether the user learns who it was: of what people did on their own account, a data officer alone.

    And of who applied, none who reviews there too: some had both roles before nobody could be given both.
    """
    if not audit_words.is_own_affair(entry.action):
        return True
    if audit_words.is_blind(entry.action) and has(user, recruitment.WHO["review.write"], entry.task_force_id):
        return False
    return _reads_own_affairs(user, entry.task_force_id)


def may_look_up(user: Any) -> bool:
    """Whether the user finds a person by an address too: who reads everywhere what people do on their own account."""
    return has(user, rules.WHO["audit.read-own-affairs"])


def looked_up(user: Any, address: str) -> User | None:
    """The account, locked or not, that has confirmed the address which was typed; None where there is none.

    Whoever asks has written down that they do: the answer says who has an account, and who has none.
    """
    if not may_look_up(user):
        return None
    return account_of(address) or locked_account_of(address)


def hides_which(user: Any, entry: Entry) -> bool:
    """Whether the user does not learn which row it was.

    Of people's own affairs who does not read whose it was does not, since the row's page or its number may tell. Of who
    applied it is the other way round: there everybody reads the one or the other, and nobody both.
    """
    return audit_words.is_blind(entry.action) is sees_whose(user, entry)


def _reads_own_affairs(user: Any, task_force_id: int | None) -> bool:
    return has(user, rules.WHO["audit.read-own-affairs"], task_force_id)


def search(user: Any, asked: Asked) -> Page:
    """The page of entries that the question asks for; three statements at most."""
    found = _narrowed(visible(user), user, asked)
    if asked.before is not None:
        found = found.filter(pk__lt=asked.before)
    entries = list(found.order_by("-pk")[: PER_PAGE + 1])
    older = entries[PER_PAGE - 1].pk if len(entries) > PER_PAGE else None
    return Page(entries[:PER_PAGE], older)


def _narrowed(found: QuerySet[Entry], user: Any, asked: Asked) -> QuerySet[Entry]:
    if asked.action:
        found = found.filter(action=asked.action)
    if asked.task_force_id is not None:
        found = found.filter(task_force_id=asked.task_force_id)
    if asked.since is not None:
        found = found.filter(at__gte=_start(asked.since))
    # There is no day after the calendar's last one, and nothing can lie behind it.
    if asked.until is not None and asked.until < date.max:
        found = found.filter(at__lt=_start(asked.until) + timedelta(days=1))
    if asked.kind:
        found = found.filter(target_type=asked.kind)
    if asked.number is not None:
        found = found.filter(target_id=asked.number).exclude(_blind_to(user)).exclude(_unnamed(user))
    if asked.only:
        found = found.filter(is_read=asked.only == "looks")
    return found.filter(_whose(user, asked.person)) if asked.person.strip() else found


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _whose(user: Any, person: str) -> Q:
    """What people of this name did, or what was done to them; what one may not know is not found by it either."""
    ids = _people(person.strip())
    by_them, to_them = Q(actor_id__in=ids), Q(target_type=User._meta.label_lower, target_id__in=ids)
    return (by_them | to_them) & ~_hides_whose(user)


def _unnamed(user: Any) -> Q:
    """What is not found by the number of a row, since the entry does not say whose it is."""
    return _hides_whose(user) & ~Q(action__startswith=audit_words.BLIND)


def _hides_whose(user: Any) -> Q:
    """The entries of which the user does not learn who it was: what `sees_whose` denies, in the database."""
    everywhere, open_ids = task_force_ids(user, rules.WHO["audit.read-own-affairs"])
    if everywhere:
        return _judged_by(user)
    own_affairs = Q()
    for prefix in audit_words.OWN_AFFAIRS:
        own_affairs |= Q(action__startswith=prefix, is_read=False)
    return (own_affairs & ~Q(task_force_id__in=open_ids)) | _judged_by(user)


def _judged_by(user: Any) -> Q:
    """Who applied where the user is a reviewer: as `sees_whose` has it."""
    everywhere, ids = task_force_ids(user, recruitment.WHO["review.write"])
    there = Q() if everywhere else Q(task_force_id__in=ids)
    return Q(action__startswith=audit_words.BLIND, is_read=False) & there


def _blind_to(user: Any) -> Q:
    """What is not found by the number of a candidate, since the entry would say who it is."""
    everywhere, open_ids = task_force_ids(user, rules.WHO["audit.read-own-affairs"])
    applied = Q(action__startswith=audit_words.BLIND, is_read=False)
    return applied if everywhere else applied & Q(task_force_id__in=open_ids)


def _people(person: str) -> list[int]:
    number = person.removeprefix("#")
    if number.isdecimal() and len(number) < 19:
        return [int(number)]
    found = User.objects.filter(name__icontains=person).order_by("pk")
    return list(found.values_list("pk", flat=True)[:_MOST_PEOPLE])


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """{account: the name to show}; without one its number and that it has none, never its address.

    The log names people for good, and to more of the staff than may know addresses.
    """
    wanted = {pk for pk in ids if pk is not None}
    known = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return {pk: _called(pk, known) for pk in wanted}


def _called(pk: int, known: dict[int, str]) -> str:
    return (known[pk] or staff_columns.nameless(pk)) if pk in known else f"#{pk}"


def texts(targets: Iterable[Target]) -> dict[Target, tuple[SafeString, str]]:
    """{(model, id): (title, page)} of the published texts among them, which everybody reads.

    One statement for the texts, and two for each task force that has any.
    """
    label = Proposal._meta.label_lower
    ids = {pk for model, pk in targets if model == label}
    places = TaskForce.objects.filter(proposals__in=ids).distinct() if ids else TaskForce.objects.none()
    language = get_language() or settings.LANGUAGE_CODE
    return {
        (label, one.proposal.pk): (
            in_language(one.title.text, one.title.language),
            reverse("proposals:text", args=[place.slug, one.proposal.slug]),
        )
        for place in places
        for one in titles(place, language)
        if one.proposal.pk in ids and one.title.text
    }
