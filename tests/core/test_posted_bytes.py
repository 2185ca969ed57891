"""What is posted is text as it was sent, or refused: on every page, in one place."""

from collections.abc import Callable
from io import BytesIO
from time import perf_counter
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from taskforce.accounts.models import User
from taskforce.core.middleware import HostileBytes, utf8_only, whole_bodies
from taskforce.wsgi import application as served
from tests.clients import Client
from tests.conftest import Clock

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=cut"
BAD = [b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xc3(", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe8\xaa", b"\x80", b"a\x00b"]
LIMIT = 2_621_440  # DATA_UPLOAD_MAX_MEMORY_SIZE
SIGN_IN = "/en/accounts/login/"
DAMAGED = "What was sent holds damaged characters that cannot be read or stored."
TYPED = '<pre class="pt-typed" dir="auto">a'

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """A client that shows a 5xx as a status, as a browser would see it."""
    return Client(raise_request_exception=False)


class Seen:
    """Stands behind the middleware and remembers what got through."""

    def __init__(self) -> None:
        self.posted: dict[str, list[str]] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.posted = dict(request.POST.lists())
        return HttpResponse()


def through(body: bytes, content_type: str = FORM) -> tuple[int, dict[str, list[str]] | None]:
    """The answer's status, and the fields of a post that got through."""
    seen = Seen()
    request = RequestFactory().generic("POST", "/en/", body, content_type=content_type)
    return HostileBytes(seen)(request).status_code, seen.posted


def parts(*fields: tuple[bytes, bytes], headers: bytes = b"") -> bytes:
    """A body in parts; `headers` go into each."""
    disposition = b'Content-Disposition: form-data; name="%s"\r\n%s\r\n%s\r\n'
    return b"".join(b"--cut\r\n" + disposition % (name, headers, value) for name, value in fields) + b"--cut--\r\n"


@pytest.mark.parametrize("raw", BAD)
def test_bad_bytes_in_a_form(raw: bytes) -> None:
    """Percent-encoded, as they are, and in both cases also in a name."""
    for written in (quote(raw, safe="").encode(), raw):
        for body in (b"a=x" + written + b"y", b"a=1&b" + written + b"=2", b"a=" + written, b"x" + written):
            assert through(body) == (400, None), body


@pytest.mark.parametrize("raw", BAD)
def test_bad_bytes_in_parts(raw: bytes) -> None:
    for body in (
        parts((b"a", b"x" + raw + b"y")),
        parts((b"a", b"x"), (b"b" + raw, b"y")),
        parts((b"a", raw)),
        parts((b"a", b"\xef\xbf\xbd"), (b"b", raw)),
    ):
        if raw == b"a\x00b" and b'name="ba\x00b"' in body:
            continue  # such a name is read as it is, and refused below
        assert through(body, MULTIPART) == (400, None), body
    assert through(parts((b"a\x00", b"x")), MULTIPART) == (400, None)


@pytest.mark.parametrize(
    "text", ["語", "\ufffd", "x\ufffdy", "🙂", "e\u0301", "\uffff", "a+b%c&d=é", "می\u200cخواهم", "%ff"]
)
def test_whatever_is_text_arrives_as_it_was_sent(text: str) -> None:
    """Also U+FFFD itself, which people quote from damaged texts."""
    sent = quote(text, safe="").encode()
    assert through(b"a=" + sent + b"&b=1") == (200, {"a": [text], "b": ["1"]})
    assert through(parts((b"a", text.encode())), MULTIPART) == (200, {"a": [text]})
    if not set("%&+=") & set(text):
        assert through(b"a=" + text.encode()) == (200, {"a": [text]})
        assert through(b"a=" + text.encode() + b"&b=%FF") == (400, None)
    assert through(b"a=" + sent + b"&b=%EF%BF%BD&c=%FF") == (400, None)


def test_a_character_half_encoded_and_half_not() -> None:
    """Neither half is text: the framework reads them apart."""
    assert through(b"a=%C3\xa9") == (400, None)
    assert through(b"a=\xc3%A9") == (400, None)
    assert through(b"a=%C3&b=%A9") == (400, None)


@pytest.mark.parametrize("header", [b"base64", b"BASE64", b"quoted-printable", b"x-uuencode", b"binary; x=y"])
def test_encoded_parts_are_refused(header: bytes) -> None:
    """No browser sends them, and bad bytes would hide in them."""
    body = parts((b"a", b"//79"), headers=b"Content-Transfer-Encoding: " + header + b"\r\n")
    assert through(body, MULTIPART) == (400, None)


@pytest.mark.parametrize("cut", [3, 8, 20])
def test_a_body_that_ends_too_early_is_refused(cut: int) -> None:
    """A connection broke, or a proxy lost the rest: nobody knows what else was written."""
    assert through(parts((b"a", b"x"))[:-cut], MULTIPART) == (400, None)


@pytest.mark.parametrize(("size", "seen"), [(3, [b"200", b"1"]), (LIMIT, [b"200", b"%d" % (LIMIT - 2)])])
def test_a_body_in_chunks_is_read(size: int, seen: list[bytes]) -> None:
    assert chunked(size) == seen


def test_a_body_in_chunks_that_is_too_long_is_refused() -> None:
    with pytest.raises(RequestDataTooBig):
        chunked(LIMIT + 1)


def chunked(size: int) -> list[bytes]:
    """Status, and the length of the field that was read, for a body as gunicorn hands on what came in chunks: an
    input that ends by itself, and no length."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen = Seen()
        status = HostileBytes(seen)(WSGIRequest(environ)).status_code
        return [b"%d" % status, b"%d" % len((seen.posted or {"a": [""]})["a"][0])]

    environ = RequestFactory().generic("POST", "/en/").environ
    body = BytesIO(b"a=" + b"x" * (size - 2))
    chunks = {"CONTENT_TYPE": FORM, "wsgi.input": body, "wsgi.input_terminated": True}
    return list(whole_bodies(application)({**environ, **chunks}, lambda *_: lambda _data: None))


@pytest.mark.parametrize("header", [b"8bit", b"7BIT", b"binary"])
def test_parts_that_say_they_are_not_encoded(header: bytes) -> None:
    body = parts((b"a", "é".encode()), headers=b"Content-Transfer-Encoding: " + header + b"\r\n")
    assert through(body, MULTIPART) == (200, {"a": ["é"]})


def test_a_text_that_quotes_a_mail_is_no_encoded_part() -> None:
    quoted = b"Hello\r\nContent-Transfer-Encoding: base64\r\n\r\n//79"
    assert through(parts((b"a", quoted)), MULTIPART) == (200, {"a": [quoted.decode()]})


@pytest.mark.parametrize(
    "charset", ["latin-1", "utf-16", "utf-7", "raw_unicode_escape", "ascii", "nonsense", "undefined"]
)
@pytest.mark.parametrize("kind", [FORM, MULTIPART])
def test_another_charset_is_refused(charset: str, kind: str) -> None:
    """A text that was meant in another one would be stored as something else."""
    body = parts((b"a", b"x")) if kind == MULTIPART else b"a=x"
    assert through(body, f"{kind}; charset={charset}") == (400, None)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
@pytest.mark.parametrize("kind", [FORM, MULTIPART])
def test_utf_8_by_any_of_its_names(charset: str, kind: str) -> None:
    body = parts((b"a", "é".encode())) if kind == MULTIPART else b"a=%C3%A9"
    assert through(body, f"{kind}; charset={charset}") == (200, {"a": ["é"]})


@pytest.mark.parametrize(
    "header",
    [
        "text/plain; charset=hex",
        "text/plain; charset=idna",
        "text/plain; x*=bogus''%41",
        f"{MULTIPART}; charset=hex",
        f"{FORM}; charset=punycode",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_header_that_the_framework_cannot_parse(header: str, method: str) -> None:
    """The request can be made, and what was posted is refused or of no kind that holds fields."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        answer = HostileBytes(Seen())(WSGIRequest(environ))
        return [str(answer.status_code).encode()]

    environ = RequestFactory().generic(method, "/en/?q=%41%FF", b"a=%FF", content_type=FORM).environ
    answered = utf8_only(application)({**environ, "CONTENT_TYPE": header}, lambda *_: lambda _data: None)
    is_read = method == "POST" and not header.startswith("text/plain; charset")
    assert list(answered) == [b"400" if is_read else b"200"]


@pytest.mark.parametrize("header", ["", FORM, MULTIPART, f"{FORM}; charset=UTF-8", "a/b", ";;;"])
def test_other_headers_are_left_alone(header: str) -> None:
    environ: dict[str, Any] = {"CONTENT_TYPE": header}
    list(utf8_only(lambda env, _start: [env["CONTENT_TYPE"].encode()])(environ, lambda *_: lambda _data: None))
    assert environ["CONTENT_TYPE"] == header


@pytest.mark.parametrize("charset", ["hex", "idna", "utf-16"])
def test_what_gunicorn_serves_refuses_an_odd_charset(clock: Clock, charset: str) -> None:
    environ = RequestFactory().generic("POST", SIGN_IN, b"login=a", content_type=FORM).environ
    said: list[str] = []

    def start(status: str, _headers: Any, _error: Any = None) -> Callable[[bytes], object]:
        said.append(status)
        return bytes

    served({**environ, "CONTENT_TYPE": f"{FORM}; charset={charset}"}, start)
    assert said == ["400 Bad Request"]


@pytest.mark.parametrize("raw", ["%FF", "%ED%A0%80", "%00"])
@pytest.mark.parametrize(
    "path",
    [SIGN_IN, "/en/accounts/signup/", "/en/admin/", "/en/tf/none/feedback/none/", "/unsubscribe/x/", "/en/nowhere/"],
)
def test_every_page_refuses_them(clock: Clock, client: Client, path: str, raw: str) -> None:
    response = client.post(path, f"login=a{raw}b&password=x", content_type=FORM)
    html = response.content.decode()
    assert response.status_code == 400
    assert DAMAGED in html
    assert TYPED in html
    assert response.headers["Cache-Control"] == "private, no-store"


def test_the_staff_side_refuses_them(client: Client, people: dict[str, User]) -> None:
    client.force_login(people["coordinator"])
    for path in ("/en/admin/", "/en/admin/timeline/phase/"):
        assert client.get(path).status_code == 200
        assert client.post(path, "action=%FF", content_type=FORM).status_code == 400


def test_the_refusal_is_in_the_reader_s_language(clock: Clock, client: Client) -> None:
    assert '<html lang="zh-Hant"' in client.post("/zh-hant/", "a=%FF", content_type=FORM).content.decode()
    response = client.post("/unsubscribe/x/", "a=%FF", content_type=FORM, headers={"accept-language": "ar"})
    assert 'dir="rtl"' in response.content.decode()


@pytest.mark.parametrize("query", ["q=%FF", "q=%ED%A0%80", "%FF=1", "q=%C3", "language=%FF", "page=%FF", "next=%FF"])
def test_bad_bytes_in_a_query_break_nothing(clock: Clock, client: Client, query: str) -> None:
    for path in ("/en/", SIGN_IN, "/demo/mail/"):
        assert client.get(f"{path}?{query}").status_code < 500
    assert client.post(f"{SIGN_IN}?{query}", {"login": "x"}).status_code < 500


def test_large_posts_are_refused_as_such(clock: Clock, client: Client) -> None:
    assert client.post(SIGN_IN, "a=" + "x" * 2_700_000, content_type=FORM).status_code == 400
    assert client.post(SIGN_IN, parts((b"a", b"x" * 2_700_000)), content_type=MULTIPART).status_code == 400


def test_it_costs_next_to_nothing() -> None:
    """For a long honest text in Chinese: less than what reading the form takes anyway."""
    body = b"a=" + quote("語" * 10_000).encode()
    reading, checking = [], []
    for _ in range(5):
        request = RequestFactory().post("/en/", body, content_type=FORM)
        start = perf_counter()
        assert request.POST
        between = perf_counter()
        assert HostileBytes(Seen())(request).status_code == 200
        reading.append(between - start)
        checking.append(perf_counter() - between)
    assert min(checking) < min(reading)
