"""Whatever is posted, field by field and as a whole: never a 5xx, never more than two seconds."""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.walk import World
from tests.fuzz.caller import FORM, Caller, Sent, form_body
from tests.fuzz.forms import Form
from tests.fuzz.places import People, all_places, forms_of, has_forms, who_gets_in
from tests.fuzz.values import HUGE, IN_ADDRESSES, IN_FIELDS, NEVER_SHOWN
from tests.sampling import WHOLE, sample

pytestmark = pytest.mark.django_db

TURNS = 24 if WHOLE else 1
Callers = Callable[[str], Caller]
Fields = dict[str, list[bytes]]
CUT = "multipart/form-data; boundary=cut"


def _raw(form: Form) -> Fields:
    return {name: [value.encode() for value in values] for name, values in form.filled().items()}


def _post(form: Form, fields: Fields, about: str) -> Sent:
    return Sent(form.action, about, "POST", form_body(fields))


def _get(form: Form, fields: Fields, about: str) -> Sent:
    return Sent(f"{form.action.partition('?')[0]}?{form_body(fields).decode()}", about)


def field_by_field(form: Form) -> Iterator[Sent]:
    """Each field with every third value, without it, thrice; all with each; and fields that nobody was shown."""
    whole = _raw(form)
    yield _post(form, whole, "as it is")
    for number, name in enumerate(form.names):
        for value in IN_FIELDS[number % 3 :: 3]:
            yield _post(form, {**whole, name: [value.raw]}, f"{name}={value.name}")
        yield _post(form, {other: raw for other, raw in whole.items() if other != name}, f"without {name}")
        yield _post(form, {**whole, name: [*whole[name], b"other", *whole[name]]}, f"{name} thrice")
        yield _post(form, {**whole, f"{name}[]": [b"x"], f"{name}.x": [b"x"], f"{name}__in": [b"1"]}, f"like {name}")
    for value in IN_FIELDS:
        yield _post(form, {name: [value.raw] for name in form.names}, f"every field={value.name}")
    for name in NEVER_SHOWN:
        if name not in form.names:
            yield _post(form, {**whole, name: [b"1"]}, f"never shown {name}")


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


def as_a_whole(form: Form) -> Iterator[Sent]:
    """Bodies that are no form, or a strange one."""
    whole = _raw(form)
    first = form.names[0]
    parts = _parts(whole)
    yield _post(form, {**whole, **{f"field-{number}": [b"x"] for number in range(10_000)}}, "10,000 fields")
    yield _post(form, {name: raw * 300 for name, raw in whole.items()}, "each field 300 times")
    for name in form.names:
        yield from (_post(form, {**whole, name: [value.raw]}, f"{name}={value.name}") for value in HUGE)
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


def asked(form: Form) -> Iterator[Sent]:
    """What a form that only asks can send: each field with every value, and all of them with each."""
    whole = _raw(form)
    for value in IN_ADDRESSES:
        for name in form.names:
            yield _get(form, {**whole, name: [value.raw]}, f"{name}={value.name}")
        yield _get(form, {name: [value.raw[:400]] for name in form.names}, f"every field={value.name}")


KINDS = {"fields": (field_by_field, 16), "bodies": (as_a_whole, 8)}
PLACES = 10


@pytest.mark.parametrize("turn", range(TURNS))
@pytest.mark.parametrize("kind", KINDS)
def test_forms(kind: str, turn: int, world: World, people: People, caller: Callers) -> None:
    """Every form that somebody is shown, as whoever is shown it."""
    cases_of, most = KINDS[kind]
    problems: list[str] = []
    places = sample(filter(has_forms, all_places(world)), PLACES, of=f"places {kind}")[turn::TURNS]
    for place in places:
        role, page = who_gets_in(place, people)
        for form in forms_of(place, page):
            cases = sample(cases_of(form), most, of=f"{kind} {place.name}")
            problems += caller(role).problems(cases, place.name)
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
