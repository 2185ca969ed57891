"""What looks like a machine's is held with a receipt, never refused and never lost; what people write is not held.

`make test` sends a quarter of each flood, and the number from which a flood is one is a quarter too.
"""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback import queries, services, suspects
from feedback.enums import SLIGHT, Participation, Suspicion
from feedback.forms.keyed import HONEYPOT
from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from feedback.queries import likeness
from feedback.services import judging
from taskforce.accounts import services as accounts
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core import prepared
from taskforce.core.clock import app_now
from taskforce.core.errors import TooOften
from taskforce.limits import table
from taskforce.portal import numbers
from taskforce.questions.forms import Answer
from taskforce.timeline.gates import new_form_key, read_form_key
from tests.clients import Client
from tests.conftest import MOMENT, Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address, filled, parsed, text_question
from tests.sampling import WHOLE

HELD_SENTENCE = "A person of the task force reads your text before anybody else can."
_WORDS = """
    community leadership training regional affiliates newcomers mentors budget language translation meeting consensus
    volunteers transparent decision movement strategy grants diversity project admin conflict onboarding feedback goal
    proposal members election report support network skills experience workshop platform engagement trust process
"""
WORDS = _WORDS.split()


def part(number: int) -> int:
    """Of a flood, or of people beside it."""
    return number if WHOLE else number // 4


@pytest.fixture
def flooded_by_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood begins with as small a part."""
    for name in ("ODD_FEEDBACK", "ALIKE_FEEDBACK", "FEW_WORDS"):
        limit = getattr(table, name)
        monkeypatch.setattr(table, name, limit._replace(most=part(limit.most)))


@pytest.fixture
def send(window: FeedbackWindow, clock: object) -> Callable[..., FeedbackItem]:
    """Send a text by the service, after so many seconds, from an address."""
    question_id = window.questions.questions.get(position=1).pk

    def one(
        text: str, *, seconds: float = 40, sender: str | None = None, name: str = "", trapped: bool = False
    ) -> FeedbackItem:
        at = app_now()
        return services.submit(
            window.pk,
            form_key=read_form_key(new_form_key(at - timedelta(seconds=seconds), window.phase_id), window.phase_id),
            language="en",
            visibility="public",
            name=name,
            answers=[Answer(question_id, text)],
            suspected=trapped,
            filled_in=timedelta(seconds=seconds),
            sender=sender,
        ).item

    return one


def sentence(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(words)).capitalize() + "."


HUMAN = (
    "I agree.",
    "I agree.",
    "Yes",
    "Good idea!",
    "同意。",
    "請讓小型社群也有代表，不要只聽大語言版本的意見，並且把會議記錄翻譯成中文。",
    "أوافق على المقترح، لكن أرجو أن تكون مواعيد الاجتماعات مناسبة لجميع المناطق الزمنية.",
    "कृपया छोटे समुदायों के लिए प्रशिक्षण हिंदी में भी उपलब्ध कराएँ, केवल अंग्रेज़ी में नहीं।",
    "Bitte die Protokolle auch auf Deutsch veröffentlichen, sonst kann unsere Gruppe nicht mitreden.",
    "See https://meta.wikimedia.org/wiki/Movement_Strategy for what was said before, https://en.wikipedia.org/wiki/Me",
    "The numbers in https://example.org/report.pdf tell another story about how many volunteers stay a second year.",
    "Leadership is not only for people who already lead. Ask affiliates first, then everybody who edits at night.",
)


def human_texts() -> list[str]:
    """Fifty texts as people send them: one word or half a page, several languages, some links, some alike."""
    dice = random.Random(7)
    return [*HUMAN, *(sentence(dice, dice.randrange(4, 120)) for _ in range(50 - len(HUMAN)))]


@pytest.mark.parametrize(("shortest", "longest"), [(4, 900), (0, 1)], ids=["as people", "as a program"])
def test_what_fifty_people_at_one_address_write_stands_at_once(
    send: Callable[..., FeedbackItem], shortest: float, longest: float
) -> None:
    """A school with one connection; and whoever tries that out by a program, which does not wait between two pages."""
    dice = random.Random(3)
    for text in human_texts():
        send(text, seconds=dice.uniform(shortest, longest), sender="192.0.2.1")
    assert FeedbackItem.objects.filter(state="published").count() == 50
    signs = set(FeedbackItem.objects.values_list("suspicion", flat=True))
    assert signs == ({""} if shortest else {Suspicion.FAST})


def bot(turn: int, dice: random.Random) -> dict[str, Any]:
    """A machine's post: each has one sign at least, and tries to avoid the others."""
    unlike = sentence(dice, 40)
    return (
        {"text": unlike, "trapped": True},
        {"text": unlike, "seconds": dice.uniform(0, 3.9)},
        {"text": f"{unlike} http://a.example/x www.b.example/{turn} https://c.example"},
        {"text": f"Cheap watches //shop{turn}.example/buy"},
        {"text": unlike, "name": f"Visit http://x{turn}.example"},
    )[turn % 5]


@pytest.mark.usefixtures("flooded_by_few")
def test_of_five_hundred_machines_nobody_reads_a_word(send: Callable[..., FeedbackItem]) -> None:
    dice = random.Random(11)
    for turn in range(part(500)):
        send(**bot(turn, dice), sender=f"2001:db8:{turn:x}::/64")
    items = list(FeedbackItem.objects.all())
    assert {item.state for item in items} == {"held"}
    # Of words drawn from a few some are nearly the same by chance.
    assert {*SLIGHT, Suspicion.TRAP, Suspicion.LINKS} >= {item.suspicion for item in items} >= {Suspicion.FAST}
    assert len({item.reference for item in items}) == part(500)


FLOODS: dict[str, Callable[[int, random.Random], dict[str, Any]]] = {
    "quick, each other words": lambda turn, dice: {"text": sentence(dice, 40), "seconds": dice.uniform(0, 3.9)},
    "quick, the same few words": lambda turn, dice: {"text": "I agree.", "seconds": 0.1},
    "quick, the same words": lambda turn, dice: {"text": CAMPAIGN, "seconds": 0.1},
    "slow, nearly the same words": lambda turn, dice: {"text": f"{CAMPAIGN} {dice.choice(WORDS)}"},
    "every field filled in": lambda turn, dice: {"text": sentence(dice, 40), "trapped": True},
}


@pytest.mark.usefixtures("flooded_by_few")
@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("addresses", [1, 500])
def test_whatever_gives_a_flood_away_nothing_of_it_stands(
    send: Callable[..., FeedbackItem], flood: str, addresses: int
) -> None:
    """None is refused either. Of a slight sign some stand until there are many: then these go too."""
    dice, stood = random.Random(13), 0
    for turn in range(part(100)):
        send(**FLOODS[flood](turn, dice), sender=f"198.51.100.{turn % addresses}")
        stood = max(stood, FeedbackItem.objects.filter(state="published").count())
    assert set(FeedbackItem.objects.values_list("state", flat=True)) == {"held"}
    assert FeedbackItem.objects.count() == part(100)
    assert stood <= table.ODD_FEEDBACK.most + 1
    assert sum(Entry.objects.filter(action="feedback.held-together").values_list("details__count", flat=True)) == stood


@pytest.mark.usefixtures("flooded_by_few")
@pytest.mark.parametrize("limit", ["ALIKE_FEEDBACK", "ODD_FEEDBACK"])
def test_who_copies_a_text_does_not_take_it_off_the_page(
    send: Callable[..., FeedbackItem], clock: Clock, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """The one that came first, a while before, stays; the copies are held, though from as many addresses."""
    other = "ODD_FEEDBACK" if limit == "ALIKE_FEEDBACK" else "ALIKE_FEEDBACK"
    apart = table.ALIKE_FEEDBACK.within / table.ALIKE_FEEDBACK.most
    first = send(CAMPAIGN, seconds=90, sender="192.0.2.9")
    clock.set(MOMENT + 1.5 * apart)
    monkeypatch.setattr(table, other, getattr(table, other)._replace(most=999))
    monkeypatch.setattr(judging, "_apart", lambda: apart)
    for turn in range(part(100)):
        send(f"{CAMPAIGN} {turn}", seconds=8, sender=f"198.51.100.{turn}")
    assert list(FeedbackItem.objects.filter(state="published")) == [first]


@pytest.mark.usefixtures("flooded_by_few")
def test_what_is_copied_at_once_is_of_the_flood(send: Callable[..., FeedbackItem]) -> None:
    """Whoever sends the first and the second within the pace of a flood; the twin of the one above."""
    send(CAMPAIGN, seconds=90, sender="192.0.2.9")
    for turn in range(part(100)):
        send(f"{CAMPAIGN} {turn}", seconds=8, sender=f"198.51.100.{turn}")
    assert not FeedbackItem.objects.filter(state="published").exists()


@pytest.mark.long
@pytest.mark.usefixtures("flooded_by_few")
def test_people_at_the_address_of_a_machine_are_not_held(send: Callable[..., FeedbackItem]) -> None:
    """Before it, and after it."""
    dice = random.Random(17)
    people = [send(sentence(dice, 30), sender="192.0.2.1") for _ in range(part(25))]
    for turn in range(part(200)):
        send(**FLOODS["quick, each other words"](turn, dice), sender="192.0.2.1")
    people += [send(sentence(dice, 30), sender="192.0.2.1") for _ in range(5)]
    standing = set(FeedbackItem.objects.filter(state="published").values_list("pk", flat=True))
    assert standing == {item.pk for item in people}


@pytest.mark.long
@pytest.mark.usefixtures("flooded_by_few")
def test_a_flood_of_one_kind_holds_nothing_of_another(send: Callable[..., FeedbackItem]) -> None:
    dice = random.Random(19)
    quick = [send(text, seconds=1, sender="192.0.2.1") for text in human_texts()[: part(50)]]
    for turn in range(part(100)):
        send(**FLOODS["quick, the same words"](turn, dice), sender="192.0.2.1")
        send(**FLOODS["every field filled in"](turn, dice), sender="192.0.2.1")
    standing = set(FeedbackItem.objects.filter(state="published").values_list("pk", flat=True))
    assert standing == {item.pk for item in quick}


@pytest.mark.usefixtures("flooded_by_few")
def test_what_staff_have_read_and_what_came_long_before_stays(
    send: Callable[..., FeedbackItem], people: dict[str, User], standing: Callable[[datetime], None]
) -> None:
    standing(OPENS)
    long_before = send("I agree.", seconds=0.1)
    standing(OPENS + timedelta(days=1))
    read = send("We agree.", seconds=0.1)
    services.moderate(read.pk, "hide", rule="other", reason="A slip.", actor=people["moderator"], at=app_now())
    services.moderate(read.pk, "publish", reason="A person.", actor=people["moderator"], at=app_now())
    for _turn in range(table.ODD_FEEDBACK.most):
        send("I agree.", seconds=0.1)
    assert {item.pk for item in FeedbackItem.objects.filter(state="published")} == {long_before.pk, read.pk}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looks_back", [True, False])
def test_of_two_hundred_at_the_same_moment_none_slips_through(
    committed: None, window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch, *, looks_back: bool
) -> None:
    """Not where only those are held that come after the limit. A few dozen in the daily run."""
    posts = 200 if WHOLE else 40
    monkeypatch.setattr(table, "ODD_FEEDBACK", table.ODD_FEEDBACK._replace(most=posts // 2))
    monkeypatch.setattr(suspects, "FASTEST", timedelta(hours=1))
    if not looks_back:
        monkeypatch.setattr(queries, "odd_since", lambda item, since, apart: [])
    fields, at = filled(Client()), app_now()
    question = text_question(fields)

    def post(turn: int) -> int:
        sent = {**fields, "form_key": new_form_key(at, window.phase_id), question: f"Text {turn}"}
        try:
            return int(Client().post(address(), sent).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(post, range(posts))) == {303}
    standing = FeedbackItem.objects.filter(state="published").count()
    assert standing == (0 if looks_back else posts // 2)
    assert FeedbackItem.objects.count() == posts


CAMPAIGN = (
    "Please choose option B, because only a task force with paid coordinators will survive its first year. "
    "We have seen in our region how volunteers burn out, and we do not want that to happen again."
)


def altered(turn: int) -> str:
    """The campaign's text with what somebody changes so that it is not the same: a word, a greeting, case, signs."""
    dice = random.Random(turn)
    words = CAMPAIGN.split()
    for _ in range(dice.randrange(0, 3)):
        words[dice.randrange(len(words))] = dice.choice(WORDS)
    text = " ".join(words)
    return dice.choice((text, text.upper(), f"Hello! {text}", f"{text} Thanks, no. {turn}", text.replace(",", " -")))


@pytest.mark.usefixtures("flooded_by_few")
@pytest.mark.parametrize(
    "make", [altered, lambda turn: f"請選擇方案乙，因為只有支薪的協調員才能讓專案組撐過第一年，{turn}"]
)
def test_ballots_with_nearly_the_same_words_are_found(
    window: FeedbackWindow, send: Callable[..., FeedbackItem], make: Callable[[int], str]
) -> None:
    items = [send(make(turn), sender=f"198.51.100.{turn}") for turn in range(part(100))]
    assert sum(item.suspicion == Suspicion.REPEATED for item in items) >= part(100) * 0.95
    assert not FeedbackItem.objects.filter(state="published", suspicion=Suspicion.REPEATED).exists()
    # Each is a message that was received, whoever may have written it.
    assert FeedbackItem.objects.count() == part(100)


def test_who_withdraws_and_says_it_better_is_not_held(send: Callable[..., FeedbackItem]) -> None:
    services.withdraw(send(CAMPAIGN).pk, at=OPENS)
    assert FeedbackItem.objects.get().fingerprint == []
    assert send(f"{CAMPAIGN} Thank you.").state == "published"


def test_another_window_is_another_vote(send: Callable[..., FeedbackItem]) -> None:
    first = send(CAMPAIGN)
    assert queries.near_another(first.window_id, first.fingerprint)
    assert not queries.near_another(first.window_id + 1, first.fingerprint)


@pytest.mark.long
def test_very_many_from_one_address_are_held_and_only_then_refused(
    send: Callable[..., FeedbackItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "HELD_FEEDBACK", table.HELD_FEEDBACK._replace(most=20))
    dice, most = random.Random(5), table.FEEDBACK.most
    items = [send(sentence(dice, 30), sender="192.0.2.1") for _ in range(most + 20)]
    assert [item.suspicion for item in items] == [""] * most + [Suspicion.MANY] * 20
    assert [item.state for item in items] == ["published"] * most + ["held"] * 20
    with pytest.raises(TooOften):
        send(sentence(dice, 30), sender="192.0.2.1")


# --- whoever they have to be --------------------------------------------------------------------------------------


class Senders:
    """Sends by the service in a window of whatever kind: by one of a few accounts, or from a mailbox of its own, whose
    owner follows the link."""

    def __init__(self, window: FeedbackWindow, kind: Participation) -> None:
        FeedbackWindow.objects.filter(pk=window.pk).update(participation=kind)
        self.window, self.kind, self.turn = window, kind, 0
        self.question_id = window.questions.questions.get(position=1).pk
        self.accounts = (
            [accounts.create_account(f"sender{number}@example.org", at=OPENS).pk for number in range(5)]
            if kind == Participation.ACCOUNT
            else []
        )

    def send(self, text: str, *, seconds: float = 40, name: str = "", trapped: bool = False) -> str:
        """The reference of what was sent, from a network of its own."""
        self.turn += 1
        key = new_form_key(app_now() - timedelta(seconds=seconds), self.window.phase_id)
        said: dict[str, Any] = {
            "form_key": read_form_key(key, self.window.phase_id), "language": "en", "visibility": "public",
            "name": name, "answers": [Answer(self.question_id, text)], "suspected": trapped,
            "filled_in": timedelta(seconds=seconds), "sender": f"2001:db8:{self.turn:x}::/64",
        }  # fmt: skip
        if self.kind == Participation.MAIL:
            return services.send_to_confirm(self.window.pk, f"sender{self.turn}@example.org", **said).item.reference
        author_id = self.accounts[self.turn % 5] if self.accounts else None
        return services.submit(self.window.pk, **said, author_id=author_id).item.reference

    def confirm(self, dice: random.Random | None = None) -> None:
        """Whatever waits, in the order in which it came, or by lot."""
        waiting = list(FeedbackUnconfirmed.objects.order_by("pk").values_list("pk", flat=True))
        if dice is not None:
            dice.shuffle(waiting)
        for pk in waiting:
            services.confirm(pk, at=app_now())


def of_a_flood(turn: int, dice: random.Random) -> dict[str, Any]:
    """A machine's post of one of four floods, each with one sign at most."""
    return (
        {"text": sentence(dice, 40), "seconds": dice.uniform(0, 3.9)},
        {"text": altered(turn)},
        {"text": "Diplomas for every leader, ask us."},
        bot(dice.choice((0, 2, 3, 4)), dice),
    )[turn % 4]


@pytest.mark.usefixtures("flooded_by_few", "clock")
@pytest.mark.parametrize("kind", list(Participation))
@pytest.mark.parametrize(
    "at_once", [True, pytest.param(False, marks=pytest.mark.long)], ids=["confirmed at once", "confirmed in the end"]
)
def test_of_five_hundred_machines_nothing_stands_and_of_fifty_people_all(
    window: FeedbackWindow, kind: Participation, *, at_once: bool
) -> None:
    senders, dice = Senders(window, kind), random.Random(29)
    persons = [{"text": text, "seconds": dice.uniform(4.1, 900)} for text in human_texts()]
    acts = [*((True, one) for one in persons), *((False, of_a_flood(turn, dice)) for turn in range(part(500)))]
    dice.shuffle(acts)
    of_people = set()
    for is_person, act in acts:
        reference = senders.send(**act)
        of_people |= {reference} if is_person else set()
        if at_once:
            senders.confirm()
    senders.confirm(dice)
    assert FeedbackItem.objects.count() == part(500) + 50
    assert set(FeedbackItem.objects.filter(state="published").values_list("reference", flat=True)) == of_people


@pytest.mark.usefixtures("flooded_by_few")
@pytest.mark.parametrize("is_judged", [True, False], ids=["judged", "twin"])
def test_what_was_sent_slowly_and_is_confirmed_together_is_judged_then(
    window: FeedbackWindow,
    standing: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_judged: bool,
) -> None:
    """So slowly that nothing of it was many when it was sent; one click, or many, let all of it stand."""
    if not is_judged:
        monkeypatch.setattr(judging, "judge_confirmed", lambda *_args, **_more: None)
    senders, many = Senders(window, Participation.MAIL), part(60)
    for turn in range(many):
        standing(OPENS + turn * table.ALIKE_FEEDBACK.within)
        monkeypatch.setattr("taskforce.limits.services.real_now", app_now)
        senders.send(f"{CAMPAIGN} {turn}")
    assert not FeedbackUnconfirmed.objects.exclude(said__state="published").exists()
    senders.confirm()
    assert FeedbackItem.objects.filter(state="published").count() == (0 if is_judged else many)


@pytest.mark.usefixtures("flooded_by_few")
def test_what_waits_is_held_with_what_it_is_like(window: FeedbackWindow, clock: Clock) -> None:
    """Before anybody has confirmed anything; whoever confirms then reads that a person reads it first."""
    senders = Senders(window, Participation.MAIL)
    for turn in range(part(60)):
        senders.send(f"{CAMPAIGN} {turn}")
    other = senders.send("Leaders grow where they are trusted, and nowhere else, as we have seen for many years.")
    assert not FeedbackItem.objects.exists()
    waiting = FeedbackUnconfirmed.objects.filter(said__state="published")
    assert [row.said["reference"] for row in waiting] == [other]
    senders.confirm()
    assert [item.reference for item in FeedbackItem.objects.filter(state="published")] == [other]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_counted", [True, False])
def test_of_many_confirmed_at_the_same_moment_none_slips_through(
    committed: None, window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch, *, is_counted: bool
) -> None:
    """Not where each looks only at what stands."""
    monkeypatch.setattr(table, "ALIKE_FEEDBACK", table.ALIKE_FEEDBACK._replace(most=999))
    senders, posts = Senders(window, Participation.MAIL), 40
    for turn in range(posts):
        senders.send(f"{CAMPAIGN} {turn}")
    monkeypatch.setattr(table, "ALIKE_FEEDBACK", table.ALIKE_FEEDBACK._replace(most=10 if is_counted else 999))
    rows = list(FeedbackUnconfirmed.objects.values_list("pk", flat=True))
    services.confirm(rows[0], at=app_now())

    def confirm(pk: int) -> None:
        try:
            services.confirm(pk, at=app_now())
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(confirm, rows[1:]))
    assert FeedbackItem.objects.count() == posts
    assert FeedbackItem.objects.filter(state="published").count() == (0 if is_counted else posts)


# --- a few words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Participation.ANYBODY, Participation.MAIL])
@pytest.mark.parametrize(
    ("words", "limit"),
    [("Diplomas for every leader, ask us", "FEW_WORDS"), ("Yes", "COMMON_WORDS"), ("👍", "COMMON_WORDS")],
)
def test_the_same_few_words_stand_until_they_are_more_than_people_send(
    window: FeedbackWindow, clock: Clock, monkeypatch: pytest.MonkeyPatch, kind: Participation, words: str, limit: str
) -> None:
    monkeypatch.setattr(table, limit, getattr(table, limit)._replace(most=12))
    senders = Senders(window, kind)
    for turn in range(12):
        senders.send((words, words.upper(), f"{words}!", f" {words}.")[turn % 4 if words != "👍" else 0])
    senders.send(f"{words} no" if words != "👍" else "👎")
    senders.confirm()
    assert set(FeedbackItem.objects.values_list("state", "suspicion")) == {("published", "")}
    for _turn in range(8):
        senders.send(words)
    senders.confirm()
    assert FeedbackItem.objects.filter(state="published").count() == 1
    assert FeedbackItem.objects.count() == 21


def test_of_very_short_answers_as_many_stand_as_people_come(send: Callable[..., FeedbackItem]) -> None:
    """A room that answers yes; and whoever chooses without a word says nothing that could be the same."""
    for _turn in range(table.FEW_WORDS.most + 5):
        send("Estoy de acuerdo")
    assert set(FeedbackItem.objects.values_list("state", "suspicion")) == {("published", "")}
    assert suspects.few_words([]) == suspects.few_words(["  "]) == []
    assert suspects.few_words(["Visitor 7 agrees."]) == suspects.few_words(["visitor 7 agrees"])
    assert suspects.few_words(["Visitor 7 agrees."]) != suspects.few_words(["Visitor 8 agrees."])
    assert table.COMMON_WORDS.most > table.FEW_WORDS.most


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("looks_back", [True, False])
def test_of_the_same_few_words_at_the_same_moment_none_slip_through(
    committed: None, window: FeedbackWindow, monkeypatch: pytest.MonkeyPatch, *, looks_back: bool
) -> None:
    """Not where only those are held that come after the limit."""
    monkeypatch.setattr(table, "FEW_WORDS", table.FEW_WORDS._replace(most=20))
    if not looks_back:
        monkeypatch.setattr(queries, "same_words_since", lambda item, since: [])
    senders = Senders(window, Participation.ANYBODY)

    def post(_turn: int) -> None:
        try:
            senders.send("Diplomas for every leader, ask us.")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, range(40)))
    standing = FeedbackItem.objects.filter(state="published").count()
    assert standing == (0 if looks_back else 20)


@pytest.mark.parametrize(
    ("words", "is_held"),
    [
        ("Cheap diplomas: dipl0ma-shop.example/x", True),
        ("Cheap diplomas at Dipl0ma-Shop.com now", True),
        ("Cheap diplomas: shop.co.uk", True),
        ("I agree.no doubt about it", False),
        ("Yes.In my view the pages of it.wikipedia.org tell", False),
        ("See meta.wikimedia.org/wiki/Movement_Strategy", False),
        ("Ask jane@example.com about it", False),
        ("Write e.g. v1.2 of Node.js or a.m./p.m.", False),
        ("The numbers in example.org/report.pdf tell another story about how many volunteers stay.", False),
        ("All of a.example/x b.example/y c.example/z tell another story about how many volunteers stay.", True),
    ],
)
def test_a_bare_domain_is_a_link(send: Callable[..., FeedbackItem], words: str, *, is_held: bool) -> None:
    item = send(words)
    assert (item.state, item.suspicion) == (("held", Suspicion.LINKS) if is_held else ("published", ""))


# --- what people see ----------------------------------------------------------------------------------------------


def posted(visitor: Client, seconds: float, **changes: Any) -> Any:
    """The form as it is sent so many seconds after it was shown."""
    fields = filled(visitor)
    phase_id = FeedbackWindow.objects.get().phase_id
    key = new_form_key(app_now() - timedelta(seconds=seconds), phase_id)
    return visitor.post(address(), {**fields, "form_key": key, **changes})


@pytest.mark.parametrize(
    ("seconds", "changes", "suspicion"),
    [(30, {}, ""), (0.5, {}, "fast"), (30, {HONEYPOT: "x"}, "trap"), (30, {"name": "www.evil.test"}, "links")],
)
def test_the_receipt_is_the_same_and_says_that_a_person_reads_first(
    window: FeedbackWindow, visitor: Client, seconds: float, changes: dict[str, Any], suspicion: str
) -> None:
    answer = posted(visitor, seconds, **{"visibility": "public", "name": "Ada", **changes})
    assert answer.status_code == 303
    item = FeedbackItem.objects.get()
    is_held = suspicion not in ("", "fast")
    assert (item.suspicion, item.state) == (suspicion, "held" if is_held else "published")
    html = visitor.get(answer.headers["Location"]).content.decode()
    assert item.reference in html
    assert "Your text has been received" in html
    assert (HELD_SENTENCE in html) is is_held
    assert Entry.objects.get(action="feedback.submitted").details["suspicion"] == suspicion


def test_a_form_that_had_an_error_was_on_the_screen_since_it_was_first_shown(
    window: FeedbackWindow, visitor: Client, standing: Callable[[datetime], None]
) -> None:
    standing(OPENS)
    fields = filled(visitor, visibility="")
    standing(OPENS + timedelta(seconds=20))
    visitor.post(address(), fields)
    standing(OPENS + timedelta(seconds=21))
    visitor.post(address(), {**fields, "visibility": "nameless"})
    assert FeedbackItem.objects.get().state == "published"


def test_sent_again_it_is_the_same_item_and_not_suspected_of_repeating_itself(
    window: FeedbackWindow, visitor: Client
) -> None:
    fields = filled(visitor)
    key = new_form_key(app_now() - timedelta(seconds=30), window.phase_id)
    sent = {**fields, "form_key": key, text_question(fields): CAMPAIGN}
    first, second = visitor.post(address(), sent), visitor.post(address(), sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert FeedbackItem.objects.get().state == "published"


@pytest.mark.long
def test_staff_read_why_and_release_it(window: FeedbackWindow, visitor: Client, people: dict[str, User]) -> None:
    """Nothing is chosen for them, the words are; and words that fit one choice are no reason for the other."""
    answer = posted(visitor, 0.5, **{HONEYPOT: "x"})
    item = FeedbackItem.objects.get()
    staff = Client()
    staff.force_login(people["moderator"])
    change = f"/en/admin/feedback/feedbackitem/{item.pk}/"
    why = "a field was filled in that people do not see"
    assert why in staff.get("/en/admin/feedback/feedbackitem/").content.decode()
    assert why in staff.get(f"{change}change/").content.decode()
    page = staff.get(f"{change}decide/").content.decode()
    assert f"Held because: {why}" in page
    fields = parsed(page).fields or {}
    assert "action" not in fields
    for given, missing in ((fields, "Please choose one."), ({**fields, "action": "hide"}, "Please say why it is")):
        again = staff.post(f"{change}decide/", given)
        assert (again.status_code, missing in again.content.decode()) == (200, True)
        item.refresh_from_db()
        assert item.state == "held"
    assert staff.post(f"{change}decide/", {**fields, "action": "publish"}).status_code == 302
    item.refresh_from_db()
    assert (item.state, item.suspicion) == ("published", "trap")
    html = visitor.get(answer.headers["Location"]).content.decode()
    assert HELD_SENTENCE not in html
    assert "A person of the task force has read it." in html
    assert f"Looked like a machine’s: {why}" in staff.get(f"{change}decide/").content.decode()


def test_staff_read_also_what_is_odd_about_a_text_that_stands(
    window: FeedbackWindow, visitor: Client, people: dict[str, User]
) -> None:
    posted(visitor, 0.5)
    staff = Client()
    staff.force_login(people["moderator"])
    assert "sent within seconds" in staff.get("/en/admin/feedback/feedbackitem/").content.decode()


def test_what_is_held_is_in_no_count_that_everybody_reads(
    window: FeedbackWindow, send: Callable[..., FeedbackItem]
) -> None:
    """The final count is the one of the list: its difference to another number would be what is held."""
    send("I agree.")
    send("I agree.", trapped=True)
    services.withdraw(send("I agree.").pk, at=CLOSES)
    assert numbers.final(window.phase) == 1
    assert queries.windows(window.phase.task_force, CLOSES)[0].items == 1


# --- a check that fails holds -------------------------------------------------------------------------------------


def broken(*_arguments: object) -> bool:
    raise RuntimeError("the check is broken")


@pytest.mark.parametrize("name", ["_has_many_links", "_is_own"])
def test_a_check_that_raises_holds(
    send: Callable[..., FeedbackItem], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(suspects, name, broken)
    item = send(HUMAN[9])
    assert (item.state, item.suspicion) == ("held", Suspicion.UNCHECKED)


@pytest.mark.django_db(transaction=True)
def test_a_check_that_the_database_refuses_holds(
    committed: None, send: Callable[..., FeedbackItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "_NEAR_ANOTHER", "SELECT no_such_function(%s, %s, %s, %s, %s)")
    assert send(CAMPAIGN).suspicion == Suspicion.UNCHECKED
    assert FeedbackItem.objects.get().state == "held"
    connection.close()


# Planned, and then not asked: a place of it is divided by nothing.
WRONG_ONCE_ASKED = (
    "SELECT cardinality(%s::bigint[]) / (%s::bigint - %s::bigint - {window}) + length(%s::text) + %s::bigint"
)


@pytest.mark.django_db(transaction=True)
def test_a_check_that_fails_on_the_way_to_the_gate_holds(
    committed: None, window: FeedbackWindow, send: Callable[..., FeedbackItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction is over by that; the words are stored all the same, and people read them first."""
    monkeypatch.setattr(likeness, "_NEAR_ANOTHER", WRONG_ONCE_ASKED.format(window=window.pk))
    assert send(CAMPAIGN).suspicion == Suspicion.UNCHECKED
    assert FeedbackItem.objects.get().state == "held"
    connection.close()


def test_what_is_like_another_is_asked_before_the_lock(
    send: Callable[..., FeedbackItem], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the same way to the database, so that whoever closes the phase waits for no look."""
    # Nothing is planned, so that the statements say what they ask.
    monkeypatch.setattr(prepared, "_known", WeakKeyDictionary())
    with CaptureQueriesContext(connection) as asked:
        first = send(CAMPAIGN)
    (way,) = [one["sql"] for one in asked if "pg_advisory_xact_lock_shared" in one["sql"]]
    assert way.index("feedback_near") < way.index("pg_advisory_xact_lock_shared")
    assert len([one for one in asked if "feedback_near" in one["sql"]]) == 1
    again = send(CAMPAIGN)
    assert (first.suspicion, again.suspicion, again.alike) == ("", Suspicion.REPEATED, first.pk)


# --- near or not --------------------------------------------------------------------------------------------------


def shared(one: str, other: str) -> int:
    return len(set(suspects.fingerprint([one])) & set(suspects.fingerprint([other])))


@pytest.mark.long
def test_marks_tell_the_same_from_what_is_only_about_the_same() -> None:
    assert shared(CAMPAIGN, CAMPAIGN.upper().replace(",", "")) == 16
    assert shared(CAMPAIGN, CAMPAIGN.replace("option B", "option C")) >= queries.NEAR
    texts = [text for text in human_texts() if suspects.fingerprint([text])]
    assert len(texts) > 30
    near = [(one, other) for one in texts for other in texts if one < other and shared(one, other) >= queries.NEAR]
    assert near == []


def test_a_long_text_is_marked_quickly() -> None:
    assert len(suspects.fingerprint([sentence(random.Random(1), 1200)])) == 16
    assert suspects.fingerprint(["Yes, I agree with option B."]) == []
