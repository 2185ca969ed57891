"""Members and announcements: rules, refusals, consent, one mailing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from taskforce.accounts.models import User
from taskforce.announcements import queries, rules, services
from taskforce.announcements.models import Announcement, Member
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.conftest import Clock
from tests.portal.making import publish, publish_tested

AT = datetime(2022, 5, 16, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def day(clock: Clock) -> None:
    """The evening of the announcement."""
    clock.set(AT)


def draft(tf: TaskForce, **changes: Any) -> Announcement:
    options: dict[str, Any] = {
        "slug": "members",
        "titles": {"en": "The members are chosen", "zh-hant": "成員名單公布"},
        "bodies": {"en": "They **begin** today."},
        "at": AT,
        "actor_id": None,
    }
    return services.draft(tf, **{**options, **changes})


def add(tf: TaskForce, user: User, *, name: str = "Ada", consented: bool = True) -> Member:
    return services.add_member(tf, user, name=name, consented=consented, at=AT, actor_id=1)


# --- members -------------------------------------------------------------------------------------------------------


def test_a_member_is_not_public_before_an_announcement(tf: TaskForce, people: dict[str, User]) -> None:
    add(tf, people["applicant"])
    assert queries.published_members(tf).total == 0
    assert Entry.objects.get(action="member.added").details == {"named": True}


def test_adding_twice_changes_nothing(tf: TaskForce, people: dict[str, User]) -> None:
    first = add(tf, people["applicant"])
    again = add(tf, people["applicant"], name="Other", consented=False)
    assert again == first
    assert again.name == "Ada"
    assert Entry.objects.filter(action="member.added").count() == 1


def test_without_consent_no_name_is_stored(tf: TaskForce, people: dict[str, User]) -> None:
    member = add(tf, people["applicant"], name="Ada", consented=False)
    assert (member.name, member.consented_at) == ("", None)


def test_a_name_is_one_line_without_disguises(tf: TaskForce, people: dict[str, User]) -> None:
    assert add(tf, people["applicant"], name=" A\u202eda\n Lovelace\x00 ").name == "Ada Lovelace"


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_an_unusable_name_is_refused(tf: TaskForce, people: dict[str, User], name: str) -> None:
    with pytest.raises(Invalid):
        add(tf, people["applicant"], name=name)
    assert not Member.objects.exists()


# --- drafts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"slug": "a b"}, Invalid),
        ({"slug": "a" * 51}, Invalid),
        ({"titles": {}}, Invalid),
        ({"titles": {"en": " "}}, Invalid),
        ({"titles": {"tlh": "x"}}, Invalid),
        ({"titles": {"en": "x" * 301}}, Invalid),
        ({"bodies": {"en": "x" * 50_001}}, Invalid),
    ],
)
def test_what_is_no_draft_is_refused(tf: TaskForce, changes: dict[str, Any], error: type[PortalError]) -> None:
    with pytest.raises(error):
        draft(tf, **changes)


def test_a_slug_stands_for_one_announcement(tf: TaskForce) -> None:
    draft(tf)
    with pytest.raises(Conflict):
        draft(tf)


def test_a_draft_is_not_there_for_the_public(tf: TaskForce) -> None:
    draft(tf)
    assert not queries.news(tf).exists()


def test_an_edit_touches_only_its_languages(tf: TaskForce) -> None:
    made = draft(tf)
    services.edit_draft(made.pk, titles={"ar": "عنوان"}, bodies={"ar": "نص"}, at=AT, actor_id=None)
    made.refresh_from_db()
    assert services.own_texts(made, "ar") == ("عنوان", "نص")
    assert services.own_texts(made, "en") == ("The members are chosen", "They **begin** today.")
    assert Entry.objects.get(action="announcement.edited").details == {"languages": ["ar"]}


def test_an_edit_of_what_somebody_changed_meanwhile_is_a_conflict(tf: TaskForce) -> None:
    made = draft(tf)
    seen = services.seen(made, ["en"])
    edit = {"titles": {"en": "New"}, "bodies": {"en": "Text"}, "at": AT, "actor_id": None}
    services.edit_draft(made.pk, titles={"fr": "Titre"}, bodies={}, at=AT, actor_id=None)
    services.edit_draft(made.pk, **edit, expected=seen)  # type: ignore[arg-type] # another language is no conflict
    with pytest.raises(Conflict):
        services.edit_draft(made.pk, **edit, expected=seen)  # type: ignore[arg-type]  # one dict for all arguments


# --- publishing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["coordinator", "deputy", "admin"])
def test_publishing_is_one_act(tf: TaskForce, people: dict[str, User], role: str) -> None:
    add(tf, people["applicant"])
    add(tf, people["member"], consented=False)
    made = publish_tested(draft(tf), people[role])
    made.refresh_from_db()
    assert (made.state, made.members_count) == ("published", 2)
    assert made.published_at is not None
    membership = queries.published_members(tf)
    assert (membership.names, membership.unnamed, membership.total) == (["Ada"], 1, 2)
    assert TaskForce.objects.get(pk=tf.pk).state == "active"
    mailing = Mailing.objects.get(kind="announcement")
    assert (mailing.key, mailing.task_force_id) == (f"announcement:{made.pk}", tf.pk)
    assert Entry.objects.get(action="announcement.published").actor_id == people[role].pk


def test_news_without_members_start_no_task_force(tf: TaskForce, people: dict[str, User]) -> None:
    made = publish_tested(draft(tf), people["coordinator"])
    assert made.members_count == 0
    assert TaskForce.objects.get(pk=tf.pk).state == "proposed"


def test_a_later_announcement_counts_everybody(tf: TaskForce, people: dict[str, User]) -> None:
    add(tf, people["applicant"])
    first = publish_tested(draft(tf), people["coordinator"])
    add(tf, people["member"])
    second = publish_tested(draft(tf, slug="more"), people["coordinator"])
    first.refresh_from_db()
    assert (first.members_count, second.members_count) == (1, 2)
    assert [one.slug for one in queries.news(tf)] == ["more", "members"]


def test_publishing_twice_is_a_conflict_and_tells_nobody_again(tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf)
    publish_tested(made, people["coordinator"])
    with pytest.raises(Conflict):
        publish(made, people["coordinator"])
    with pytest.raises(Conflict):
        services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)
    with pytest.raises(Conflict):
        services.edit_draft(made.pk, titles={"en": "Other"}, bodies={}, at=AT, actor_id=None)
    assert Mailing.objects.filter(kind="announcement").count() == 1


@pytest.mark.parametrize(
    "role", ["reviewer1", "translator", "facilitator", "moderator", "privacy", "observer", "member"]
)
def test_nobody_else_publishes(tf: TaskForce, people: dict[str, User], role: str) -> None:
    add(tf, people["applicant"])
    made = draft(tf)
    services.test(made.pk, language="en", actor=people["deputy"], version=made.version)
    with pytest.raises(Refused):
        services.test(made.pk, language="en", actor=people[role], version=made.version)
    with pytest.raises(Refused):
        publish(made, people[role])
    made.refresh_from_db()
    assert made.state == "draft"
    assert queries.published_members(tf).total == 0
    assert not Mailing.objects.exists()


def test_an_announcement_without_a_text_is_refused(tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf, bodies={"en": " "})
    with pytest.raises(Invalid):
        publish(made, people["coordinator"])
    with pytest.raises(Invalid):
        services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)


def test_the_author_and_the_last_editor_publish_nothing(tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf, actor_id=people["coordinator"].pk)
    services.edit_draft(made.pk, titles={"en": "New"}, bodies={}, at=AT, actor_id=people["deputy"].pk)
    made.refresh_from_db()
    services.test(made.pk, language="en", actor=people["deputy"], version=made.version)
    for name in ("coordinator", "deputy"):
        with pytest.raises(Refused, match="Somebody else must read and publish it"):
            publish(made, people[name])
    assert not Mailing.objects.exists()
    assert publish(made, people["admin"]).publisher_id == people["admin"].pk


def saved_by(tf: TaskForce, names: Sequence[str], people: dict[str, User]) -> Announcement:
    """A draft that these people have saved, one after the other, the first of them as its author."""
    made = draft(tf, actor_id=people[names[0]].pk)
    for turn, name in enumerate(names[1:]):
        services.edit_draft(made.pk, titles={"ar": f"{turn}"}, bodies={}, at=AT, actor_id=people[name].pk)
    made.refresh_from_db()
    return made


def only_author_and_last_editor(user: Any, action: str, obj: Announcement, _at: datetime) -> tuple[bool, str]:
    """Who was asked for at first: what these tests must be able to catch."""
    return action != "announcement.publish" or user.pk not in (obj.author_id, obj.editor_id), "why"


@pytest.mark.parametrize(("rule", "holds"), [(rules.may, True), (only_author_and_last_editor, False)])
def test_two_people_publish_nothing_that_no_third_has_read(
    tf: TaskForce, people: dict[str, User], monkeypatch: pytest.MonkeyPatch, rule: Any, *, holds: bool
) -> None:
    """The deputy's Arabic text is not the deputy's to let out, whoever has saved a word after that."""
    made = saved_by(tf, ["coordinator", "deputy", "coordinator"], people)
    assert made.editors == sorted(people[name].pk for name in ("coordinator", "deputy"))
    services.test(made.pk, language="en", actor=people["deputy"], version=made.version)
    monkeypatch.setattr(rules, "may", rule)
    # Without the rule it is only the database that knows better.
    with pytest.raises(Refused if holds else IntegrityError), transaction.atomic():
        publish(made, people["deputy"])
    assert not Mailing.objects.exists()
    monkeypatch.undo()
    for name in ("coordinator", "deputy"):
        assert not queries.to_publish(people[name]).exists()
    assert queries.to_publish(people["admin"]).get() == made
    assert publish(made, people["admin"]).publisher_id == people["admin"].pk


def test_what_nobody_saved_has_no_editor(tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf)
    services.edit_draft(made.pk, titles={"en": "New"}, bodies={}, at=AT, actor_id=None)
    made.refresh_from_db()
    assert made.editors == []


# --- what is published ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "title_ar = 'x'",
        "body_en = 'x'",
        "slug = 'x'",
        "author_id = 5",
        "editors = '{5}'",
        "publisher_id = NULL",
        "state = 'draft'",
        "members_count = 99",
        "published_at = now()",
    ],
)
def test_what_is_published_stays(tf: TaskForce, people: dict[str, User], change: str) -> None:
    made = draft(tf)
    with connection.cursor() as cursor:
        statement = f"UPDATE announcements_announcement SET {change} WHERE id = %s"  # noqa: S608 - the list above
        if not change.startswith(("members", "published", "publisher", "state")):
            cursor.execute(statement, [made.pk])  # a draft may be anything
            made.refresh_from_db()
        publish_tested(made, people["coordinator"])
        with pytest.raises(IntegrityError, match="what was published is not changed"), transaction.atomic():
            cursor.execute(statement.replace("5", "6").replace("'x'", "'y'"), [made.pk])


def test_what_is_published_is_neither_saved_anew_nor_deleted(tf: TaskForce, people: dict[str, User]) -> None:
    made = publish_tested(draft(tf), people["coordinator"])
    made.refresh_from_db()
    made.save()  # the same as it was
    made.title_en = "Other"  # type: ignore[attr-defined]  # a column of a language
    with pytest.raises(IntegrityError, match="what was published is not changed"), transaction.atomic():
        made.save()
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        made.delete()
    draft(tf, slug="never-out").delete()
    assert Announcement.objects.get().slug == "members"


def test_the_database_knows_that_who_publishes_is_another(tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf, actor_id=people["coordinator"].pk)
    with pytest.raises(IntegrityError, match="who_publishes_is_another"), transaction.atomic():
        Announcement.objects.filter(pk=made.pk).update(publisher_id=people["coordinator"].pk)


def test_a_text_that_nobody_has_tested_is_not_published(tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf)
    with pytest.raises(Invalid, match="not been tested"):
        publish(made, people["coordinator"])
    services.test(made.pk, language="en", actor=people["deputy"], version=made.version)
    services.edit_draft(made.pk, titles={"en": "New"}, bodies={}, at=AT, actor_id=people["deputy"].pk)
    made.refresh_from_db()
    with pytest.raises(Invalid, match="not been tested"):
        publish(made, people["coordinator"])
    publish_tested(made, people["coordinator"])


def test_a_test_goes_to_oneself_once_for_each_text_and_language(tf: TaskForce, people: dict[str, User]) -> None:
    made, actor = draft(tf), people["deputy"]
    for language in ("en", "en", "zh-hant"):
        services.test(made.pk, language=language, actor=actor, version=made.version)
    with pytest.raises(Invalid):
        services.test(made.pk, language="tlh", actor=actor, version=made.version)
    tests = OutboxMessage.objects.filter(kind="announcement-test").order_by("id")
    assert [(one.mailbox, one.language) for one in tests] == [(actor.email, "en"), (actor.email, "zh-hant")]
    assert tests[0].key == f"announcement-test:{made.pk}:1:{actor.pk}:en"
    assert not Mailing.objects.exists()


def test_a_yes_holds_for_what_was_shown(tf: TaskForce, people: dict[str, User]) -> None:
    """Another text, another member or more followers meanwhile: nothing is published."""
    made, actor = draft(tf), people["coordinator"]
    services.test(made.pk, language="en", actor=actor, version=made.version)
    add(tf, people["applicant"])
    shown = services.shown(made)
    add(tf, people["member"], name="Grace")
    with pytest.raises(Conflict):
        services.publish(made.pk, actor=actor, confirmed=shown, count=0)
    timeline.follow(tf, mailbox="a@example.org", topics=["announcements"], language="en", at=AT)
    with pytest.raises(Conflict, match="Meanwhile more people follow"):
        services.publish(made.pk, actor=actor, confirmed=services.shown(made), count=0)
    shown = services.shown(made)
    services.edit_draft(made.pk, titles={"en": "New"}, bodies={}, at=AT, actor_id=None)
    with pytest.raises(Conflict, match="out of date"):
        services.publish(made.pk, actor=actor, confirmed=shown, count=1)
    with pytest.raises(Conflict, match="out of date"):
        services.test(made.pk, language="en", actor=actor, version=made.version)
    assert not Mailing.objects.exists()
    assert queries.published_members(tf).total == 0


def test_the_database_wants_moment_and_number_of_what_is_published(tf: TaskForce) -> None:
    made = draft(tf)
    with pytest.raises(IntegrityError, match="published_when"), transaction.atomic():
        Announcement.objects.filter(pk=made.pk).update(state="published")
