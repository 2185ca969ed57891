"""Whatever is posted, field by field and as a whole: never a 5xx, never more than two seconds."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from taskforce.core import languages
from tests.architecture.walk import World
from tests.fuzz.caller import FORM, Answer, Caller, Sent, form_body
from tests.fuzz.forms import TOKEN, Form
from tests.fuzz.placeholders import Words, changed, read_answer
from tests.fuzz.places import People, all_places, forms_of, has_forms, who_gets_in
from tests.fuzz.values import HUGE, IN_ADDRESSES, IN_FIELDS, NEVER_SHOWN, Value
from tests.sampling import WHOLE, sample

pytestmark = pytest.mark.django_db

TURNS = 24 if WHOLE else 1
Callers = Callable[[str], Caller]
Fields = dict[str, list[bytes]]
# What to send, or what makes it: a sample need not write out what it does not send.
Case = Sent | Callable[[], Sent]
CUT = "multipart/form-data; boundary=cut"
TOGETHER = "together: "
# The mark of whose form it is, in forms that are kept when a sign-in has ended; and the addresses that have such forms.
OWNER = "owner"
KEEPING = re.compile(
    r"account_(email|profile|deletion)|recruitment:application|admin:questions_questionset_question"
    r"|admin:feedback_feedbackwindow_(add|chosen|themes?|theme_answer|final|texts|summary|summary_publish)"
    r"|admin:recruitment_call_(add|details|questions|criteria|criterion|clarifications?|seats|rubric)"
    r"|proposals:(edit\w*|texts|translate\w*)|feedback:(enter|correct|take_back|table|reply|translate_item|translate_summary)"
)
# How a field's name says in which language its text is.
_LANGUAGE = re.compile(rf"[-_]({'|'.join(code.replace('-', '[-_]') for code in languages.CODES)})$")


def _is_read(value: Value) -> bool:
    return b"\x00" not in value.raw and value.raw.decode(errors="ignore").encode() == value.raw


# What a request is refused for as a whole, whatever else stands in it, and all other values.
NO_TEXT = [value for value in IN_FIELDS if not _is_read(value)]
TEXTS = [value for value in IN_FIELDS if _is_read(value)]


def _raw(form: Form) -> Fields:
    return {name: [value.encode() for value in values] for name, values in form.filled().items()}


def _made(case: Case) -> Sent:
    return case if isinstance(case, Sent) else case()


def _post(form: Form, fields: Fields, about: str) -> Sent:
    return Sent(form.action, about, "POST", form_body(fields))


def _get(form: Form, fields: Fields, about: str) -> Sent:
    return Sent(f"{form.action.partition('?')[0]}?{form_body(fields).decode()}", about)


def alone(form: Form) -> Iterator[Case]:
    """Each field that takes no text with every twelfth value; each away, those for any text every other one at once;
    all thrice; and what nobody was shown.

    The token with some values for each form, others for the next: what it may hold is the same for all.
    """
    whole = _raw(form)
    yield partial(_post, form, whole, "as it is")
    for number, name in enumerate(form.names):
        step = 24 if name == TOKEN else 12
        for value in IN_FIELDS[(len(form.action) + number) % step :: step] if name not in form.free else ():
            yield partial(_post, form, {**whole, name: [value.raw]}, f"{name}={value.name}")
    written = sorted(form.free)
    for away in filter(None, (*([name] for name in form.names if name not in form.free), written[::2], written[1::2])):
        rest = {name: raw for name, raw in whole.items() if name not in away}
        yield partial(_post, form, rest, f"without {', '.join(away)}")
    yield partial(_post, form, {name: [*raw, b"other", *raw] for name, raw in whole.items()}, "each thrice")
    like = {f"{name}{more}": [b"1"] for name in form.names for more in ("[]", ".x", "__in")}
    yield partial(_post, form, {**whole, **like}, "like the fields")
    never = {name: [b"1"] for name in NEVER_SHOWN if name not in form.names}
    yield partial(_post, form, {**whole, **never}, "never shown")


def together(form: Form) -> Iterator[dict[str, Value]]:
    """Every value in every field that takes any text, a sixth of them elsewhere; many fields at a time, each another.

    Fields that take any text have theirs while the others are as they should be, so that what is written gets past the
    form; so have those that nobody sees, with one of which a request may end, and the others, each of which refuses
    nearly all. Bytes that are no text end a request before anybody asks which form it is: each gets a fifth of them.
    """
    turns = sum(map(ord, form.action))
    for names in form.kinds():
        for values, step in ((NO_TEXT, 5), (TEXTS, 1 if names[0] in form.free else 6)):
            for turn in range(turns % step, len(values), step):
                yield {name: values[(turn + place) % len(values)] for place, name in enumerate(names)}


def field_by_field(form: Form) -> Iterator[Case]:
    """One field after the other, and many at a time."""
    yield from alone(form)
    whole = _raw(form)
    for odd in together(form):
        yield partial(
            _post, form, {**whole, **{name: [value.raw] for name, value in odd.items()}}, f"{TOGETHER}{_told(odd)}"
        )


def told_apart(form: Form, about: str) -> Iterator[Case]:
    """Where many fields failed together: each of them alone."""
    whole = _raw(form)
    for odd in together(form):
        if about == f"{TOGETHER}{_told(odd)}":
            yield from (
                partial(_post, form, {**whole, name: [odd[name].raw]}, f"{name}={odd[name].name}") for name in odd
            )


def _told(odd: dict[str, Value]) -> str:
    return ", ".join(f"{name}={value.name}" for name, value in odd.items())


def _parts(fields: Fields) -> bytes:
    written = [
        b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, values in fields.items()
        for value in values
    ]
    return b"".join(written) + b"--cut--\r\n"


def _file(name: str, disposition: str = "") -> bytes:
    head = disposition or f'form-data; name="{name}"; filename="../../x\\.svg"'
    return f"--cut\r\nContent-Disposition: {head}\r\nContent-Type: image/svg+xml\r\n\r\n<svg/>\r\n".encode()


def as_a_whole(form: Form) -> Iterator[Case]:
    """Bodies that are no form, or a strange one, which is decided before anybody asks which form it is."""
    whole = _raw(form)
    first = form.kinds()[0][0] if form.kinds() else TOKEN
    parts = _parts(whole)
    yield partial(_post, form, {**whole, **{f"field-{number}": [b"x"] for number in range(10_000)}}, "10,000 fields")
    yield partial(_post, form, {name: raw * 300 for name, raw in whole.items()}, "each field 300 times")
    bodies: list[tuple[str, bytes, str]] = [
        ("nothing", b"", FORM),
        ("no type", form_body(whole), ""),
        ("odd type", form_body(whole), "\x00/\x00;;charset"),
        ("only signs", b"&&==&=&;;%%%zz&%", FORM),
        ("deep names", b"[" * 50_000 + b"=1", FORM),
        ("JSON", json.dumps({name: form.filled()[name] for name in form.names}).encode(), "application/json"),
        ("deep JSON", b"[" * 100_000 + b"]" * 100_000, "application/json"),
        ("deep JSON objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json"),
        ("broken JSON", b'{"a": 1e999, "b": NaN, \xff', "application/json"),
        ("XML", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "application/xml"),
        ("parts", parts, CUT),
        ("parts, cut off", parts[:-30], CUT),
        ("parts without a boundary", parts, "multipart/form-data"),
        ("parts of another boundary", parts, "multipart/form-data; boundary=other"),
        ("a boundary too long", parts, "multipart/form-data; boundary=" + "x" * 3_000),
        ("a boundary that is no text", parts, "multipart/form-data; boundary=\xff\x00"),
        ("a file in a field", _file(first) + parts, CUT),
        ("a file without a name", _file(first, "form-data") + parts, CUT),
        ("a file with an odd name", _file(first, "form-data; filename*=utf-99''%ff; name=x") + parts, CUT),
        ("many files", _file("f") * 300 + parts, CUT),
        ("2,000 parts", _parts({f"f{number}": [b"x"] for number in range(3_000)}), CUT),
        ("long header of a part", b"--cut\r\nContent-Disposition: " + b"x" * 200_000 + b"\r\n\r\nx\r\n" + parts, CUT),
    ]
    yield from (Sent(form.action, about, "POST", body, kind) for about, body, kind in bodies)
    for charset in ("utf-16", "utf-7", "hex", "idna", "punycode", "undefined", "\x00", "x" * 500, "latin-1", "rot13"):
        yield Sent(form.action, f"charset {charset[:10]!r}", "POST", form_body(whole), f"{FORM}; charset={charset}")
    for header in (("HTTP_CONTENT_ENCODING", "gzip"), ("CONTENT_LENGTH", "-1"), ("CONTENT_LENGTH", "9" * 30)):
        yield Sent(form.action, f"{header}", "POST", form_body(whole), headers=(header,))
    yield from (Sent(form.action, method, method, form_body(whole)) for method in ("PUT", "PATCH", "DELETE"))


def large(form: Form) -> Iterator[Case]:
    """As much as can be sent in each field into which somebody writes; as parts, where nothing needs to be quoted.

    Each field gets what costs most, and one of the others, the next field another one; of a text in many languages the
    first language does, and each other one gets one value.
    """
    whole = _raw(form)
    dearest, *others = HUGE
    seen: set[str] = set()

    def sent(name: str, value: Value) -> Sent:
        parts = _parts({**whole, name: [value.raw]})
        return Sent(form.action, f"{name}={value.name}", "POST", parts, CUT)

    for number, name in enumerate(sorted(form.typed), start=len(form.action)):
        text = _LANGUAGE.sub("", name)
        values = (HUGE[number % len(HUGE)],) if text in seen else (dearest, others[number % len(others)])
        seen.add(text)
        yield from (partial(sent, name, value) for value in values)


def signed_out(form: Form) -> Iterator[Case]:
    """What comes of a form to the sign-in, which keeps it, once its person is signed out: as it is; as much as can be
    sent in one field, for the next form in another; a few other values in all fields for any text; an odd owner.
    """
    whole, turn = _raw(form), len(form.action)
    written = sorted(form.free or form.typed)
    yield partial(_post, form, whole, "signed out, as it is")
    for number, value in enumerate(HUGE if written else (), start=turn):
        name = written[number % len(written)]
        body = _parts({**whole, name: [value.raw]})
        yield Sent(form.action, f"signed out, {name}={value.name}", "POST", body, CUT)
    for value in IN_FIELDS[turn % 30 :: 30]:
        odd = {name: [value.raw] for name in written}
        yield partial(_post, form, {**whole, **odd}, f"signed out, all={value.name}")
    mark = IN_FIELDS[turn % len(IN_FIELDS)]
    yield partial(_post, form, {**whole, OWNER: [mark.raw]}, f"signed out, {OWNER}={mark.name}")


def asked(form: Form) -> Iterator[Sent]:
    """What a form that only asks can send: all of its fields with every value, each of them with every other one."""
    whole = _raw(form)
    for number, value in enumerate(IN_ADDRESSES, start=len(form.action)):
        for name in form.names[number % 2 :: 2]:
            yield _get(form, {**whole, name: [value.raw]}, f"{name}={value.name}")
        yield _get(form, {name: [value.raw[:400]] for name in form.names}, f"every field={value.name}")


def by_turns(cases_of: Callable[[Form], Iterator[Case]], form: Form, number: int) -> list[Case]:
    """All cases about fields, and a fifth of those about the body for each form, another fifth for the next one."""
    cases = list(cases_of(form))
    return cases[number % 5 :: 5] if cases_of is as_a_whole else cases


# How the cases are made, how many of each form a sample has, and of how many places.
KINDS = {"fields": (field_by_field, 10, 10), "bodies": (as_a_whole, 6, 10), "large": (large, 1, 4)}
PLACES = 10


@pytest.mark.parametrize("turn", range(TURNS))
@pytest.mark.parametrize("kind", KINDS)
def test_forms(kind: str, turn: int, world: World, people: People, caller: Callers) -> None:
    """Every form that somebody is shown, as whoever is shown it."""
    cases_of, most, how_many = KINDS[kind]
    problems: list[str] = []
    places = sample(filter(has_forms, all_places(world)), how_many, of=f"places {kind}")[turn::TURNS]
    for place in places:
        role, page = who_gets_in(place, people)
        for number, form in enumerate(forms_of(place, page), start=len(place.name)):
            for case in sample(by_turns(cases_of, form, number), most, of=f"{kind} {place.name}"):
                sent, answers = _made(case), list[Answer]()
                if found := caller(role).problems([sent], place.name, keep=answers):
                    problems += [*found, *caller(role).problems(map(_made, told_apart(form, sent.about)), place.name)]
                if kind != "bodies" and answers[0].is_forged and not sent.about.startswith(TOKEN):
                    problems.append(f"{sent.address} [{sent.about}]: refused as forged, so no field was read")
            if OWNER in form.names and not KEEPING.fullmatch(place.name):
                problems.append(f"{place.name}: has a form that is kept signed out, and no row in KEEPING")
    assert problems == []


def test_the_whole_form_of_an_application_is_among_them(world: World, people: People) -> None:
    """Whoever was told the outcome has that page without it."""
    (place,) = (one for one in all_places(world) if one.name == "recruitment:application")
    _role, page = who_gets_in(place, people)
    names = {name for form in forms_of(place, page) for name in form.names}
    assert {"wiki_name", "profile-roles", "about-gender-words", "not-reviewers", "version-answers", OWNER} <= names


@pytest.mark.parametrize("turn", range(TURNS))
def test_forms_of_whoever_was_signed_in(turn: int, world: World, people: People, caller: Callers) -> None:
    """Every form that is kept when a sign-in has ended, as the visitor that its person is then."""
    problems: list[str] = []
    keeping = [place for place in filter(has_forms, all_places(world)) if KEEPING.fullmatch(place.name)]
    for place in sample(keeping, 4, of="places signed out")[turn::TURNS]:
        _role, page = who_gets_in(place, people)
        for form in forms_of(place, page):
            if OWNER in form.names:
                cases = sample(signed_out(form), 3, of=f"signed out {place.name}")
                problems += caller("anonymous").problems(map(_made, cases), place.name)
    assert problems == []


@pytest.mark.parametrize("turn", range(TURNS))
def test_forms_say_what_was_typed(turn: int, world: World, people: People, caller: Callers) -> None:
    """Every form with words that look like places for values: in all fields that take any text, and in all others.

    The answer says them as they were typed, beside its errors or done (S5).
    """
    problems: list[str] = []
    words = Words()
    for place in sample(filter(has_forms, all_places(world)), PLACES, of="places placeholders")[turn::TURNS]:
        role, page = who_gets_in(place, people)
        for form in forms_of(place, page):
            for names in form.kinds():
                odd = {name: [words(name).encode()] for name in names}
                sent = _post(form, {**_raw(form), **odd}, "placeholders")
                answers: list[Answer] = []
                problems += caller(role).problems([sent], place.name, keep=answers)
                problems += [f"{place.address}: {wrong}" for one in answers for wrong in changed(read_answer(one))]
    assert problems == []


@pytest.mark.parametrize("turn", range(TURNS))
def test_questions(turn: int, world: World, people: People, caller: Callers) -> None:
    """Every form that filters or chooses; those that search for words alone are asked as lists."""
    problems: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for place in sample(all_places(world), PLACES, of="places asked")[turn::TURNS]:
        role, page = who_gets_in(place, people)
        for form in forms_of(place, page, "get"):
            kind = (form.action.partition("?")[0], *form.names)
            if kind not in seen and form.names != ["q"]:
                problems += caller(role).problems(sample(asked(form), 12, of=f"asked {place.name}"), place.name)
            seen.add(kind)
    assert problems == []


def test_every_field_gets_every_value() -> None:
    """Of forms of many sizes, whatever their fields take: over a few addresses, those for any text at each."""
    for size in (1, 2, 5, 40, 90):
        over_all: set[tuple[str, str]] = set()
        for action in "abcdefghij":
            form = Form(f"/{action}/", "post")
            for number in range(size):
                form.add(f"f{number}", "x")
            form.free = {name for name in form.names if name.endswith(("0", "3", "8"))}
            form.hidden = {name for name in form.names if name.endswith(("1", "6"))}
            got = {(name, value.name) for odd in together(form) for name, value in odd.items()}
            assert {(name, value.name) for name in form.free for value in TEXTS} <= got
            assert sum(1 for _odd in together(form)) <= 2 * len(TEXTS) + 2 * len(NO_TEXT)
            over_all |= got
        assert over_all == {(name, value.name) for name in form.names for value in IN_FIELDS}


def test_what_failed_together_is_sent_alone() -> None:
    """So that the report names the field."""
    form = Form("/x/", "post", {}, {"a": ["1"], "b": ["2"]}, {"a", "b"})
    sent = [one for one in map(_made, field_by_field(form)) if one.about.startswith(TOGETHER)][-1]
    apart = list(map(_made, told_apart(form, sent.about)))
    assert [one.about for one in apart] == sent.about.removeprefix(TOGETHER).split(", ")
    assert [one.body.count(b"&") for one in apart] == [1, 1]
