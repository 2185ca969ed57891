"""Nobody can give what they lack: for every pair of roles, every place and language, and at the same moment."""

from collections.abc import Callable, Iterable
from itertools import product

import pytest
from django.db import transaction

from taskforce.accounts import rights, rules
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.queries import grants_of
from taskforce.accounts.rights import Grant
from taskforce.accounts.services import create_account, grant_role, remove_role, roles
from taskforce.core.errors import PortalError, Refused
from taskforce.timeline.models import TaskForce
from tests.conftest import utc
from tests.meeting import until
from tests.timeline.conftest import Meeting, Run

AT = utc(2022, 2, 15, 12)
HERE, ELSEWHERE = 7, 8
PLACES = (HERE, ELSEWHERE, None)
# What nobody can give is not computed here as the portal computes it, but line by line.
Answer = Callable[[Iterable[Grant], Grant], bool]


def spoken(role: Role) -> tuple[str, ...]:
    """The languages in which a role is held in these tests."""
    return ("ar", "en") if role in SPOKEN_ROLES else ("",)


EVERY = [Grant(role, place, code) for role in Role for place in PLACES for code in spoken(role)]


def by_the_tables(held: Iterable[Grant], wanted: Grant) -> bool:
    """Line by line: each right of the wanted role is had, or appointed for, at its place and in its language."""
    there = [
        grant.role
        for grant in held
        if (grant.task_force_id is None or grant.task_force_id == wanted.task_force_id)
        and (not grant.language or grant.language == wanted.language)
    ]
    for app in rights.apps().values():
        for right in app.table.values():
            is_here = not right.is_everywhere or wanted.task_force_id is None
            if (
                is_here
                and wanted.role in right.roles
                and not any(role in right.roles | right.appointed_by for role in there)
            ):
                return False
    giving = rights.apps()["taskforce.accounts"].table["role.grant"]
    return any(role in giving.roles for role in there)


def whoever_may_give_at_all(held: Iterable[Grant], wanted: Grant) -> bool:
    """What one might write first: whoever may give roles gives each."""
    giving = rights.apps()["taskforce.accounts"].table["role.grant"].roles
    return any(grant.role in giving and grant.task_force_id in (None, wanted.task_force_id) for grant in held)


def whatever_the_language(held: Iterable[Grant], wanted: Grant) -> bool:
    """The rule, forgetting that what is held in one language is had in that one only."""
    return by_the_tables([grant._replace(language="") for grant in held], wanted)


def wherever(held: Iterable[Grant], wanted: Grant) -> bool:
    """The rule, forgetting that a role for one task force says nothing of another, or of all."""
    return by_the_tables([grant._replace(task_force_id=None) for grant in held], wanted)


def differing(answer: Answer, pairs: Iterable[tuple[list[Grant], Grant]]) -> int:
    """For how many the portal answers otherwise."""
    return sum(rules.may_give(held, wanted)[0] != answer(held, wanted) for held, wanted in pairs)


def test_for_every_pair_of_roles_the_answer_is_the_computed_one() -> None:
    pairs = [([held], wanted) for held, wanted in product(EVERY, EVERY)]
    assert differing(by_the_tables, pairs) == 0
    assert differing(whoever_may_give_at_all, pairs) > 0
    assert differing(wherever, pairs) > 0


@pytest.fixture
def a_right_by_language() -> Iterable[None]:
    """A table as translators will have one, in which an administrator has no part."""
    table = {"test.translate": rights.Right("Translate", frozenset({Role.TRANSLATOR, Role.COORDINATOR}))}
    rights.register("test.words", "Words", table)
    yield
    del rights._apps["test.words"]


def test_a_right_by_language_is_given_in_that_language_only(a_right_by_language: None) -> None:
    """An administrator who translates into Arabic appoints translators into Arabic, and no coordinator."""
    both = [Grant(Role.ADMINISTRATOR, HERE, ""), Grant(Role.TRANSLATOR, HERE, "ar")]
    assert rules.may_give(both, Grant(Role.TRANSLATOR, HERE, "ar")) == (True, "")
    assert not rules.may_give(both, Grant(Role.TRANSLATOR, HERE, "en"))[0]
    assert not rules.may_give(both, Grant(Role.TRANSLATOR, ELSEWHERE, "ar"))[0]
    assert not rules.may_give(both[:1], Grant(Role.TRANSLATOR, HERE, "ar"))[0]
    pairs = [([first, second], wanted) for first, second, wanted in product(EVERY[::3], EVERY[::4], EVERY)]
    assert differing(by_the_tables, pairs) == 0
    assert differing(whatever_the_language, [(both, wanted) for wanted in EVERY]) > 0


def givers_of(role: Role, place: int | None = HERE) -> set[str]:
    """Who alone, by one role at a place, may give this one there."""
    wanted = Grant(role, place, spoken(role)[0])
    return {held.role for held in EVERY if held.task_force_id == place and rules.may_give([held], wanted)[0]}


def test_who_appoints_whom() -> None:
    """docs/coordination.md says this in words."""
    both = {Role.COORDINATOR, Role.ADMINISTRATOR}
    assert {role: givers_of(role) for role in Role} == {
        Role.COORDINATOR: {Role.COORDINATOR},
        Role.DEPUTY: {Role.COORDINATOR},
        Role.REVIEWER: {Role.COORDINATOR},
        **dict.fromkeys((Role.TRANSLATOR, Role.FACILITATOR, Role.MODERATOR, Role.OBSERVER), both),
        Role.DATA_OFFICER: {Role.ADMINISTRATOR},
        Role.ADMINISTRATOR: {Role.ADMINISTRATOR},
    }
    assert {role: givers_of(role, None) for role in Role} == {role: givers_of(role) for role in Role}


def test_what_somebody_appoints_for_and_may_not_do_is_named_here() -> None:
    """Each exception to the rule, which the process needs; another one fails here."""
    found = {
        (action, by)
        for app in rights.apps().values()
        for action, right in app.table.items()
        for by in right.appointed_by - right.roles
        if by in rules.APPOINTERS
    }
    assert found == {
        ("review.write", Role.COORDINATOR),
        ("audit.read-own-affairs", Role.ADMINISTRATOR),
        ("deletion.answer", Role.ADMINISTRATOR),
    }


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", [Role.DATA_OFFICER, Role.ADMINISTRATOR])
def test_who_coordinates_appoints_nobody_who_reads_who_looked(role: Role, place: int | None) -> None:
    wanted = Grant(role, place, "")
    allowed, why = rules.may_give([Grant(Role.COORDINATOR, None, "")], wanted)
    assert not allowed
    assert "who looked at personal data" in why
    assert rules.may_give([Grant(Role.ADMINISTRATOR, place, "")], wanted) == (True, "")


@pytest.mark.parametrize(("first", "then"), [(Role.REVIEWER, Role.DATA_OFFICER), (Role.DATA_OFFICER, Role.REVIEWER)])
@pytest.mark.parametrize(
    ("one", "other", "is_refused"),
    [(HERE, HERE, True), (None, HERE, True), (HERE, None, True), (None, None, True), (HERE, ELSEWHERE, False)],
)
def test_who_reviews_does_not_read_who_has_applied(
    db: None, first: Role, then: Role, one: int | None, other: int | None, *, is_refused: bool
) -> None:
    """Whoever gives it, the operator's shell too: with both, the log would tell whose number is whose."""
    person = create_account("x@portal.example", at=AT)
    held = grant_role(person, first, at=AT, actor_id=None, task_force_id=one)
    if not is_refused:
        grant_role(person, then, at=AT, actor_id=None, task_force_id=other)
        return
    with pytest.raises(Refused, match="data officer of the same task force"):
        grant_role(person, then, at=AT, actor_id=None, task_force_id=other)
    remove_role(held.pk, at=AT, actor_id=None)
    grant_role(person, then, at=AT, actor_id=None, task_force_id=other)


# --- the service -----------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("giver", ["coordinator", "deputy", "admin", "member"])
def test_the_service_answers_as_the_rule(people: dict[str, User], tf: TaskForce, giver: str) -> None:
    boss, person = people[giver], people["applicant"]
    held = grants_of(User.objects.get(pk=boss.pk))
    for role, place in product(Role, (tf.pk, tf.pk + 1, None)):
        wanted = Grant(role, place, spoken(role)[0])
        try:
            grant = grant_role(person, **wanted._asdict(), at=AT, actor_id=boss.pk)
        except Refused:
            assert not by_the_tables(held, wanted)
            made = grant_role(person, **wanted._asdict(), at=AT, actor_id=None)
            with pytest.raises(Refused):
                remove_role(made.pk, at=AT, actor_id=boss.pk)
            remove_role(made.pk, at=AT, actor_id=None)
        else:
            assert by_the_tables(held, wanted)
            remove_role(grant.pk, at=AT, actor_id=boss.pk)
    assert not RoleGrant.objects.filter(user=person).exists()


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.MODERATOR, Role.ADMINISTRATOR])
def test_nobody_changes_their_own_roles(people: dict[str, User], tf: TaskForce, role: Role) -> None:
    boss = people["coordinator"]
    with pytest.raises(Refused, match="own roles"):
        grant_role(boss, role, at=AT, actor_id=boss.pk, task_force_id=tf.pk)
    with pytest.raises(Refused, match="own roles"):
        remove_role(RoleGrant.objects.get(user=boss).pk, at=AT, actor_id=boss.pk)


def test_a_disabled_account_gives_nothing(people: dict[str, User], tf: TaskForce) -> None:
    User.objects.filter(pk=people["coordinator"].pk).update(is_active=False)
    with pytest.raises(Refused):
        grant_role(people["member"], Role.OBSERVER, at=AT, actor_id=people["coordinator"].pk, task_force_id=tf.pk)


def test_what_a_page_has_kept_of_the_roles_does_not_count(people: dict[str, User], tf: TaskForce) -> None:
    boss = people["coordinator"]
    grants_of(boss)
    RoleGrant.objects.filter(user=boss).delete()
    with pytest.raises(Refused):
        grant_role(people["member"], Role.OBSERVER, at=AT, actor_id=boss.pk, task_force_id=tf.pk)


# --- at the same moment ----------------------------------------------------------------------------------------------


@pytest.fixture
def two(transactional_db: None) -> list[User]:
    """Two coordinators of one task force, and nobody else."""
    made = [create_account(f"{name}@portal.example", at=AT, name=name) for name in ("a", "b")]
    for user in made:
        grant_role(user, Role.COORDINATOR, at=AT, actor_id=None, task_force_id=HERE)
    return made


def naive_remove(grant_id: int, *, actor_id: int, asked: Meeting, go: Meeting) -> None:
    """The service without its lock: asked, then done, whatever happened in between."""
    with transaction.atomic():
        grant = RoleGrant.objects.get(pk=grant_id)
        roles.require_may_give(actor_id, Grant(grant.role, grant.task_force_id, ""), receiver_id=grant.user_id)
        asked.arrive()
        go.wait(30)
        grant.delete()


def slow_remove(grant_id: int, *, actor_id: int, asked: Meeting, go: Meeting) -> None:
    """The service, in a transaction that takes its time before it ends."""
    with transaction.atomic():
        remove_role(grant_id, at=AT, actor_id=actor_id)
        asked.arrive()
        go.wait(30)


@pytest.mark.long
@pytest.mark.parametrize(("remove", "left"), [(slow_remove, 1), (naive_remove, 0)])
def test_two_who_take_each_others_role_leave_one(
    two: list[User], aside: Run, remove: Callable[..., None], left: int
) -> None:
    """Whoever comes second has lost the right by then: a task force does not lose its last coordinator so."""
    grants, go = {user.pk: RoleGrant.objects.get(user=user).pk for user in two}, Meeting()
    asked = [Meeting(), Meeting()]
    runs = []
    for actor, other, meeting in ((two[0], two[1], asked[0]), (two[1], two[0], asked[1])):
        runs.append(aside(remove, grants[other.pk], actor_id=actor.pk, asked=meeting, go=go))
        until(lambda met=meeting: met.wait(0))  # type: ignore[misc]
    go.arrive()
    outcomes = [run.exception(30) for run in runs]
    assert RoleGrant.objects.count() == left
    assert [type(outcome) for outcome in outcomes if outcome] == [Refused] * left


def naive_grant(user: User, role: Role, *, actor_id: int, asked: Meeting, go: Meeting) -> None:
    """Asked before, given later."""
    roles.require_may_give(actor_id, Grant(role, HERE, ""), receiver_id=user.pk)
    asked.arrive()
    go.wait(30)
    RoleGrant.objects.create(user=user, role=role, task_force_id=HERE, granted_at=AT)


def real_grant(user: User, role: Role, *, actor_id: int, asked: Meeting, go: Meeting) -> None:
    """As the page calls it."""
    asked.arrive()
    go.wait(30)
    grant_role(user, role, at=AT, actor_id=actor_id, task_force_id=HERE)


@pytest.mark.long
@pytest.mark.parametrize(("give", "is_given"), [(real_grant, False), (naive_grant, True)])
def test_who_loses_the_right_in_that_moment_gives_nothing(
    two: list[User], aside: Run, give: Callable[..., None], *, is_given: bool
) -> None:
    puppet, asked, go = create_account("p@portal.example", at=AT), Meeting(), Meeting()
    giving = aside(give, puppet, Role.DEPUTY, actor_id=two[0].pk, asked=asked, go=go)
    assert asked.wait(30)
    remove_role(RoleGrant.objects.get(user=two[0]).pk, at=AT, actor_id=two[1].pk)
    go.arrive()
    assert isinstance(giving.exception(30), PortalError) is not is_given
    assert RoleGrant.objects.filter(user=puppet).exists() is is_given
