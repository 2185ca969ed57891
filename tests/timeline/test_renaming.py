"""A new name: who may, what is kept, which addresses nobody else gets, and what pages say afterwards."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.audit.models import Entry
from taskforce.core import labels
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.timeline import former_names, services
from taskforce.timeline.models import Rename, TaskForce
from taskforce.timeline.queries import renaming
from tests.clients import Client
from tests.conftest import Clock
from tests.meeting import until
from tests.timeline.conftest import Meeting, Run

AT = datetime(2022, 1, 20, 9, tzinfo=UTC)
WHY: dict[str, Any] = {"reason": "It sounds military.", "reason_language": "en"}
NEW = {"en": "Leadership Development Working Group", "zh-hant": "領導力發展工作小組"}


def renamed(tf: TaskForce, actor: User, **changes: Any) -> Rename:
    """By the coordinator, to a working group at an address of its own."""
    return services.rename(tf.pk, **{"names": NEW, "slug": "working-group", **WHY, "actor": actor, **changes})


def test_it_is_a_public_act_that_keeps_what_was(tf: TaskForce, people: dict[str, User]) -> None:
    before = labels.stored(tf, "name")
    made = renamed(tf, people["coordinator"])
    tf.refresh_from_db()
    assert (tf.slug, labels.stored(tf, "name")) == ("working-group", before | NEW)
    assert (made.old_names, made.new_names, made.old_slug) == (before, before | NEW, "leadership-development")
    entry = Entry.objects.get(action="task-force.renamed")
    assert (entry.actor_id, entry.reason, entry.details["old_slug"]) == (
        people["coordinator"].pk,
        "It sounds military.",
        "leadership-development",
    )


@pytest.mark.parametrize("name", ["observer", "moderator", "translator", "member"])
def test_it_is_for_those_who_lead(tf: TaskForce, people: dict[str, User], name: str) -> None:
    with pytest.raises(Refused):
        renamed(tf, people[name])
    assert not Rename.objects.exists()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"names": {}, "slug": ""}, Invalid),
        ({"names": {"en": " \u200b"}}, None),
        ({"names": {"en": "x" * 201}}, Invalid),
        ({"names": {"nl": "Werkgroep"}}, Invalid),
        ({"slug": "no slug"}, Invalid),
        ({"slug": "other"}, Conflict),
        ({"slug": "other-once"}, Conflict),
        ({"reason": " "}, Invalid),
        ({"reason_language": "nl"}, Invalid),
        ({"expected": "0"}, Conflict),
    ],
)
def test_what_cannot_be_is_refused(
    tf: TaskForce, people: dict[str, User], changes: dict[str, Any], refusal: type[PortalError] | None
) -> None:
    other = services.create_task_force("other-once", {"en": "Other"}, at=AT)
    grant_role(people["deputy"], Role.COORDINATOR, at=AT, actor_id=None, task_force_id=other.pk)
    renamed(other, people["deputy"], slug="other")
    if refusal is None:  # the name of one language goes, those of others stay
        assert "en" not in renamed(tf, people["coordinator"], **changes).new_names
        return
    with pytest.raises(refusal):
        renamed(tf, people["coordinator"], **changes)
    tf.refresh_from_db()
    assert tf.slug == "leadership-development"


def test_without_any_name_it_stays_what_it_was(tf: TaskForce, people: dict[str, User]) -> None:
    with pytest.raises(Invalid):
        renamed(tf, people["coordinator"], names=dict.fromkeys(labels.stored(tf, "name"), ""))


def test_an_address_once_had_is_nobody_elses(tf: TaskForce, people: dict[str, User]) -> None:
    renamed(tf, people["coordinator"])
    with pytest.raises(Conflict):
        services.create_task_force("leadership-development", {"en": "Another"}, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskForce.objects.create(slug="leadership-development", name_en="Another", created_at=AT)
    # It may be taken back, and then leads nowhere else.
    renamed(tf, people["coordinator"], slug="leadership-development", names={})
    assert renaming.formerly_at("leadership-development") is None
    assert renaming.formerly_at("working-group") == tf


def test_a_chain_leads_to_the_newest_at_once(tf: TaskForce, people: dict[str, User]) -> None:
    for slug in ("one", "two", "three"):
        renamed(tf, people["coordinator"], slug=slug, names={"en": slug})
    for slug in ("leadership-development", "one", "two"):
        found = renaming.formerly_at(slug)
        assert found is not None
        assert found.slug == "three"


@pytest.mark.parametrize(
    ("statement", "trigger"),
    [
        ("UPDATE timeline_taskforce SET slug = 'x'", "timeline.TaskForce:slug_needs_a_renaming"),
        ("UPDATE timeline_rename SET old_slug = 'x'", "timeline.Rename:append_only"),
        ("DELETE FROM timeline_rename", "timeline.Rename:append_only"),
    ],
)
def test_no_other_door_takes_an_address_away(
    tf: TaskForce, people: dict[str, User], statement: str, trigger: str
) -> None:
    def go(*statements: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for one in (*statements, "SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"):
                cursor.execute(one)

    renamed(tf, people["coordinator"])
    go()

    with pytest.raises(DatabaseError):
        go(statement)
    with pgtrigger.ignore(trigger):
        go(statement)


@pytest.mark.long
def test_whoever_takes_an_address_as_it_is_given_up_is_refused(committed_clock: Clock, aside: Run) -> None:
    """The other one comes in the very moment: what the service looked up is not true any more, the database is."""
    committed_clock.set(datetime(2022, 2, 15, 12, tzinfo=UTC))
    tf = services.create_task_force("tf", {"en": "Task force"}, at=AT)
    actor = create_account("c@example.org", at=AT, name="C")
    grant_role(actor, Role.COORDINATOR, at=AT, actor_id=None, task_force_id=tf.pk)
    given_up, go = Meeting(), Meeting()

    def rename() -> None:
        with transaction.atomic():
            renamed(tf, actor, slug="wg")
            given_up.arrive()
            until(lambda: go.wait(0))

    def take() -> TaskForce:
        given_up.wait(30)
        return TaskForce.objects.create(slug="tf", name_en="Another", created_at=AT)

    first, second = aside(rename), aside(take)
    first.result(30)
    with pytest.raises(IntegrityError):
        second.result(30)
    with pgtrigger.ignore("timeline.TaskForce:slug_was_anothers"):
        assert TaskForce.objects.create(slug="tf", name_en="Another", created_at=AT).pk


# --- the page --------------------------------------------------------------------------------------------------------


def page_of(tf: TaskForce) -> str:
    return f"/en/admin/timeline/taskforce/{tf.pk}/rename/"


def sent(client: Client, tf: TaskForce, **changes: str) -> dict[str, str]:
    """What a browser sends of the form as it is shown, with changes."""
    form = client.get(page_of(tf)).context["form"]
    shown = {field.html_name: field.value() or "" for field in form}
    return {**shown, **WHY, "confirmed": "yes", "name-en": NEW["en"], "slug": "working-group", **changes}


def test_the_page_renames(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    answer = client.post(page_of(tf), sent(client, tf))
    assert answer.status_code == 302
    tf.refresh_from_db()
    assert (tf.slug, tf.name_en) == ("working-group", NEW["en"])  # type: ignore[attr-defined] # modeltranslation's
    shown = client.get(answer["Location"]).content.decode()
    assert "Formerly" in shown
    assert "It sounds military." in shown


def test_staff_read_which_names_were_changed(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    """Each with its language, also where the reader's own name is as it was; first a name, then none."""
    own = labels.stored(tf, "name")["en"]
    TaskForce.objects.filter(pk=tf.pk).update(name_de="Gruppe")
    for names in ({"zh-hant": "小組"}, {"fr": "Groupe"}, {"de": ""}):
        renamed(tf, people["coordinator"], slug="", names=names)
    client.force_login(people["coordinator"])
    page = client.get(f"/en/admin/timeline/taskforce/{tf.pk}/change/").content.decode()
    (*_before, notes) = page.partition("Formerly")
    plain = re.sub(r"<[^>]*>", "", notes)
    for said in (
        "繁體中文: “領導力發展” became “小組”",
        "français: “Groupe”, where there was no name",
        "Deutsch: “Gruppe”, and no name since",
    ):
        assert said in plain
    assert own not in plain


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"confirmed": ""}, 200, "Tick this box to confirm"),
        ({"reason": ""}, 200, "This field is required."),
        ({"slug": "taken"}, 200, "it leads there for ever"),
        ({"slug": "not one"}, 200, "id_slug_error"),
        ({"seen": "other"}, 409, "What it is called now"),
    ],
)
def test_the_page_keeps_what_was_typed(
    client: Client, tf: TaskForce, people: dict[str, User], changes: dict[str, str], status: int, said: str
) -> None:
    services.create_task_force("taken", {"en": "Other"}, at=AT)
    client.force_login(people["coordinator"])
    answer = client.post(page_of(tf), sent(client, tf, **changes))
    shown = answer.content.decode()
    assert answer.status_code == status
    assert said in shown
    assert NEW["en"] in shown
    assert not Rename.objects.exists()


def test_whoever_saw_another_name_sends_it_again_after_a_look(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    client.force_login(people["coordinator"])
    typed = sent(client, tf)
    renamed(tf, people["deputy"], slug="", names={"en": "Circle"})
    answer = client.post(page_of(tf), typed)
    assert answer.status_code == 409
    assert "Circle" in answer.content.decode()
    again = client.post(page_of(tf), {**typed, "seen": answer.context["seen"]})
    assert again.status_code == 302


# --- what everybody reads --------------------------------------------------------------------------------------------


Page = Callable[[str], str]


@pytest.fixture
def page(client: Client) -> Page:
    return lambda address: client.get(address).content.decode()


@pytest.mark.long
def test_public_pages_say_what_it_was_called_and_why_not_any_more(
    page: Page, tf: TaskForce, people: dict[str, User]
) -> None:
    old = labels.label(tf, "name", "en").text
    assert "Formerly" not in page("/en/tf/leadership-development/")
    assert "Former names" not in page("/en/tf/leadership-development/process/")
    renamed(tf, people["coordinator"])
    shown = page("/en/tf/working-group/")
    assert "Formerly" in shown
    assert old in shown
    shown = page("/en/tf/working-group/process/")
    for each in (old, NEW["en"], "It sounds military.", "/tf/leadership-development/", people["coordinator"].name):
        assert each in shown, each


def test_a_name_that_it_has_again_is_no_former_one(page: Page, tf: TaskForce, people: dict[str, User]) -> None:
    """Each name stands there once, until it was so last."""
    first = labels.label(tf, "name", "en").text
    for name in ("Second", "Third", "Second", first):
        services.rename(tf.pk, names={"en": name}, reason="R", reason_language="en", actor=people["coordinator"])
    found = former_names.former_names(renaming.renames(tf))
    assert [re.sub("<[^>]+>", "", each["name"]) for each in found] == ["Second", "Third"]
    assert found[0]["until"] > found[1]["until"]


def test_where_only_another_language_has_a_new_name_nothing_is_formerly(
    page: Page, tf: TaskForce, people: dict[str, User]
) -> None:
    renamed(tf, people["coordinator"], slug="", names={"zh-hant": NEW["zh-hant"]})
    assert "Formerly" not in page("/en/tf/leadership-development/")
    assert "Renamed in other languages" in page("/en/tf/leadership-development/process/")
    assert labels.label(tf, "name", "zh-hant").text in page("/zh-hant/tf/leadership-development/")
