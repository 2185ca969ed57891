"""People and roles on the staff side: who sees what, gives and takes away what, and what forms cannot smuggle in."""

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from taskforce.accounts import fresh, rights, rules
from taskforce.accounts.enums import SPOKEN_ROLES, Role
from taskforce.accounts.models import Invitation, RoleGrant, User
from taskforce.accounts.queries import grants_of
from taskforce.accounts.rights import Grant
from taskforce.accounts.services import create_account, grant_role
from taskforce.core.clock import app_now
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.accounts.entering import prove, send_stale
from tests.clients import Client, note_sign_in
from tests.conftest import Clock, utc

AT = utc(2022, 2, 1)
LIST = "/en/admin/accounts/rolegrant/"
GIVE = f"{LIST}give/"
INVITED = "/en/admin/accounts/invitation/"
RIGHTS = "/en/admin/rights/"


@pytest.fixture
def other(tf: TaskForce) -> TaskForce:
    """A task force of other people, with a coordinator."""
    made = timeline.create_task_force("other", {"en": "Other people"}, at=AT)
    boss = create_account("boss@portal.example", at=AT, name="Bea Other")
    grant_role(boss, Role.COORDINATOR, at=AT, actor_id=None, task_force_id=made.pk)
    return made


def page(client: Client, user: User, address: str) -> str:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def form(tf: TaskForce | None, **given: str) -> dict[str, str]:
    place = str(tf.pk) if tf else "all"
    return {
        "address": "new@portal.example", "role": "observer", "place": place, "language": "", "mail_language": "en",
        **given,
    }  # fmt: skip


def give(client: Client, fields: dict[str, str], **more: Any) -> Any:
    """Look at what would be given, then give it, as the pages' own forms do."""
    return client.post(GIVE, confirmed(client, fields), **more)


def confirmed(client: Client, fields: dict[str, str]) -> dict[str, str]:
    """What the page that asks once more sends."""
    seen = client.post(GIVE, fields)
    assert seen.status_code == 200
    return {**fields, "previewed": seen.context["form"].seen}


# --- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["coordinator", "deputy", "observer", "admin"])
def test_the_people_of_ones_task_forces_and_who_works_in_all(
    client: Client, people: dict[str, User], other: TaskForce, name: str
) -> None:
    everywhere = create_account("all@portal.example", at=AT, name="Alix Everywhere")
    grant_role(everywhere, Role.ADMINISTRATOR, at=AT, actor_id=None)
    assert people["reviewer1"].pk
    shown = page(client, people[name], LIST)
    assert "Reviewer1 Demo" in shown
    assert "Alix Everywhere" in shown
    assert "Bea Other" not in shown
    foreign = RoleGrant.objects.get(task_force_id=other.pk)
    assert client.get(f"{LIST}{foreign.pk}/change/").status_code == 404
    assert client.get(f"{LIST}{foreign.pk}/take/").status_code == 404


def test_an_address_is_for_who_may_take_the_role_away(client: Client, people: dict[str, User]) -> None:
    row = RoleGrant.objects.get(user=people["moderator"])
    for name, is_shown in (("coordinator", True), ("admin", True), ("deputy", False), ("observer", False)):
        shown = page(client, people[name], f"{LIST}{row.pk}/change/")
        assert ("moderator@demo.example" in shown) is is_shown, name
        assert ("Take away" in shown) is is_shown, name


def test_people_are_found_by_name_and_by_no_other_field(client: Client, people: dict[str, User]) -> None:
    assert [people[name].pk for name in ("moderator", "reviewer1")]
    shown = page(client, people["observer"], f"{LIST}?q=moder")
    assert "Moderator Demo" in shown
    assert "Reviewer1 Demo" not in shown
    assert "Moderator Demo" not in page(client, people["observer"], f"{LIST}?q=demo.example")
    assert client.get(f"{LIST}?user__email__startswith=mod").status_code in {302, 400}


@pytest.mark.long
def test_a_list_costs_the_same_for_five_and_for_fifty(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    counts = []
    for number in (5, 50):
        for each in range(number):
            user = create_account(f"{number}-{each}@portal.example", at=AT, name=f"N {number} {each}")
            actor_id = people["coordinator"].pk
            grant_role(user, Role.OBSERVER, at=AT, actor_id=actor_id, task_force_id=tf.pk)
            Invitation.objects.create(
                mailbox=f"i{number}-{each}@portal.example", role="observer", task_force_id=tf.pk, mail_language="en",
                inviter_id=actor_id, made_at=AT, told_at=AT, expires_at=utc(2022, 3, 1),
            )  # fmt: skip
        client.force_login(people["coordinator"])
        found = []
        for address in (LIST, INVITED):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 20


# --- giving ----------------------------------------------------------------------------------------------------------


def test_the_answer_is_the_same_with_and_without_an_account(
    client: Client, people: dict[str, User], tf: TaskForce
) -> None:
    """What is given at once stands in the list; of whom there is an account, the answer says nothing."""
    client.force_login(people["coordinator"])
    answers = []
    for address in ("new@portal.example", "Member@demo.example"):
        people["member"]
        response = give(client, form(tf, address=address), follow=True)
        told = re.findall(r'<ul class="messagelist">.*?</ul>', response.content.decode(), re.S)
        assert address in told[0]
        answers.append(told[0].replace(address, "…"))
    assert answers[0] == answers[1] != ""
    assert RoleGrant.objects.get(user=people["member"]).granted_by_id == people["coordinator"].pk
    assert Invitation.objects.get().mailbox == "new@portal.example"
    assert OutboxMessage.objects.get(kind="role-invitation").mailbox == "new@portal.example"


def test_a_role_is_given_after_a_second_look(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    """The address as it was typed, what the role may do; something else than what was shown is shown first."""
    client.force_login(people["coordinator"])
    page = client.post(GIVE, form(tf, address=" New@Portal.example", role="reviewer"))
    shown = page.content.decode()
    assert ">New@Portal.example<" in shown
    assert "Score applications" in shown
    assert "what the role may do" in shown.lower()
    assert not Invitation.objects.exists()
    other = form(tf, address="now@portal.example", role="reviewer", previewed=page.context["form"].seen)
    assert ">now@portal.example<" in client.post(GIVE, other).content.decode()
    assert not Invitation.objects.exists()
    changed = client.post(GIVE, form(tf, address="New@Portal.example", change="1")).content.decode()
    assert 'value="New@Portal.example"' in changed
    assert "pt-error-summary" not in changed


def test_what_is_wrong_is_said_first_with_the_way_to_it(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    client.force_login(people["coordinator"])
    page = client.post(GIVE, form(tf, address="", role="")).content.decode()
    for control in ("id_address", "id_role"):
        assert f'href="#{control}"' in page
        assert page.index(f'id="{control}"') < page.index(f'id="{control}_error"'), "the error stands below its field"


@pytest.mark.long
def test_what_nobody_answered_in_time_is_offered_again(
    client: Client, people: dict[str, User], tf: TaskForce, clock: Clock
) -> None:
    client.force_login(people["coordinator"])
    give(client, form(tf))
    made = Invitation.objects.get()
    assert made.expires_at.second == made.expires_at.microsecond == 0
    again, withdraw = (f"{INVITED}{made.pk}/{act}/" for act in ("again", "withdraw"))
    assert client.post(again).status_code == 409
    Invitation.objects.update(told_at=app_now() - timedelta(days=20), expires_at=app_now() - timedelta(days=6))
    listed = client.get(INVITED).content.decode()
    assert again in listed
    assert withdraw not in listed
    for state, is_there in {"": True, "over": True, "open": False, "accepted": False}.items():
        assert (again in client.get(INVITED, {"state": state}).content.decode()) == is_there, state
    assert "new@portal.example" in client.get(again).content.decode()
    answer = client.post(again, follow=True).content.decode()
    assert "new@portal.example" in answer
    assert Invitation.objects.get().expires_at > app_now()
    assert OutboxMessage.objects.filter(kind="role-invitation").count() == 2
    assert withdraw in answer


def test_what_is_smuggled_into_the_form_counts_for_nothing(
    client: Client, people: dict[str, User], tf: TaskForce
) -> None:
    client.force_login(people["coordinator"])
    extra = {
        "is_staff": "1", "is_superuser": "1", "user_id": "1", "user": "1", "state": "accepted", "granted_by_id": "1",
        "granted_at": "2020-01-01", "inviter_id": "1", "task_force_id": "", "expires_at": "2099-01-01",
    }  # fmt: skip
    member = people["member"]
    give(client, form(tf, address=member.email, role="translator", language="ar", **extra))
    give(client, form(tf, **extra))
    grant, made = RoleGrant.objects.get(user=member), Invitation.objects.get()
    assert (grant.role, grant.task_force_id, grant.granted_by_id) == ("translator", tf.pk, people["coordinator"].pk)
    assert (made.state, made.inviter_id, made.task_force_id) == ("open", people["coordinator"].pk, tf.pk)
    assert made.expires_at < utc(2022, 3, 2)
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.get(pk=member.pk).is_staff


ERRORS: list[tuple[dict[str, str], str]] = [
    ({"address": ""}, "address"),
    ({"address": "nobody"}, "address"),
    ({"role": "emperor"}, "role"),
    ({"role": ""}, "role"),
    ({"place": "all"}, "place"),
    ({"place": "999999"}, "place"),
    ({"role": "translator"}, "language"),
    ({"language": "ar"}, "language"),
    ({"mail_language": "tlh"}, "mail_language"),
]


@pytest.mark.long
def test_an_error_stands_at_its_field_and_nothing_is_lost(
    client: Client, people: dict[str, User], tf: TaskForce
) -> None:
    client.force_login(people["coordinator"])
    found = {}
    for given, at_field in ERRORS:
        response = client.post(GIVE, form(tf, **given))
        is_kept = "address" in given or 'value="new@portal.example"' in response.content.decode()
        what = (list(response.context["form"].errors), is_kept, Invitation.objects.count())
        if what != ([at_field], True, 0):
            found[str(given)] = what
    assert found == {}


def test_a_foreign_task_force_and_a_role_one_lacks_are_not_offered(
    client: Client, people: dict[str, User], tf: TaskForce, other: TaskForce
) -> None:
    client.force_login(people["admin"])
    offered = client.get(GIVE).context["form"]
    assert [code for code, _name in offered.fields["place"].choices] == [str(tf.pk)]
    assert {code for code, _name in offered.fields["role"].choices} == {
        "", "translator", "facilitator", "moderator", "data-officer", "observer", "administrator",
    }  # fmt: skip
    for given in ({"place": str(other.pk)}, {"role": "coordinator"}, {"role": "reviewer"}):
        assert client.post(GIVE, form(tf, **given)).context["form"].errors
    assert not Invitation.objects.exists()


def test_a_refusal_comes_back_with_what_was_typed(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    """Oneself: nobody changes their own roles."""
    client.force_login(people["coordinator"])
    response = client.post(GIVE, form(tf, address="coordinator@demo.example"))
    assert response.status_code == 403
    assert "own roles" in response.content.decode()
    assert 'value="coordinator@demo.example"' in response.content.decode()


def test_only_who_is_for_all_task_forces_gives_for_all(client: Client, people: dict[str, User]) -> None:
    boss = create_account("all@portal.example", at=AT, name="Alix")
    grant_role(boss, Role.ADMINISTRATOR, at=AT, actor_id=None)
    client.force_login(boss)
    assert give(client, form(None, address=people["member"].email)).status_code == 303
    assert RoleGrant.objects.get(user=people["member"]).task_force_id is None


# --- taking away and withdrawing -------------------------------------------------------------------------------------


def test_a_role_is_taken_away_after_one_was_asked(client: Client, people: dict[str, User]) -> None:
    row = RoleGrant.objects.get(user=people["moderator"])
    theirs = Client()
    theirs.force_login(people["moderator"])
    assert theirs.get("/en/admin/feedback/feedbackitem/").status_code == 200
    take = f"{LIST}{row.pk}/take/"
    assert "Moderator Demo" in page(client, people["coordinator"], take)
    assert RoleGrant.objects.filter(pk=row.pk).exists()
    assert client.post(take).headers["Location"] == LIST
    said = re.sub(r"<[^>]+>", "", client.get(LIST).content.decode())
    assert "The role has been taken away: Moderator from Moderator Demo." in said
    assert not RoleGrant.objects.filter(pk=row.pk).exists()
    assert theirs.get("/en/admin/feedback/feedbackitem/").status_code == 302
    assert client.post(take).status_code == 404


@pytest.mark.parametrize(("name", "status"), [("deputy", 403), ("observer", 403), ("moderator", 404)])
def test_who_may_not_is_refused(client: Client, people: dict[str, User], name: str, status: int) -> None:
    row = RoleGrant.objects.get(user=people["reviewer1"])
    client.force_login(people[name])
    for send in (client.get, client.post):
        assert send(f"{LIST}{row.pk}/take/").status_code == status
        assert send(GIVE).status_code == 403
    assert RoleGrant.objects.filter(pk=row.pk).exists()


def test_ones_own_role_has_no_way_to_be_taken(client: Client, people: dict[str, User]) -> None:
    row = RoleGrant.objects.get(user=people["coordinator"])
    take = reverse("admin:accounts_rolegrant_take", args=[row.pk])
    assert take not in page(client, people["coordinator"], LIST)
    assert client.post(take).status_code == 403


@pytest.mark.long
def test_an_invitation_is_withdrawn_once(client: Client, people: dict[str, User], tf: TaskForce, clock: Clock) -> None:
    client.force_login(people["coordinator"])
    give(client, form(tf))
    made = Invitation.objects.get()
    assert made.made_at <= app_now()
    withdraw = f"{INVITED}{made.pk}/withdraw/"
    assert withdraw in client.get(INVITED).content.decode()
    assert client.get(withdraw).status_code == 200
    assert Invitation.objects.get().state == "open"
    assert client.post(withdraw).status_code == 303
    said = re.sub(r"<[^>]+>", "", client.get(INVITED).content.decode())
    assert f"The invitation has been withdrawn: Observer for {made.mailbox}." in said
    assert Invitation.objects.get().state == "withdrawn"
    assert client.post(withdraw).status_code == 409
    assert withdraw not in client.get(INVITED).content.decode()


@pytest.mark.long
def test_invitations_of_others_are_not_there(
    client: Client, people: dict[str, User], tf: TaskForce, other: TaskForce
) -> None:
    client.force_login(User.objects.get(email="boss@portal.example"))
    give(client, form(other), follow=True)
    made = Invitation.objects.get()
    assert "new@portal.example" not in page(client, people["coordinator"], INVITED)
    for what in ("change", "withdraw"):
        assert client.get(f"{INVITED}{made.pk}/{what}/").status_code == 404


@pytest.mark.parametrize("name", ["coordinator", "admin"])
def test_who_is_invited_to_a_role_is_for_who_could_give_it(
    client: Client, people: dict[str, User], tf: TaskForce, name: str
) -> None:
    """Neither in the list nor on a page of its own, nor by the order of the list."""
    held, given = grants_of(people[name]), {"mail_language": "en", "inviter_id": 1, "made_at": AT, "told_at": AT}
    may = {}
    for role in Role:
        wanted = Grant(role, tf.pk, "de" if role in SPOKEN_ROLES else "")
        made = Invitation.objects.create(
            mailbox=f"for-{role}@portal.example", **wanted._asdict(), **given, expires_at=utc(2099, 1, 1)
        )
        may[made] = rules.may_give(held, wanted)[0]
    assert set(may.values()) == {True, False}
    shown = [page(client, people[name], f"{INVITED}{asked}") for asked in ("", "?o=1", "?state=open")]
    assert [[made.mailbox in html for made in may] for html in shown] == [list(may.values())] * 3
    for made, is_theirs in may.items():
        for what in ("change", "withdraw"):
            answer = client.get(f"{INVITED}{made.pk}/{what}/")
            assert answer.status_code == (200 if is_theirs else 404), (made.role, what)
            assert (made.mailbox in answer.content.decode()) is is_theirs


# --- who may do what -------------------------------------------------------------------------------------------------


def test_the_page_says_what_the_tables_say(client: Client, people: dict[str, User]) -> None:
    """Each cell of the page against its line of the table."""
    shown = page(client, people["reviewer1"], RIGHTS)
    lines = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', shown, re.S)
    tables = [right for app in rights.apps().values() for right in app.table.values()]
    assert len(lines) == len(tables)
    for (words, cells), right in zip(lines, tables, strict=True):
        assert words == str(right.words)
        answers = re.findall(r"<td[^>]*>(.*?)</td>", cells)
        assert [answer == "yes" for answer in answers] == [role in right.roles for role in Role]
        assert [answer == "appoints" for answer in answers] == [
            role in right.appointed_by & rules.APPOINTERS for role in Role
        ]
    assert re.search(r'<th scope="col" class="pt-rights__own">Reviewer', shown)
    assert shown.count("(you)") == 2, "in the table, and in the list that stands in its place on a narrow page"


def test_on_a_narrow_page_each_role_says_what_it_may(client: Client, people: dict[str, User]) -> None:
    """Folded but for the reader's own: what the table says, without a line for each "no"."""
    shown = page(client, people["reviewer1"], RIGHTS)
    parts = re.findall(r"<details( open)?>\s*<summary><strong>(.*?)</strong>(.*?)</details>", shown, re.S)
    assert [name for is_open, name, _rest in parts if is_open] == ["Reviewer"]
    for role, (_is_open, name, rest) in zip(Role, parts, strict=True):
        assert name == str(role.label).capitalize()
        said = [html.unescape(words) for words in re.findall(r"<li>(.*?)</li>", rest)]
        tables = [right for app in rights.apps().values() for right in app.table.values()]
        may = [str(right.words) for right in tables if role in right.roles]
        assert said[: len(may)] == may
        appoints = [right for right in tables if role in (right.appointed_by & rules.APPOINTERS) - right.roles]
        assert len(said) == len(may) + len(appoints)


def test_rights_are_worded_for_any_page() -> None:
    """They stand on the page of all rights, on invitations and where a role is given."""
    for app in rights.apps().values():
        for right in app.table.values():
            assert not re.search(r"\bthis page\b|\bbelow\b|\babove\b", str(right.words)), right.words


def test_who_has_no_name_is_called_so(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    user = create_account("nameless@portal.example", at=AT)
    grant_role(user, Role.OBSERVER, at=AT, actor_id=None, task_force_id=tf.pk)
    row = RoleGrant.objects.get(user=user)
    shown = page(client, people["deputy"], f"{LIST}{row.pk}/change/")
    assert f"Person {user.pk} (no name given)" in shown
    assert f">#{user.pk}<" not in shown


@pytest.mark.parametrize("name", ["coordinator", "moderator", "privacy", "observer", "admin"])
def test_all_staff_read_it(client: Client, people: dict[str, User], name: str) -> None:
    assert "Who gives which role" in page(client, people[name], RIGHTS)


# --- who was let in long ago -----------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_change_of_roles_asks_anew_who_one_is(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    """Reading does not; what is posted is kept for after the proof, and done by nothing before."""
    client.force_login(people["coordinator"])
    give(client, form(tf, address="first@portal.example"))
    sent = confirmed(client, form(tf))
    row, made = RoleGrant.objects.get(user=people["moderator"]), Invitation.objects.get()
    note_sign_in(client, people["coordinator"], second_factor=True, seconds_ago=fresh.WITHIN.total_seconds() + 1)
    take, withdraw = f"{LIST}{row.pk}/take/", f"{INVITED}{made.pk}/withdraw/"
    for address, posted in ((GIVE, sent), (take, {}), (withdraw, {})):
        assert client.get(address).status_code == 200
        response = client.post(address, posted)
        assert response.status_code == 302
        assert "/reauthenticate/" in response.headers["Location"]
    assert RoleGrant.objects.filter(pk=row.pk).exists()
    assert [each.state for each in Invitation.objects.all()] == ["open"]


def test_what_was_posted_is_done_after_the_proof(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    client.force_login(people["coordinator"])
    place = send_stale(client, people["coordinator"], GIVE, confirmed(client, form(tf)))
    assert not Invitation.objects.exists()
    assert prove(client, place).headers["Location"] == LIST
    assert Invitation.objects.get().mailbox == "new@portal.example"


# --- whom they mean --------------------------------------------------------------------------------------------------


MIXED, ALIKE = "letters of several scripts", "letters that look like those of another script"


@pytest.mark.parametrize(
    ("name", "warning"),
    [("Cоra Lee", MIXED), ("Асе Demo", ALIKE), ("Вера", ALIKE), ("Анна (Anna)", ""), ("علی\u200cرضا", "")],
)
def test_staff_are_warned_of_a_name_in_letters_that_look_alike(
    client: Client, people: dict[str, User], tf: TaskForce, name: str, warning: str
) -> None:
    """In the list, on the page of the role and where it is taken away: of whoever holds it, and of whoever gave it."""
    deputy = people["deputy"]
    User.objects.filter(pk=deputy.pk).update(name=name)
    held = RoleGrant.objects.get(user=deputy)
    RoleGrant.objects.filter(user=people["observer"]).update(granted_by_id=deputy.pk)
    shown = f"<bdi>{name}</bdi>" + (f" <strong>({warning})</strong>" if warning else "")
    for address, times in ((LIST, 2), (f"{LIST}{held.pk}/change/", 1), (f"{LIST}{held.pk}/take/", 1)):
        found = page(client, people["coordinator"], address)
        assert found.count(shown) >= times, address
        for each in (MIXED, ALIKE):
            assert found.count(each) == (found.count(shown) if each == warning else 0), address


def test_every_way_back_on_the_staff_side_begins_with_the_same_word() -> None:
    """As Django's own lists have it."""
    templates = Path(settings.BASE_DIR, "templates")
    texts = {
        path: path.read_text() for path in (*templates.glob("admin/**/*.html"), *templates.glob("feedback/*.html"))
    }
    first = [re.findall(r"""<a href="{% url 'admin:index' %}">(.*?)</a>""", text) for text in texts.values()]
    words = {word for found in first for word in found if "pt-brand" not in word}
    assert words == {'{% translate "Home" %}'}
