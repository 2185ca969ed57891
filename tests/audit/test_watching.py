"""Who looks at personal data on the staff side is written down: one view, one row, or no view."""

from typing import Any

import pytest
from django.db import DatabaseError

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core.templatetags.portal import contact
from taskforce.portal import audit_words
from tests.architecture.conftest import world as world
from tests.architecture.walk import World
from tests.clients import Client

pytestmark = pytest.mark.django_db
# (who, where, what is written). That no page is missing here is shown by `tests/privacy/test_looks.py`.
WATCHED = [
    ("coordinator", "recruitment/application/", "application.listed"),
    ("reviewer1", "recruitment/application/{application}/review/", "application.read"),
    ("coordinator", "recruitment/call/{call}/decisions/", "decision.listed"),
    ("coordinator", "timeline/subscription/", "follower.listed"),
    ("coordinator", "timeline/subscription/{subscription}/change/", "follower.read"),
    ("moderator", "feedback/feedbackitem/", "feedback.listed"),
    ("moderator", "feedback/feedbackitem/{item}/change/", "feedback.read"),
    ("moderator", "feedback/feedbackitem/{item}/decide/", "feedback.read"),
    ("moderator", "feedback/feedbackreply/", "feedback-reply.listed"),
    ("moderator", "feedback/feedbackreply/{reply}/change/", "feedback-reply.read"),
    ("moderator", "feedback/feedbackreply/{reply}/decide/", "feedback-reply.read"),
    ("admin", "notifications/outboxmessage/", "mail.listed"),
    ("admin", "notifications/outboxmessage/{outboxmessage}/change/", "mail.read"),
    ("admin", "notifications/suppression/", "suppression.listed"),
    ("admin", "notifications/suppression/{suppression}/change/", "suppression.read"),
    ("admin", "notifications/suppression/{suppression}/lift/", "suppression.read"),
    ("privacy", "audit/entry/", "audit.listed"),
    ("admin", "accounts/rolegrant/", "role.listed"),
    ("admin", "accounts/rolegrant/{rolegrant}/change/", "role.read"),
    ("admin", "accounts/rolegrant/{moderating}/take/", "role.read"),
    ("admin", "accounts/invitation/", "invitation.listed"),
    ("admin", "accounts/invitation/{invitation}/change/", "invitation.read"),
    ("admin", "accounts/invitation/{invitation}/withdraw/", "invitation.read"),
    ("privacy", "accounts/deletionrequest/", "deletion.listed"),
    ("privacy", "accounts/deletionrequest/{deletionrequest}/change/", "deletion.read"),
    ("privacy", "accounts/deletionrequest/{deletionrequest}/answer/", "deletion.read"),
]


def _client(role: str, **options: Any) -> tuple[Client, User]:
    client, user = Client(**options), User.objects.get(email=f"{role}@demo.example")
    client.force_login(user)
    return client, user


@pytest.mark.long
@pytest.mark.parametrize("role", dict.fromkeys(role for role, _path, _action in WATCHED))
def test_one_view_is_one_row(world: World, role: str) -> None:
    client, user = _client(role)
    found = {}
    for path, action in ((path, action) for who, path, action in WATCHED if who == role):
        last = Entry.objects.latest("pk").pk
        status = client.get(f"/en/admin/{path.format(**world)}").status_code
        written = [
            (one.action, one.actor_id, one.is_read, one.target_id is not None, "count" in one.details)
            for one in Entry.objects.filter(pk__gt=last)
        ]
        has_target = action.endswith(".read") or action == "decision.listed"
        if (status, written) != (200, [(action, user.pk, True, has_target, action.endswith(".listed"))]):
            found[path] = (status, written)
    assert found == {}


def test_every_view_has_its_words() -> None:
    assert {action for _role, _path, action in WATCHED} - set(audit_words.ACTIONS) == set()


@pytest.mark.long
@pytest.mark.parametrize("role", dict.fromkeys(role for role, _path, _action in WATCHED))
def test_what_cannot_be_written_down_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    def fails(*args: Any, **values: Any) -> Entry:
        raise DatabaseError("the disk is full")

    client, _user = _client(role, raise_request_exception=False)
    monkeypatch.setattr(log, "record_read", fails)
    found = {}
    for path in (path for who, path, _action in WATCHED if who == role):
        response = client.get(f"/en/admin/{path.format(**world)}")
        if response.status_code not in (500, 503) or b"@" in response.content.replace(contact().encode(), b""):
            found[path] = response.status_code
    assert found == {}


def test_a_search_leaves_its_length_and_no_word(world: World) -> None:
    client, _user = _client("admin")
    client.get("/en/admin/notifications/outboxmessage/?q=secret.person%40example.org&state__exact=sent")
    entry = Entry.objects.latest("pk")
    assert entry.details == {"asked": ["state"], "count": 0, "searched": len("secret.person@example.org")}
    client.get("/en/admin/notifications/outboxmessage/?secretperson=1")
    client.get("/en/admin/audit/entry/?person=secret.person&since=2022-02-15")
    assert Entry.objects.latest("pk").details["asked"] == ["person", "since"]
    assert "secret" not in str(list(Entry.objects.values_list("details", "reason")))


@pytest.mark.long
def test_who_gets_no_page_leaves_no_row(world: World) -> None:
    before = Entry.objects.count()
    for role in ("reviewer1", "member"):
        client, _user = _client(role)
        for _who, path, _action in WATCHED[3:]:
            assert client.get(f"/en/admin/{path.format(**world)}").status_code in (302, 403, 404)
    assert Entry.objects.count() == before
