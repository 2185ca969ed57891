"""Whatever is sent: a form with its error or a 4xx, never a 5xx, never a half-stored item."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from tests.clients import Client
from tests.feedback.pages import address, filled, parsed, text_question

FORM = "application/x-www-form-urlencoded"
UNSTORABLE = "This holds characters that cannot be stored."


@pytest.fixture
def client() -> Client:
    """A client that shows a 5xx as a status, as a browser would see it."""
    return Client(raise_request_exception=False)


def send(client: Client, **changes: Any) -> Any:
    fields = filled(client)
    question = text_question(fields)
    changes = {question if name == "text" else name: value for name, value in changes.items()}
    return client.post(address(), urlencode({**fields, **changes}, doseq=True), content_type=FORM)


def test_exactly_the_limit_in_code_points_passes(window: FeedbackWindow, client: Client) -> None:
    assert send(client, text="🙂" * 10_000).status_code == 303
    assert len(FeedbackAnswer.objects.get().text) == 10_000


@pytest.mark.parametrize(("length", "over"), [(10_001, "1 character too long"), (12_500, "2,500 characters too long")])
def test_too_long_says_by_how_much_and_keeps_the_text(
    window: FeedbackWindow, client: Client, length: int, over: str
) -> None:
    response = send(client, text="語" * length)
    html = response.content.decode()
    assert response.status_code == 200
    assert f"{over}: 10,000 are possible." in html
    assert html.count("語" * length) == 1
    assert not FeedbackItem.objects.exists()


def test_megabytes_are_refused(window: FeedbackWindow, client: Client) -> None:
    assert send(client, text="x" * 2_500_000).status_code == 200
    assert send(client, text="x" * 2_700_000).status_code == 400
    assert not FeedbackItem.objects.exists()


def test_ten_thousand_fields_are_refused(window: FeedbackWindow, client: Client) -> None:
    assert send(client, **{f"q-{number}": "x" for number in range(1_000_000, 1_010_000)}).status_code == 400


@pytest.mark.parametrize("name", ["text", "name"])
@pytest.mark.parametrize("raw", ["a\x07b", "a\x1bb", "a\x7fb", "a\x0bb"])
def test_control_characters_are_an_error_and_gone_from_the_form(
    window: FeedbackWindow, client: Client, name: str, raw: str
) -> None:
    response = send(client, **{name: raw, "visibility": "public"})
    html = response.content.decode()
    assert response.status_code == 200
    assert UNSTORABLE in html
    assert not FeedbackItem.objects.exists()
    again = parsed(html).fields
    assert again is not None
    assert again[text_question(again) if name == "text" else name] == "ab"
    assert client.post(address(), again).status_code == 303


def test_tabs_and_line_ends_can_be_stored(window: FeedbackWindow, client: Client) -> None:
    assert send(client, text="a\r\nb\tc").status_code == 303
    assert FeedbackAnswer.objects.get().text == "a\nb\tc"


@pytest.mark.parametrize("name", ["language", "visibility", "form_key", "second_remark"])
def test_control_characters_in_other_fields_store_nothing(window: FeedbackWindow, client: Client, name: str) -> None:
    key = filled(client)["form_key"]
    response = send(client, **{name: f"{key if name == 'form_key' else 'public'}\x07"})
    assert response.status_code == 200
    assert not FeedbackItem.objects.exists()


def body_of(fields: dict[str, Any], name: str, raw: str) -> str:
    """The fields as a browser writes them, but one of them in the bytes given."""
    rest = {other: value for other, value in fields.items() if other != name}
    return f"{urlencode(rest)}&{quote(name)}={raw}"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        *[("text", raw) for raw in ("%ED%A0%80", "%FF%FE", "%00", "%C3", "%C0%AF", "%F4%90%80%80", "\xff", "\xc3(")],
        *[(name, "%FF") for name in ("name", "visibility", "language", "form_key", "second_remark")],
    ],
)
def test_bad_bytes_are_refused_and_nothing_is_stored(
    window: FeedbackWindow, client: Client, name: str, raw: str
) -> None:
    fields = filled(client, visibility="public")
    sent = text_question(fields) if name == "text" else name
    body = body_of(fields, sent, f"before{raw}after").encode("latin-1")
    response = client.post(address(), body, content_type=FORM)
    html = response.content.decode()
    assert response.status_code == 400
    assert "What was sent holds damaged characters" in html
    assert "What you typed is still in the form when you go back" in html
    assert not FeedbackItem.objects.exists()
    # The key is not used up: the same form with a text that can be read is taken.
    assert client.post(address(), fields).status_code == 303


@pytest.mark.parametrize("raw", [b"\xff", b"\xed\xa0\x80", b"a\x00b"])
@pytest.mark.parametrize("name", ["text", "name"])
def test_bad_bytes_in_parts_are_refused(window: FeedbackWindow, client: Client, name: str, raw: bytes) -> None:
    fields = filled(client, visibility="public")
    sent = text_question(fields) if name == "text" else name
    parts = b"".join(
        b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (field.encode(), raw if field == sent else value.encode())
        for field, value in fields.items()
    )
    kind = "multipart/form-data; boundary=cut"
    assert client.post(address(), parts + b"--cut--\r\n", content_type=kind).status_code == 400
    assert not FeedbackItem.objects.exists()


@pytest.mark.parametrize(
    "typed",
    ["\ufffd", "the \ufffd in the proposal", "語\uffff", "می\u200cخواهم", "क्\u200dष", "👩\u200d👧", "\u202eabc"],
)
def test_what_can_be_read_is_stored_as_it_was_sent(window: FeedbackWindow, client: Client, typed: str) -> None:
    fields = filled(client)
    body = body_of(fields, text_question(fields), quote(typed))
    assert client.post(address(), body, content_type=FORM).status_code == 303
    assert FeedbackAnswer.objects.get().text == typed


@pytest.mark.parametrize("name", ["text", "name", "visibility", "language", "form_key"])
@pytest.mark.parametrize(("charset", "surrogate"), [("utf-7", "+2AA-"), ("raw_unicode_escape", "\\ud800")])
def test_another_charset_is_refused(
    window: FeedbackWindow, client: Client, name: str, charset: str, surrogate: str
) -> None:
    fields = filled(client, visibility="public")
    fields[text_question(fields) if name == "text" else name] = f"x{surrogate}y"
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    body = f"{parts}--cut--\r\n".encode()
    response = client.post(address(), body, content_type=f"multipart/form-data; boundary=cut; charset={charset}")
    assert response.status_code == 400
    assert not FeedbackItem.objects.exists()


UNSEEN = [
    *("\u200b", "\u200c\u200d", "\u2060\ufeff", "\u3164", "\u115f\u1160\uffa0", "\u2800", "\u00ad", "\u180e", "\ufe0f"),
    *("\U000e0041", "\u202e\u2066", " \u3000\u2003\n"),
]


@pytest.mark.parametrize("typed", UNSEEN)
def test_what_cannot_be_seen_is_no_answer(window: FeedbackWindow, client: Client, typed: str) -> None:
    response = send(client, text=typed)
    assert response.status_code == 200
    assert "Please answer" in response.content.decode()
    assert not FeedbackItem.objects.exists()


@pytest.mark.parametrize("name", UNSEEN)
def test_a_name_that_cannot_be_seen_is_none(window: FeedbackWindow, client: Client, name: str) -> None:
    assert send(client, name=name, visibility="public").status_code == 303
    assert FeedbackItem.objects.get().name == ""


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"\x00\xff", FORM),
        (b"{}", "application/json"),
        (b"[1, 2]", "application/json"),
        (b"no parts", "multipart/form-data; boundary=x"),
        (b"no boundary", "multipart/form-data"),
        (b"form_key=%00", FORM + "; charset=utf-16"),
    ],
)
def test_odd_bodies(window: FeedbackWindow, client: Client, body: bytes, content_type: str) -> None:
    assert client.post(address(), body, content_type=content_type).status_code in (200, 400)


@pytest.mark.parametrize("name", ["text", "visibility", "language", "form_key", "name"])
def test_a_field_that_came_twice_is_an_error(window: FeedbackWindow, client: Client, name: str) -> None:
    response = send(client, **{name: ["public", "staff"]})
    assert response.status_code == 200
    assert "This was sent more than once." in response.content.decode()
    assert not FeedbackItem.objects.exists()


def test_a_choice_that_is_not_offered_is_an_error(window: FeedbackWindow, client: Client) -> None:
    choice = f"q-{window.questions.questions.get(position=2).pk}"
    for value in ("maybe", "<script>", "YES", "0"):
        response = send(client, **{choice: value})
        assert response.status_code == 200
        assert "Please choose one of the answers given here." in response.content.decode()
        assert "<script>" not in response.content.decode().replace("<script src", "")
    assert send(client, **{choice: "-"}).status_code == 303


def test_fields_of_other_questions_are_not_stored(window: FeedbackWindow, client: Client) -> None:
    assert send(client, **{"q-0": "x", "q-999999999999999999999": "y", "q-": "z", "state": "hidden"}).status_code == 303
    assert FeedbackAnswer.objects.count() == 1
    assert FeedbackItem.objects.get().state == "published"


def test_what_people_write_is_shown_as_text(window: FeedbackWindow, client: Client) -> None:
    response = send(client, text='<img src=x onerror="alert(1)"> **bold**', name="<i>N</i>", visibility="public")
    html = client.get(response.headers["Location"]).content.decode()
    assert "&lt;img src=x" in html
    assert "&lt;i&gt;N&lt;/i&gt;" in html
    assert "<img" not in html
