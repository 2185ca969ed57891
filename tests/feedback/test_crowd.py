"""A crowd of people and a crowd of machines in one window at once, by the form: of the machines nothing stands in the
end, and of the people everything.

The machines send without the form, with one form for many texts, with what people do not see filled in, at once, from
many networks and with all that a browser sends; and they copy. The people paste, hurry, share an address, sign what
they have agreed on, use no scripts, make mistakes and think again. What no machine of these does is to wait, write
something new each time and change its network: such a one is not told from people (`docs/limits.md`).
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from feedback import suspects
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.core.clock import app_now
from taskforce.limits import table
from taskforce.timeline.gates import new_form_key
from tests.clients import Client
from tests.feedback.pages import address, filled, main_form, parsed, text_question
from tests.feedback.test_suspects import CAMPAIGN, altered
from tests.sampling import WHOLE

BROWSER: dict[str, Any] = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
    "HTTP_SEC_FETCH_MODE": "navigate",
    "HTTP_SEC_FETCH_SITE": "same-origin",
}
# What several people have agreed to say, each with a word of their own.
AGREED = (
    "We, the user group of our region, ask for a task force with members from at least three continents, with minutes "
    "in every language of its members and a budget for interpretation at each of its meetings. Signed by"
)
# Letters of four scripts, and how many make a word.
ALPHABETS = {
    "en": ("abcdefghijklmnopqrstuvwyz", 9),
    "ar": ("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", 7),
    "hi": ("अआइईउएओकखगघचछजटठडतथदधनपफबभमयरलवशसह", 6),
    "zh-hant": ("".join(map(chr, range(0x4E00, 0x5A00))), 14),
}
Act = Callable[[], Any]


def half(number: int) -> int:
    """Of a flood, in the daily run."""
    return number if WHOLE else number // 2


def prose(dice: random.Random, words: int, language: str = "en") -> str:
    """As many words that nobody else uses: the words of real texts are not drawn from a few either."""
    letters, longest = ALPHABETS[language]
    return " ".join("".join(dice.choices(letters, k=dice.randrange(2, longest))) for _ in range(words))


class Crowd:
    """Sends by the form of one window; each as a browser of its own."""

    def __init__(self, window: FeedbackWindow) -> None:
        self.window, self.dice = window, random.Random(23)
        self.question = text_question(filled(Client()))
        self.answers: Counter[int] = Counter()

    def network(self) -> str:
        """Some address, a network of its own."""
        return f"{self.dice.randrange(11, 120)}.{self.dice.randrange(255)}.{self.dice.randrange(255)}.7"

    def fields(self, text: str, seconds: float, **more: str) -> dict[str, str]:
        """The filled form as it was shown so many seconds ago."""
        key = new_form_key(app_now() - timedelta(seconds=seconds), self.window.phase_id)
        return {
            "form_key": key, "language": "en", "visibility": "nameless", "name": "", "consent": "on",
            self.question: text, **more,
        }  # fmt: skip

    def send(self, text: str, seconds: float, *, network: str = "", **more: str) -> Any:
        """Load the page, and send the form with its cookie and token."""
        client = Client(enforce_csrf_checks=True)
        shown = main_form(client, address())
        fields = {**shown, **self.fields(text, seconds, **more)}
        response = client.post(address(), fields, REMOTE_ADDR=network or self.network(), **BROWSER)
        self.answers[response.status_code] += 1
        return client, response


# --- machines ------------------------------------------------------------------------------------------------------


def without_the_form(crowd: Crowd) -> None:
    """No cookie, no token: sent to the address alone."""
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address(), crowd.fields(prose(crowd.dice, 30), 60), REMOTE_ADDR=crowd.network())
    assert answer.status_code == 403


def with_a_made_up_key(crowd: Crowd) -> None:
    crowd.send(prose(crowd.dice, 30), 60, form_key=f"{crowd.dice.random()}:x:y")


def with_what_nobody_sees(crowd: Crowd) -> None:
    crowd.send(prose(crowd.dice, 40), crowd.dice.uniform(5, 300), **{HONEYPOT: "https://x.example"})


def within_seconds(crowd: Crowd) -> None:
    crowd.send(prose(crowd.dice, 40), crowd.dice.uniform(0, 3.9))


def with_small_changes(crowd: Crowd) -> None:
    crowd.send(altered(crowd.dice.randrange(10**6)), crowd.dice.uniform(5, 300))


def in_a_hurry_with_small_changes(crowd: Crowd) -> None:
    crowd.send(altered(crowd.dice.randrange(10**6)), crowd.dice.uniform(0, 3.9))


def with_links(crowd: Crowd) -> None:
    turn = crowd.dice.randrange(10**6)
    links = f"http://a{turn}.example/x www.b.example/{turn} https://c.example"
    crowd.send(f"{prose(crowd.dice, 30)} {links}", crowd.dice.uniform(5, 300))


def with_a_link_for_a_name(crowd: Crowd) -> None:
    crowd.send(prose(crowd.dice, 30), crowd.dice.uniform(5, 300), name=f"www.shop{crowd.dice.random()}.example")


MACHINES = (
    within_seconds,
    without_the_form,
    with_a_made_up_key,
    with_what_nobody_sees,
    within_seconds,
    with_small_changes,
    in_a_hurry_with_small_changes,
    with_links,
    with_a_link_for_a_name,
)


def with_one_form(crowd: Crowd) -> None:
    """A form that was loaded once, for as many texts: the first is one text, all others are told."""
    client = Client(enforce_csrf_checks=True)
    fields = {**main_form(client, address()), **crowd.fields("", 1)}
    for turn in range(5):
        sent = {**fields, crowd.question: prose(crowd.dice, 30)}
        answer = client.post(address(), sent, REMOTE_ADDR=crowd.network(), **BROWSER)
        assert answer.status_code == (303 if turn == 0 else 409)


# --- people --------------------------------------------------------------------------------------------------------


def people(crowd: Crowd) -> list[tuple[str, Act]]:
    """Fifty people: what each of them is, and what they do."""
    dice = crowd.dice
    school = "192.0.2.33"

    def pastes() -> Any:
        return crowd.send(prose(dice, 900), dice.uniform(6, 30))

    def hurries_on_a_phone() -> Any:
        return crowd.send(dice.choice(["Yes", "I agree.", "同意。", "نعم", "Good idea!", "👍"]), dice.uniform(4.2, 9))

    def at_school() -> Any:
        return crowd.send(prose(dice, dice.randrange(6, 60)), dice.uniform(20, 900), network=school)

    def signs(number: int) -> Any:
        return crowd.send(
            f"{AGREED} member {number} of the group.",
            dice.uniform(15, 300),
            name=f"Member {number}",
            visibility="public",
        )

    def in_their_script(number: int) -> Any:
        language = ("zh-hant", "ar", "hi")[number % 3]
        return crowd.send(prose(dice, 25, language), dice.uniform(15, 900), language=language)

    def thinks_again() -> Any:
        client, answer = crowd.send(prose(dice, 30), dice.uniform(15, 300))
        edit = f"{answer.headers['Location']}edit/"
        fields = main_form(client, edit)
        changed = {**fields, crowd.question: f"{fields[crowd.question]} And one word more."}
        assert client.post(edit, changed, REMOTE_ADDR=crowd.network(), **BROWSER).status_code == 303

    def makes_a_mistake_without_scripts() -> Any:
        """Forgets a choice, and sends the form that comes back with what they had typed."""
        client = Client(enforce_csrf_checks=True)
        fields = {**main_form(client, address()), **crowd.fields(prose(dice, 30), 20), "visibility": ""}
        again = parsed(client.post(address(), fields).content.decode()).fields or {}
        answer = client.post(address(), {**again, "visibility": "nameless"}, REMOTE_ADDR=crowd.network())
        assert answer.status_code == 303

    some: list[tuple[str, int, Callable[..., Any]]] = [
        ("pastes", 6, lambda _number: pastes()),
        ("hurries", 8, lambda _number: hurries_on_a_phone()),
        ("school", 12, lambda _number: at_school()),
        ("signs", 8, signs),
        ("script", 6, in_their_script),
        ("thinks again", 5, lambda _number: thinks_again()),
        ("mistake", 5, lambda _number: makes_a_mistake_without_scripts()),
    ]
    return [(name, partial(act, number)) for name, many, act in some for number in range(many)]


@pytest.fixture
def crowd(window: FeedbackWindow, clock: object, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    monkeypatch.setattr(suspects, "FASTEST", timedelta(seconds=4))
    # Half of the flood, and half as many from which it is one; the people are all there.
    for name in () if WHOLE else ("ODD_FEEDBACK", "ALIKE_FEEDBACK"):
        limit = getattr(table, name)
        monkeypatch.setattr(table, name, limit._replace(most=limit.most // 2))
    return Crowd(window)


@pytest.mark.long
def test_of_five_hundred_machines_nothing_stands_and_of_fifty_people_everything(crowd: Crowd) -> None:
    """All at once, in an order by lot."""
    persons = people(crowd)
    assert len(persons) == 50
    machines: list[tuple[str, Act]] = [
        ("machine", partial(MACHINES[turn % len(MACHINES)], crowd)) for turn in range(half(500) - 5)
    ]
    machines.append(("machine", partial(with_one_form, crowd)))
    acts = [*persons, *machines]
    crowd.dice.shuffle(acts)
    of_people: set[int] = set()
    for who, act in acts:
        before = FeedbackItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        act()
        new = set(FeedbackItem.objects.filter(pk__gt=before).values_list("pk", flat=True))
        of_people |= new if who != "machine" else set()
    assert len(of_people) == 50
    standing = set(FeedbackItem.objects.filter(state="published").values_list("pk", flat=True))
    signs = Counter(FeedbackItem.objects.filter(pk__in=of_people).values_list("suspicion", "state"))
    assert standing == of_people, signs
    # The machines got receipts, or were told what was wrong: none learns that it was found out.
    assert set(crowd.answers) <= {200, 303}
    assert FeedbackItem.objects.filter(state="held").count() > half(500) * 0.6


@pytest.mark.long
def test_a_flood_of_one_text_holds_nothing_of_another(crowd: Crowd) -> None:
    """The twin of it, where all that is like anything is counted together, holds both."""
    for number in range(8):
        crowd.send(f"{AGREED} member {number} of the group.", 60)
    for turn in range(half(100)):
        crowd.send(altered(turn), 60)
    held = FeedbackItem.objects.filter(state="held").values_list("answers__text", flat=True)
    assert len(held) >= half(100) * 0.9
    assert not [text for text in held if text.startswith(AGREED[:20])]


@pytest.mark.parametrize("is_told_apart", [True, False], ids=["by what they say", "twin"])
def test_texts_alike_are_counted_by_what_they_say(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch, *, is_told_apart: bool
) -> None:
    monkeypatch.setattr(table, "ODD_FEEDBACK", table.ODD_FEEDBACK._replace(most=8))
    monkeypatch.setattr(table, "ALIKE_FEEDBACK", table.ALIKE_FEEDBACK._replace(most=4 if is_told_apart else 99))
    for number in range(3):
        crowd.send(f"{AGREED} member {number}.", 60)
    for turn in range(12):
        crowd.send(f"{CAMPAIGN} {turn}", 60)
    standing = FeedbackItem.objects.filter(state="published").values_list("answers__text", flat=True)
    # But for the first, which was like nothing that was there.
    assert len(standing) == (3 if is_told_apart else 1)
    first = FeedbackItem.objects.order_by("pk").first()
    assert first is not None
    assert set(FeedbackItem.objects.filter(answers__text__startswith=AGREED[:20]).values_list("alike", flat=True)) == {
        None,
        first.pk,
    }
