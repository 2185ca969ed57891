"""No personal value in somebody else's mail, and none in the broker."""

import base64
import json
import pickle
import zlib
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import pytest

from taskforce.celery import app as celery_app
from taskforce.core.personal import Place
from taskforce.notifications import composing, kinds, rendering
from taskforce.notifications.kinds import UnknownKind
from taskforce.notifications.mailboxes import UnusableMailbox
from taskforce.notifications.models import OutboxMessage
from tests.privacy import keyspace, planting
from tests.privacy.planting import Canaries
from tests.privacy.search import Book
from tests.privacy.test_met import IN_MAILS

pytestmark = pytest.mark.django_db


# --- mails -----------------------------------------------------------------------------------------------------------


def _mails() -> Iterator[tuple[OutboxMessage, str]]:
    """Every mail as it goes over the wire, decoded, its links too."""
    for message in OutboxMessage.objects.select_related("mailing"):
        try:
            kind, ways = kinds.get(message.kind), composing.ways_of(message)
            if not message.context:
                continue
            rendered = rendering.render(
                kind, message.context, message.language, message.zone, topic=message.topic, ways=ways
            )
            envelope = composing.compose(message, rendered, ways)
        except (UnknownKind, UnusableMailbox):
            continue
        mail = message_from_bytes(envelope.content, policy=policy.default)
        parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        yield message, "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])


@pytest.mark.long
def test_mails(canaries: Canaries, book: Book) -> None:
    """A mail holds of others only what is public, and of its reader what may be in a mail."""
    problems, own, met = [], 0, set()
    for message, text in _mails():
        met |= {book.name(word) for word in book.found(text)}
        is_own = planting.MARK in message.mailbox.lower()
        own += is_own
        place = Place.OWN_MAIL if is_own else Place.OTHER_MAIL
        problems += [(message.kind, name) for name in book.forbidden(text, "", place, is_own=is_own)]
    # The number of a mail stands in its own header.
    assert [one for one in problems if one[1] != "notifications.OutboxMessage.message_id"] == []
    assert own >= 4
    assert {".".join(place) for place in IN_MAILS} <= met


# --- the broker, and what lies packed in tables ----------------------------------------------------------------------

QUEUE = "canaries"


@pytest.fixture
def queue() -> Iterator[str]:
    """A queue that no worker reads."""
    yield QUEUE
    with keyspace.server() as server:
        server.delete(QUEUE)


def test_the_broker_holds_nobody(canaries: Canaries, book: Book, queue: str) -> None:
    """Every task of the portal is put into the broker after all of this life: names of tasks, and nothing of people."""
    celery_app.loader.import_default_modules()
    ours = [name for name in celery_app.tasks if not name.startswith(("celery.", "tests."))]
    assert ours
    for name in ours:
        celery_app.send_task(name, queue=queue)
    held = keyspace.held()
    assert all(name in held for name in ours)
    assert [book.name(word) for word in book.found_coded(held)] == []


def test_cache_and_sessions_hold_what_the_map_says(canaries: Canaries, book: Book) -> None:
    """Only what was planted there; what is packed in the cache is opened by the search, and sessions are sealed."""
    assert {book.name(word) for word in book.found_coded(keyspace.machinery())} == {"cache_default.value"}
    assert {book.name(word) for word in book.found_coded(keyspace.sessions())} == {"sessions.Session.session_data"}


@pytest.mark.parametrize("pack", [
    str.encode,
    lambda word: base64.b64encode(f"..{word}".encode()),
    lambda word: zlib.compress(word.encode()),
    lambda word: pickle.dumps({"mailbox": word}),
    lambda word: base64.b64encode(zlib.compress(pickle.dumps([word]))),
    lambda word: json.dumps({"body": base64.b64encode(zlib.compress(word.encode())).decode()}).encode(),
])  # fmt: skip
def test_a_value_in_the_server_is_found_however_it_is_packed(
    canaries: Canaries, book: Book, queue: str, pack: Callable[[str], bytes]
) -> None:
    """In each database of the server, under each kind of key, in the key itself."""
    word = canaries.of("accounts.User", "email")
    with keyspace.server(1) as server:
        server.set(queue, pack(word))
        try:
            assert book.found_coded(keyspace.held()) == [word]
        finally:
            server.delete(queue)
    with keyspace.server() as server:
        server.hset(queue, "unacked", pack(word))
    assert book.found_coded(keyspace.held()) == [word]


def test_a_task_that_carries_a_value_is_found(canaries: Canaries, book: Book, queue: str) -> None:
    word = canaries.of("accounts.User", "email")
    celery_app.send_task("portal.sweep", kwargs={"mailbox": word}, queue=queue)
    assert book.found_coded(keyspace.held()) == [word]
