"""Every token that a link or a form carries opens what it was made for, for whom it was made, and nothing else."""

import ast
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any, NamedTuple

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import LazySettings, settings
from django.core import signing
from django.core.cache import cache

from feedback import services as feedback
from feedback import telling
from feedback.models import FeedbackItem, FeedbackWindow
from recruitment import unreminded
from recruitment.models import Application
from taskforce.accounts import links
from taskforce.accounts.models import Invitation, User
from taskforce.core import sealedlinks
from taskforce.core.clock import app_now
from taskforce.notifications import leaving, preferences
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import asking, gates, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import Phase, Subscription, TaskForce
from tests.architecture.reading import calls, parsed, sources
from tests.clients import Client
from tests.feedback.conftest import text as text
from tests.feedback.conftest import version as version
from tests.feedback.conftest import window as window
from tests.feedback.pages import address, filled
from tests.privacy.keyspace import readings
from tests.rows import Rows
from tests.security.state import changes, state

ANN, BOB = "ann@example.org", "bob@example.org"
CODE = "/en/accounts/login/code/"

pytestmark = pytest.mark.django_db


class Kind(NamedTuple):
    """A kind of token, the addresses that take it (`{}` for it), and the salt that binds it to its purpose."""

    addresses: tuple[str, ...]
    salt: str


MINE = f"{address()}mine/{{}}/"
KINDS = {
    "ask": Kind(("/en/subscriptions/confirm/{}/",), "taskforce.timeline.asking"),
    "choose": Kind(("/en/subscriptions/manage/{}/",), "taskforce.notifications.preferences"),
    "leave": Kind(("/en/subscriptions/leave/{}/", "/unsubscribe/{}/"), "taskforce.notifications.leaving"),
    "own feedback": Kind((MINE, f"{MINE}edit/", f"{MINE}withdraw/"), "feedback.mine"),
    "confirmed text": Kind((f"{address()}confirm/{{}}/",), "feedback.confirm"),
    "no more mails": Kind((f"{address()}stop/{{}}/",), "feedback.stop-telling"),
    "reminders of an application": Kind(
        ("/en/tf/leadership-development/join/application/reminders/{}/",), "recruitment.reminders"
    ),
    "invitation": Kind(("/en/accounts/invitation/{}/",), "taskforce.accounts.invitation"),
    "new password": Kind(("/en/accounts/password/reset/key/{}/",), ""),
    # These stand in a form or a cookie and open no address.
    "form": Kind((), "taskforce.timeline.form-key"),
    "owner of a form": Kind((), "recruitment.kept.owner"),
    "owner of an account's form": Kind((), "accounts.signed_out.owner"),
    "sent from here": Kind((), "feedback.sent"),
    "previewed act": Kind((), "taskforce.timeline.previewed-act"),
    "previewed decision": Kind((), "taskforce.timeline.previewed-decision"),
    "known browser": Kind((), "taskforce.known-browser"),
    "word for the next page": Kind((), "taskforce.core.messages"),
}
# Keys and keyed hashes that go out to nobody.
NO_TOKENS = {
    "feedback.blocks",
    "feedback.few-words",
    "feedback.fields",
    "feedback.sent.holder",
    "feedback.moderation-mail",
    "feedback.reply-fields",
    "feedback.report",
    "feedback.told-mailbox",
    "proof_code",
    "recruitment.mailbox",
    "recruitment.snapshot",
    "taskforce.accounts.sealing",
    "taskforce.core.cachekeys",
    "taskforce.limits",
    "taskforce.timeline.departures",
}


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> Iterator[None]:
    """allauth counts in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ask(tf: TaskForce) -> Ask:
    """What Ann has asked for."""
    asked = Ask(ANN, tf.pk, ("deadlines", "updates"), "immediate", "en", "UTC")
    services.ask_to_follow(asked, sender=None, at=app_now())
    return asked


@pytest.fixture
def tokens(ask: Ask, window: FeedbackWindow, people: dict[str, User], pieces: dict[str, Rows]) -> dict[str, str]:
    """One of each kind, all of them good."""
    services.follow(TaskForce.objects.get(), mailbox=BOB, topics=["deadlines"], language="en", at=app_now())
    key = gates.new_form_key(app_now(), window.phase_id)
    receipt = feedback.submit(
        window.pk,
        form_key=gates.read_form_key(key, window.phase_id),
        language="en",
        visibility="public",
        name="",
        answers=[],
    )
    member, at = people["member"], app_now()
    for piece in ("call's questions", "call"):
        pieces[piece].write()
    applied = Application.objects.create(
        call_id=pieces["call"].ids("recruitment_call")[0],
        applicant=member,
        number=1,
        reference="A-TOKEN",
        language="en",
        created_at=at,
        saved_at=at,
    )
    invitation = Invitation.objects.create(
        mailbox=BOB,
        role="observer",
        task_force_id=ask.task_force_id,
        mail_language="en",
        inviter_id=people["coordinator"].pk,
        made_at=at,
        told_at=at,
        expires_at=at + timedelta(days=14),
    )
    return {
        "invitation": links.token(invitation.pk, BOB),
        "ask": asking.token(ask),
        "choose": preferences.token(BOB),
        "leave": leaving.token(Leave(BOB, ask.task_force_id, "")),
        "own feedback": receipt.token,
        "confirmed text": sealedlinks.seal([receipt.item.form_key, BOB], KINDS["confirmed text"].salt),
        "no more mails": telling.stop_token(window.pk, BOB),
        "reminders of an application": unreminded.token(unreminded.Whose(applied.call_id, member.pk)),
        "new password": f"{user_pk_to_url_str(member)}-{default_token_generator.make_token(member)}",
        "form": key,
        **{kind: signing.Signer(salt=KINDS[kind].salt).sign(str(member.pk)) for kind in KINDS if "owner" in kind},
        **{kind: signing.Signer(salt=KINDS[kind].salt).sign_object({}) for kind in KINDS if "previewed" in kind},
        "known browser": signing.dumps([], salt=KINDS["known browser"].salt),
        "word for the next page": sealedlinks.seal([ANN], KINDS["word for the next page"].salt),
        "sent from here": sealedlinks.seal([[receipt.item.reference], "", 0], KINDS["sent from here"].salt),
    }


def refused(client: Client, place: str) -> bool:
    """Whether neither reading nor posting there opens anything."""
    answers = [client.get(place), client.post(place, {"confirm": "on", "password1": "p" * 12, "password2": "p" * 12})]
    # allauth's page for a link that does not work is a page.
    return all(
        answer.status_code in (404, 405) or "This link does not work" in answer.content.decode() for answer in answers
    ) or all("reset/key" in place and "password1" not in answer.content.decode() for answer in answers)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_of_one_kind_is_none_of_another(tokens: dict[str, str], kind: str) -> None:
    before = state()
    others = [place for other, made in KINDS.items() if other != kind for place in made.addresses]
    assert [place for place in others if not refused(Client(), place.format(tokens[kind]))] == []
    assert changes(before) == []


@pytest.mark.parametrize("kind", [kind for kind, made in KINDS.items() if made.addresses])
def test_its_own_address_takes_it_and_no_altered_one(tokens: dict[str, str], kind: str) -> None:
    token = tokens[kind]
    for place in KINDS[kind].addresses:
        assert Client().get(place.format(token), follow=True).status_code == 200
        for altered in (token[:-1], f"{token}x", token.swapcase(), token[1:], "x", "x" * 5000):
            assert refused(Client(), place.format(altered)), altered[:100]


@pytest.mark.parametrize("kind", [kind for kind, made in KINDS.items() if made.addresses])
def test_no_address_tells_a_mailbox(tokens: dict[str, str], kind: str) -> None:
    """Addresses of pages stand in the logs of proxies: whoever reads one reads no mailbox, however it is coded."""
    told = [reading for part in tokens[kind].split(":") for reading in readings(part.encode())]
    assert not [reading for reading in told if ANN in reading or BOB in reading]


def test_a_mailbox_in_an_address_is_found(ask: Ask) -> None:
    for token in (signing.dumps([ANN]), signing.Signer().sign_object([ANN])):
        assert [part for part in token.split(":") for reading in readings(part.encode()) if ANN in reading]


def test_links_of_older_mails_work(ask: Ask) -> None:
    """They hold signed tokens that are not sealed: the way out of a mail of last year is still one."""
    leave, salts = Leave(BOB, ask.task_force_id, "updates"), {kind: made.salt for kind, made in KINDS.items()}
    assert leaving.read(signing.Signer(salt=salts["leave"]).sign_object(list(leave))) == leave
    assert preferences.read(signing.Signer(salt=salts["choose"]).sign_object([BOB])) == BOB
    assert asking.read(signing.dumps(list(ask), salt=salts["ask"])) == ask


def test_links_work_under_a_former_key(ask: Ask, settings: LazySettings) -> None:
    token, other = preferences.token(BOB), preferences.token(ANN)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    assert preferences.read(token) == BOB
    settings.SECRET_KEY_FALLBACKS = []
    assert preferences.read(other) is None


# By the name of what is called, which of its arguments is the salt.
SALTED = {
    "django.utils.crypto.salted_hmac": 0,
    "taskforce.core.keyed.digest": 0,
    "taskforce.core.keyed.hexdigest": 0,
    "taskforce.core.sealedlinks.seal": 1,
    "taskforce.core.sealedlinks.unseal": 1,
}
# Whose caller says it.
HANDED_ON = {("taskforce/core/sealedlinks.py", "purpose")}


def salts_of(path: str, text: str) -> set[str]:
    """The salts of a file, under whatever name they stand there; where a call's cannot be read, the call."""
    tree, found = parsed(text), set()
    known = dict(chain.from_iterable(_constants(node) for node in tree.body if isinstance(node, ast.Assign)))
    for node, name in calls(tree):
        given = [keyword.value for keyword in node.keywords if keyword.arg in ("salt", "key_salt")]
        given += node.args[SALTED[name] : SALTED[name] + 1] if name in SALTED else []
        for salt in given:
            said = ast.unparse(salt)
            if (path, said) not in HANDED_ON:
                found.add(str(salt.value) if isinstance(salt, ast.Constant) else known.get(said, ast.unparse(node)))
    return found


def _constants(node: ast.Assign) -> Iterator[tuple[str, str]]:
    target, value = node.targets[0], node.value
    several = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    for name, one in zip(target.elts, value.elts, strict=False) if several else [(target, value)]:  # type: ignore[attr-defined]
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield ast.unparse(name), one.value


def test_every_salt_of_the_code_is_in_the_table() -> None:
    """A new kind of token without a row here is noticed."""
    found = set().union(*(salts_of(path, text) for path, text in sources()))
    assert found == {made.salt for made in KINDS.values() if made.salt} | NO_TOKENS


@pytest.mark.parametrize(
    "written",
    [
        "_KEY = 'new'\nx = salted_hmac(_KEY, 'a')",
        "NAME, _WORD = f(), 'new'\nx = salted_hmac(_WORD, 'a')",
        "x = salted_hmac(\n'new', 'a')",
        "x = signing.Signer(salt='new')",
        "_P = 'new'\ndef f():\n return crypto.salted_hmac(_P, '')",
        "_P = 'new'\nx = sealedlinks.seal([1], _P)",
        "x = keyed.hexdigest('new', 'a')",
        "_P = 'new'\nx = keyed.digest(_P, 'a')",
    ],
)
def test_a_new_salt_is_found(written: str) -> None:
    """The twin: under whatever name it stands."""
    imported = (
        "from django.utils import crypto\nfrom django.utils.crypto import salted_hmac\n"
        "from django.core import signing\nfrom taskforce.core import keyed, sealedlinks\n"
    )
    assert salts_of("x.py", imported + written) == {"new"}
    assert salts_of("x.py", f"{imported}x = salted_hmac(of(y), 'a')") == {"salted_hmac(of(y), 'a')"}


# --- for whom, how long, how often ---------------------------------------------------------------------------------


def test_what_one_mailbox_may_another_may_not(tf: TaskForce) -> None:
    for mailbox in (ANN, BOB):
        services.follow(tf, mailbox=mailbox, topics=["deadlines"], language="en", at=app_now())
    Client().post(f"/unsubscribe/{leaving.token(Leave(ANN, None, ''))}/")
    assert list(Subscription.objects.values_list("mailbox", flat=True)) == [BOB]
    other = services.create_task_force("other", {"en": "Other"}, at=app_now())
    Client().post(f"/unsubscribe/{leaving.token(Leave(BOB, other.pk, ''))}/")
    assert Subscription.objects.count() == 1


def test_an_ask_is_confirmed_once_and_within_its_week(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    place, begun = f"/en/subscriptions/confirm/{asking.token(ask)}/", time.time()
    monkeypatch.setattr(time, "time", lambda: begun + asking.WORKS_FOR.total_seconds() + 1)
    before = state()
    assert Client().post(place).status_code == 403
    assert changes(before) == []
    monkeypatch.undo()
    assert Client().post(place).status_code == 303
    assert Subscription.objects.exclude(confirmed_at=None).count() == 2
    services.leave(Leave(ANN, None, ""), at=app_now())
    before = state()
    Client().post(place)
    assert changes(before) == []


def test_a_link_to_a_new_password_works_once_and_for_its_person_as_they_were(
    people: dict[str, User], tf: TaskForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, other = people["member"], people["applicant"]
    member.set_password("what it was before")
    member.save()

    def link(user: User, of: User) -> str:
        return f"/en/accounts/password/reset/key/{user_pk_to_url_str(user)}-{default_token_generator.make_token(of)}/"

    def is_form(place: str) -> bool:
        return 'name="password1"' in Client().get(place, follow=True).content.decode()

    assert not is_form(link(other, of=member))
    good = link(member, of=member)
    assert is_form(good)
    later = default_token_generator._now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 1)
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)
    assert not is_form(good)
    monkeypatch.undo()
    client = Client()
    form = client.get(good, follow=True).request["PATH_INFO"]
    passwords = {"password1": "what it is from now on", "password2": "what it is from now on"}
    assert client.post(form, passwords).status_code == 302
    assert not is_form(good)
    assert client.get(form).content.decode().count('name="password1"') == 0
    # Whoever has another address is another recipient.
    member.refresh_from_db()
    again = link(member, of=member)
    assert is_form(again)
    member.email = "moved@example.org"
    member.save()
    assert not is_form(again)


def test_a_code_works_in_the_browser_that_asked_once_and_for_its_time(
    people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    member, client = people["member"], Client()

    def ask_in(browser: Client) -> str:
        browser.post(CODE, {"email": member.email})
        return str(OutboxMessage.objects.filter(mailbox=member.email).latest("id").context["code"])

    def enters(browser: Client, code: str) -> bool:
        browser.post(f"{CODE}confirm/", {"code": code})
        return "_auth_user_id" in browser.session

    first = ask_in(client)
    stranger = Client()
    assert not enters(stranger, first)
    second = ask_in(stranger)
    assert first != second
    assert not enters(stranger, first)
    for wrong in ("AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC"):
        assert not enters(stranger, wrong)
    assert not enters(stranger, second)  # tried too often, it is no more
    assert enters(client, first)
    client.post("/en/accounts/logout/")
    assert not enters(client, first)
    cache.clear()
    late, begun = Client(), time.time()
    code = ask_in(late)
    monkeypatch.setattr(time, "time", lambda: begun + settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT + 60)
    assert not enters(late, code)


def test_a_form_is_one_form_of_one_phase(window: FeedbackWindow, phase: Callable[[str], Phase]) -> None:
    fields: dict[str, Any] = filled(Client())
    foreign = gates.new_form_key(app_now(), phase("recruitment").pk)
    assert Client().post(address(), {**fields, "form_key": foreign}).status_code == 200
    assert not FeedbackItem.objects.exists()
    answers = [Client().post(address(), fields) for _ in range(3)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert FeedbackItem.objects.count() == 1
