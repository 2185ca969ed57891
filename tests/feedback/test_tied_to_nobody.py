"""Nothing public ties a text without a name to an account: somebody tries who reads all that there is, again and again.

Ten people come by turns. Each says something by name and something for staff alone, agrees and replies; some of them
say, change, withdraw, reply, translate or agree without a name besides, and who does is a secret. Whoever wants to know
it crawls all public pages, lists in every order, feeds and data, with all headers, and compares that with what it would
be if somebody else were it: those for whom it is the same, byte by byte, are the candidates. It must be all ten. The
twins plant what would tell, and then it is one.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import LazySettings
from django.conf import settings as settings_now
from django.core.cache import cache
from django.db import transaction

from feedback import atom, changed, describe, listing, opendata, queries, responses, sent, services
from feedback.enums import Participation
from feedback.models import FeedbackItem, FeedbackReply, FeedbackUnconfirmed, FeedbackWindow
from feedback.services import Words
from taskforce.accounts import services as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.core import tokens
from taskforce.core.clock import app_now
from taskforce.core.templatetags.portal import local_time
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, fresh

PEOPLE = 10
# So many pages are compared in `make test`, which are all of the window but its forms.
QUICK = 60
# What nobody is to know: who does this on which day; each has another person.
SECRETS = {"one": 0, "two": 3, "gone": 5, "agrees": 6, "replies": 8, "replies too": 1, "translates": 4}
# What an address may lead to that is not somebody's own page.
_PUBLIC = re.compile(r"^/(?:en/(?!accounts|admin|subscriptions)|open-data/)")
_LINK = re.compile(r'href="([^"#]+)')
_ITEMS = f"{address()}items/"
_STARTS = [
    "/en/", _ITEMS, f"{_ITEMS}?sort=agreed", f"{_ITEMS}?q=words", f"{_ITEMS}?language=en&page=2",
    f"{address()}feed.atom", f"{address('ar')}feed.atom", f"{address('zh-hant')}items/", f"{address('ar')}items/",
    *(f"/open-data/leadership-development/feedback.{form}" for form in ("json", "csv")),
]  # fmt: skip
_FORM = re.compile("/(?:agree|reply|report|translate)/")
# What is random in a form, and in the link to one's own text.
_TOKEN = re.compile(rb'value="[^"]{40,}"|/mine/[^/"]+/')
# Each answer has another one.
_BY_CHANCE = {"X-Request-ID", "X-Request-Id"}
Seen = dict[str, tuple[int, dict[str, str], bytes]]


@dataclass
class World:
    """The window, who is there, and what was said, by a word for each."""

    window: FeedbackWindow
    people: Sequence[User]
    spy: User
    clock: Clock
    said: dict[str, FeedbackItem] = field(default_factory=dict)

    def say(self, key: str, author: User, name: str = "", visibility: str = "", language: str = "en") -> None:
        """An item; its words are its own. Where the window asks for a mail address its author follows the link."""
        question = self.window.questions.questions.order_by("position")[0]
        said: dict[str, Any] = {
            "form_key": _form_key(self.window), "language": language,
            "visibility": visibility or ("public" if name else "nameless"), "name": name,
            "answers": [Answer(question.pk, _words(key))], "account_id": author.pk,
            "sender": f"192.0.2.{author.pk % 250}",
        }  # fmt: skip
        if self.window.participation == Participation.MAIL:
            services.send_to_confirm(self.window.pk, author.email, **said)
            self.said[key] = services.confirm(
                FeedbackUnconfirmed.objects.latest("pk").pk, at=app_now(), account_id=author.pk
            )
        else:
            self.said[key] = services.submit(self.window.pk, **said, author_id=author.pk).item

    def reply(self, key: str, to: str, author: User, name: str = "") -> None:
        """A reply to an item."""
        sent = services.Reply(_form_key(self.window), "en", _words(key), name)
        services.reply(self.said[to].pk, sent, author=author)


def _form_key(window: FeedbackWindow) -> gates.FormKey:
    return gates.read_form_key(gates.new_form_key(OPENS, window.phase_id), window.phase_id)


def _words(key: str) -> str:
    """Words that no other text has."""
    made = hashlib.sha256(key.encode()).hexdigest() * 2
    return "words " + " ".join(made[start : start + 5] for start in range(0, len(made), 5))


@pytest.fixture
def world(
    window: FeedbackWindow,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
    request: pytest.FixtureRequest,
) -> World:
    """Everybody could have done everything, in a window of the kind that a test names (else one that asks for an
    account). A reference is drawn by lot; here by the words, the same in each world."""
    settings.DEMO = False
    FeedbackWindow.objects.update(participation=getattr(request, "param", Participation.ACCOUNT))
    window.refresh_from_db()
    found = []
    for number in range(PEOPLE + 1):
        person = accounts.create_account(f"person{number}@demo.example", at=OPENS, name=f"Person {number}")
        accounts.grant_role(person, Role.TRANSLATOR, at=OPENS, actor_id=None, language="en")
        found.append(person)
    monkeypatch.setattr(listing, "PER_PAGE", 6)
    monkeypatch.setattr(changed, "PER_PAGE", 6)
    return World(window, found[:-1], found[-1], clock)


@pytest.fixture(autouse=True)
def by_lot(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Says for what the next reference is drawn."""
    now = {"key": ""}

    def drawn(prefix: str) -> str:
        number = int(hashlib.sha256(now["key"].encode()).hexdigest(), 16)
        letters = [tokens._ALPHABET[number // 27**place % 27] for place in range(8)]
        return f"{prefix}-{''.join(letters[:4])}-{''.join(letters[4:])}"

    monkeypatch.setattr(tokens, "new_reference", drawn)
    return lambda key: now.update(key=key)


# --- what they do --------------------------------------------------------------------------------------------------

Act = tuple[str, Callable[[User], Any]]


def openly(world: World, number: int, day: int) -> list[Act]:
    """What one of them does by name, for staff or where everybody does it: the same in each world."""
    name, other = f"Name {number}", f"by name {(number + 3) % PEOPLE}"
    if day == 0:
        return [
            (f"by name {number}", lambda person: world.say(f"by name {number}", person, name)),
            (f"staff {number}", lambda person: world.say(f"staff {number}", person, visibility="staff")),
        ]
    return [(f"reply {number}", lambda person: world.reply(f"reply {number}", other, person, name))]


def secretly(world: World, secret: str, day: int) -> list[Act]:
    """What whoever has a secret does that day."""
    question = world.said["ground"].answers.get().asked_id
    acts: dict[str, list[Callable[[User], Any] | None]] = {
        "one": [lambda person: world.say("one", person), lambda _person: _change(world.said["one"])],
        "two": [lambda person: world.say("two", person), None],
        "gone": [
            lambda person: world.say("gone", person),
            lambda _person: services.withdraw(world.said["gone"].pk, at=app_now()),
        ],
        "agrees": [lambda person: services.agree(world.said["ground"].pk, user=person), None],
        "replies": [None, lambda person: world.reply("replies", "by name 8", person)],
        "replies too": [None, lambda person: world.reply("replies too", "one", person)],
        "translates": [
            lambda person: services.translate(
                world.said["ground"].pk, "en", Words({question: _words("meant")}, "", 0, 0), actor=person, at=app_now()
            ),
            None,
        ],
    }
    act = acts[secret][day]
    return [(secret, act)] if act else []


def _change(item: FeedbackItem) -> None:
    question = item.answers.get().asked_id
    services.edit(
        item.pk, form_key=_form_key(item.window), version=0, language="en", visibility="nameless", name="",
        answers=[Answer(question, _words("one, changed"))],
    )  # fmt: skip


def live(world: World, draw: Callable[[str], None], turn: int, *, at_once: bool) -> Iterator[str]:
    """Two days; who has a secret is `turn` people further on. Whoever has one does it among what else they do, or
    (`at_once`) all of them when the day ends, each at a moment of its own.

    Stops where somebody looks: before and after each secret where they are kept for the end, and as each day ends.
    """
    world.said = {}
    world.clock.set(OPENS + timedelta(minutes=1))
    draw("ground")
    world.say("ground", world.spy, "Ground", language="ar")
    whose = {secret: (number + turn) % PEOPLE for secret, number in SECRETS.items()}
    for day in range(2):
        later: list[tuple[int, Act]] = []
        for number in range(PEOPLE):
            begun = OPENS + timedelta(days=day, minutes=5 + 53 * number, seconds=7)
            hidden = [one for secret in SECRETS if whose[secret] == number for one in secretly(world, secret, day)]
            later += [(number, one) for one in hidden]
            for step, (key, act) in enumerate([*openly(world, number, day), *([] if at_once else hidden)]):
                world.clock.set(begun + timedelta(minutes=step, seconds=13 * step))
                draw(f"{day} {key}")
                act(world.people[number])
        if at_once:
            for step, (number, (key, act)) in enumerate(sorted(later, key=lambda one: one[1][0])):
                yield f"{day} before {key}"
                world.clock.set(OPENS + timedelta(days=day, hours=9, minutes=7 * step, seconds=3 * step))
                draw(f"{day} {key}")
                act(world.people[number])
                yield f"{day} after {key}"
        world.clock.set(OPENS + timedelta(days=day, hours=11, minutes=30))
        if at_once or day:
            yield f"end of day {day}"


# --- who looks -----------------------------------------------------------------------------------------------------


def looked(client: Client, starts: Sequence[str], *, most: int) -> Seen:
    """All that the public pages say from here on: the answers to everything that they lead to, those of the window
    first, forms last."""
    found: Seen = {}
    ahead: list[list[str]] = [[*starts], [], []]
    while any(ahead) and len(found) < most:
        path = next(paths for paths in ahead if paths).pop(0)
        if path in found:
            continue
        response = client.get(path)
        # A cookie that a form brings has a token of its own.
        headers = {name: value for name, value in response.headers.items() if name not in _BY_CHANCE}
        headers |= {f"cookie {name}": _cookie(name, morsel) for name, morsel in response.cookies.items()}
        if path.startswith("/open-data/"):
            # A digest of where the database keeps what it is made of: no two worlds have the same, whoever is in them.
            headers.pop("ETag", None)
        found[path] = (response.status_code, headers, _TOKEN.sub(b"", response.content))
        if response.headers["Content-Type"].startswith("text/html"):
            links = [link.replace("&amp;", "&") for link in _LINK.findall(response.content.decode())]
            whole = [f"{path.partition('?')[0]}{link}" if link.startswith("?") else link for link in links]
            for link in filter(_PUBLIC.match, whole):
                ahead[2 if _FORM.search(link) else 0 if link.startswith(address()) else 1].append(link)
    return found


def _cookie(name: str, morsel: Any) -> str:
    """All that a cookie says; of what is drawn by lot for each browser only for where and how long."""
    value = "" if name in (settings_now.CSRF_COOKIE_NAME, settings_now.SESSION_COOKIE_NAME) else morsel.value
    return f"{value} {morsel['path']} {morsel['max-age']} {morsel['samesite']}"


def life(world: World, draw: Callable[[str], None], turn: int, *, at_once: bool, most: int) -> list[tuple[str, Seen]]:
    """All that somebody sees who looks at each stop, from outside and signed in; the world is gone afterwards."""
    seen: list[tuple[str, Seen]] = []
    cache.clear()
    with transaction.atomic():
        spy = Client()
        spy.force_login(world.spy)
        for stop in live(world, draw, turn, at_once=at_once):
            seen.append((stop, looked(Client(), _STARTS, most=most)))
            said = [world.said[key].reference for key in sorted(world.said)][-(most // 6) :]
            own = ["/en/accounts/email/", *(f"{_ITEMS}{reference}/agree/" for reference in said)]
            seen.append((f"{stop}, signed in", looked(spy, own, most=len(own))))
        transaction.set_rollback(True)
    return seen


def differences(one: Sequence[tuple[str, Seen]], other: Sequence[tuple[str, Seen]]) -> list[str]:
    """Where two worlds can be told apart."""
    found = []
    for (stop, first), (_stop, second) in zip(one, other, strict=True):
        paths = [path for path in sorted(first.keys() | second.keys()) if first.get(path) != second.get(path)]
        found += [f"{stop}: {path}: {_first_difference(first.get(path), second.get(path))}" for path in paths]
    return found


def _first_difference(one: Any, other: Any) -> str:
    if one is None or other is None or one[:2] != other[:2]:
        return f"{one and one[:2]} / {other and other[:2]}"
    lines = zip(one[2].splitlines(), other[2].splitlines(), strict=False)
    return next((f"{first!r} / {second!r}" for first, second in lines if first != second), "the end")


def candidates(
    world: World, draw: Callable[[str], None], turns: Sequence[int], *, at_once: bool = False, most: int = QUICK
) -> tuple[list[int], list[str]]:
    """By how many people further on the secrets could be and all would look as it does; what else gives it away."""
    real = life(world, draw, 0, at_once=at_once, most=most)
    told = {turn: differences(real, life(world, draw, turn, at_once=at_once, most=most)) for turn in turns}
    return [turn for turn in turns if not told[turn]], [path for paths in told.values() for path in paths]


# --- and finds out nothing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("turns", [[3], pytest.param([1, 2, 4, 5, 6, 7, 8, 9], marks=pytest.mark.long)])
def test_who_looks_when_the_day_is_over_has_everybody_to_choose_from(
    world: World, by_lot: Callable[[str], None], turns: list[int]
) -> None:
    """Before or after what they did by name, between whom, at which minute: nothing tells."""
    found, told = candidates(world, by_lot, turns, most=QUICK if len(turns) == 1 else 300)
    assert found == turns, told[:20]


@pytest.mark.long
@pytest.mark.parametrize("world", [Participation.ANYBODY, Participation.MAIL], indirect=True)
def test_so_it_is_whoever_may_say_something(world: World, by_lot: Callable[[str], None]) -> None:
    """Where nobody needs an account, and where the window asks for a mail address."""
    found, told = candidates(world, by_lot, [3])
    assert found == [3], told[:20]


@pytest.mark.parametrize("kind", [Participation.ANYBODY, Participation.ACCOUNT])
def test_what_a_browser_keeps_of_having_sent_is_the_same_for_everybody(
    window: FeedbackWindow, people: dict[str, User], by_lot: Callable[[str], None], kind: Participation
) -> None:
    """As long, and without a letter that would tell one from another; the twin is what stood there before."""
    FeedbackWindow.objects.update(participation=kind)
    kept = {}
    for who in ("member", "moderator", *(("",) if kind == Participation.ANYBODY else ())):
        client = Client()
        by_lot(who)
        if who:
            client.force_login(people[who])
        answer = client.post(address(), fresh(client, visibility="nameless"))
        kept[who] = {name: morsel for name, morsel in answer.cookies.items() if name == sent.NAME}[sent.NAME]
    assert len({(len(one.value), one["path"], one["max-age"]) for one in kept.values()}) == 1
    for item, who in zip(FeedbackItem.objects.order_by("pk"), kept, strict=True):
        holder = str(people[who].pk) if who else ""
        before = f"{item.reference}/{holder}"
        assert not {item.reference, holder} & set(re.split(r"[^\w-]", kept[who].value)) - {""}
        assert {item.reference, holder} & set(re.split(r"[^\w-]", before))


@pytest.mark.long
def test_who_looks_all_the_time_sees_when_and_not_who(world: World, by_lot: Callable[[str], None]) -> None:
    """Before and after each of them: nothing else changes with it, neither for strangers nor for who is signed in."""
    found, told = candidates(world, by_lot, [3], at_once=True, most=24)
    assert found == [3], told[:20]


@pytest.mark.long
def test_there_is_enough_to_see(world: World, by_lot: Callable[[str], None]) -> None:
    """What is compared holds every text without a name, and who said what by name."""
    seen = life(world, by_lot, 0, at_once=False, most=QUICK)
    stops = [stop for stop, _seen in seen]
    assert stops == ["end of day 1", "end of day 1, signed in"]
    last = dict(seen)["end of day 1"]
    everything = b"".join(body for _status, _headers, body in last.values()).decode()
    for key in ("one, changed", "two", "replies", "replies too", "meant", "by name 9", "reply 9"):
        assert _words(key) in everything, key
    for key in ("staff 3", "gone"):
        assert _words(key) not in everything
    for path in (*_STARTS, f"{_ITEMS}?page=2", f"{address()}moderation/", f"{address()}summary/"):
        assert last[path][0] == 200, path
    assert len([path for path in last if "/items/F-" in path]) > PEOPLE


# --- the twins -----------------------------------------------------------------------------------------------------


def _by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list in the order in which things came."""
    plain = queries.for_everybody
    monkeypatch.setattr(queries, "for_everybody", lambda: plain().order_by("-pk"))


def _replies_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "_in_order", lambda item: FeedbackReply.objects.filter(item=item).order_by("pk"))


def _to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment of each text."""
    monkeypatch.setattr(describe, "_moment", lambda _item, instant: local_time(instant))


def _feed_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atom, "_changed", lambda entry: entry.changed_at)


def _translated_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describe, "day", local_time)


def _data_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = opendata._item
    monkeypatch.setattr(opendata, "_item", lambda item: plain(item) | {"received_on": str(item.received_at)})


def _numbers_in_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the database counts, in what a page shows of a text."""
    plain = describe.said
    monkeypatch.setattr(describe, "said", lambda item, *more: plain(item, *more) | {"channel": f"#{item.pk % 1000}"})


def _own_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something of the account, however little, in what a page shows of a text."""
    plain = describe.said
    monkeypatch.setattr(describe, "said", lambda item, *more: plain(item, *more) | {"channel": f"{item.author_id % 7}"})


TWINS = [
    *(_by_number, _replies_by_number, _to_the_second, _feed_to_the_second, _translated_to_the_second),
    *(_data_to_the_second, _numbers_in_markup, _own_mark),
]


@pytest.mark.dear
@pytest.mark.parametrize("plant", TWINS)
def test_what_would_tell_is_found(
    world: World, by_lot: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, plant: Callable[..., None]
) -> None:
    plant(monkeypatch)
    found, told = candidates(world, by_lot, [3])
    assert found == []
    assert [one for one in told if ", signed in" not in one]


def test_a_reference_tells_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is drawn by lot, here 400 times; the twin counts."""
    monkeypatch.undo()

    def rising(many: Sequence[str]) -> float:
        return sum(one < other for one, other in pairwise(many)) / (len(many) - 1)

    drawn = [tokens.new_reference("F") for _ in range(400)]
    assert 0.35 < rising(drawn) < 0.65
    assert rising([f"F-{number:08}" for number in range(400)]) == 1
