"""Whoever of the staff meets personal data leaves an entry of that look: on every page of the staff side, as everybody.

The pages are walked with the canaries in them. A page that shows a watched one and writes nothing down is red.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from taskforce.accounts.models import DeletionRequest, RoleGrant, User
from taskforce.announcements.models import Member
from taskforce.audit import log
from taskforce.audit.models import Entry
from taskforce.core import personal
from taskforce.core.personal import Place
from taskforce.timeline.models import TaskForce
from tests.architecture.table import STAFF, TABLE
from tests.architecture.walk import World
from tests.clients import Client
from tests.privacy import planting
from tests.privacy.planting import NOW, Canaries, Field
from tests.privacy.search import Book
from tests.privacy.walking import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.long]
# Watched, and on no page of the staff side: a mail is shown by its number. An account is shown by its main address, but
# its others stand on mails, since word of a role goes to each.
UNSEEN = {("notifications.OutboxMessage", "key")}


@dataclass
class Looks:
    """What was met on the staff side: watched fields by page, and the pages at which no look was written down."""

    met: set[Field] = field(default_factory=set)
    opened: int = 0
    unwritten: list[str] = field(default_factory=list)


def watched(canaries: Canaries) -> dict[str, Field]:
    """The words by which a watched field is known."""
    fields = {(row.model, name) for row in personal.rows() if row.is_watched for name in row.fields}
    return {word: place for place, word in canaries.words.items() if place in fields}


def look(
    client: Client, address: str, words: dict[str, Field], looks: Looks, sent: dict[str, str] | None = None
) -> None:
    """Open a page, or send it a form (`sent`), and note what it shows and whether that was written down."""
    before = Entry.objects.filter(is_read=True).count()
    response = client.get(address) if sent is None else client.post(address, sent)
    text = response.content.decode("utf-8", "replace").lower()
    met = {place for word, place in words.items() if word in text}
    looks.met |= met
    looks.opened += response.status_code == 200
    if met and Entry.objects.filter(is_read=True).count() == before:
        looks.unwritten.append(f"{address} shows {sorted(map('.'.join, met))}")


def addresses(role: str, world: World) -> Iterator[str]:
    """Every page of the staff side that a role may get: ours, and Django's lists and pages of single rows."""
    for name, row in TABLE.items():
        if row.path.startswith("admin/") and row.expected(role) == 200 and not name.endswith("_changelist"):
            yield f"/en/{row.path.format(**world)}"
    yield f"/en/admin/accounts/deletionrequest/{world['answered']}/change/"
    yield f"/en/admin/feedback/feedbackitem/{world['elsewhere']}/change/"
    for model in (each._meta for each in admin.site._registry):
        listed = TABLE.get(f"admin:{model.app_label}_{model.model_name}_changelist")
        if listed is None or listed.expected(role) == 200:
            yield f"/en/admin/{model.app_label}/{model.model_name}/"
            yield f"/en/admin/{model.app_label}/{model.model_name}/{world[str(model.model_name)]}/change/"


# Forms that show a page once more when they are sent whole; all others are sent empty.
SHOWN_BEFORE = {"admin:accounts_deletionrequest_answer": {"action": "refuse", "answer": "Not yet."}}


def forms(role: str, world: World) -> Iterator[tuple[str, dict[str, str]]]:
    """Every page of ours that a role gets in answer to a form, with what is sent."""
    for name, row in TABLE.items():
        if row.path.startswith("admin/") and row.expected_by_post(role) == 200:
            yield f"/en/{row.path.format(**world)}", SHOWN_BEFORE.get(name, {})


@pytest.fixture(scope="module")
def peopled(canaries: Canaries, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world with the canary's rows in its places, as somebody with a role and a member whom nobody knows of yet."""
    with django_db_blocker.unblock(), transaction.atomic():
        person = User.objects.get(memberships__name__startswith=planting.MARK)
        held = RoleGrant.objects.create(
            user=person, role="reviewer", task_force_id=TaskForce.objects.get().pk, granted_at=NOW
        )
        Member.objects.filter(user=person).update(published_at=None)
        answered = DeletionRequest.objects.exclude(answer="").get()
        yield {
            **canaries.world, "moderating": str(held.pk), "rolegrant": str(held.pk), "answered": str(answered.pk),
            "feedbackitem": canaries.world["item"], "feedbackreply": canaries.world["reply"],
        }  # fmt: skip
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def looks(peopled: World, canaries: Canaries, django_db_blocker: DjangoDbBlocker) -> Looks:
    """One walk through the staff side as everybody who has a role there."""
    made, words = Looks(), watched(canaries)
    posted: set[str] = set()
    with django_db_blocker.unblock(), transaction.atomic():
        for role in STAFF:
            client = client_of(role)
            for address in addresses(role, peopled):
                look(client, address, words, made)
            # A page that answers a form is the same for whoever gets it: sent by the first of them.
            for address, sent in forms(role, peopled):
                if address not in posted:
                    look(client, address, words, made, sent)
                posted.add(address)
        transaction.set_rollback(True)
    return made


def test_no_watched_value_is_met_without_an_entry(looks: Looks) -> None:
    assert looks.opened > 100
    assert looks.unwritten == []


def test_everything_that_is_watched_is_met(looks: Looks, canaries: Canaries) -> None:
    """The walk is not blind: each watched field that holds words and that staff may meet stands on some page of it."""
    shown = {
        (row.model, name)
        for row in personal.rows()
        if row.is_watched and Place.STAFF in row.places
        for name in row.fields
        if planting.textual(row.model, name)
    }
    assert shown - looks.met == UNSEEN


PAGES = [
    ("moderator", "feedback/feedbackitem/{item}/decide/"),
    ("coordinator", "accounts/rolegrant/{moderating}/take/"),
    ("coordinator", "accounts/invitation/{invitation}/withdraw/"),
    ("coordinator", "notifications/suppression/{suppression}/lift/"),
    ("coordinator", "timeline/subscription/"),
    ("deputy", "announcements/announcement/{draft}/publish/"),
]


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_a_page_that_writes_nothing_down_is_found(
    peopled: World, canaries: Canaries, book: Book, monkeypatch: pytest.MonkeyPatch, role: str, path: str
) -> None:
    def nothing(*args: Any, **values: Any) -> None:
        pass

    monkeypatch.setattr(log, "record_read", nothing)
    found = Looks()
    look(client_of(role), f"/en/admin/{path.format(**peopled)}", watched(canaries), found)
    assert len(found.unwritten) == 1
