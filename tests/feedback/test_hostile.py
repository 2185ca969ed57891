"""Whatever is sent: a form with its error or a 4xx, never a 5xx, never a half-stored item."""

from time import process_time
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackWindow
from taskforce.core.clock import app_now
from taskforce.timeline import gates
from tests.clients import Client
from tests.feedback.pages import address, filled, parsed, text_question

FORM = "application/x-www-form-urlencoded"
Fields = dict[str, Any]
UNSTORABLE = "This holds characters that cannot be stored."


class Visitor(Client):
    """A browser that shows a 5xx as a status; it reads the page once, and has a new form's key for each form."""

    read: Fields | None = None

    def form(self, **changes: Any) -> Fields:
        """A form that was filled in; `text` stands for its text question."""
        self.read = self.read or filled(self)
        key = gates.new_form_key(app_now(), FeedbackWindow.objects.get().phase_id)
        question = text_question(self.read)
        changes = {question if name == "text" else name: value for name, value in changes.items()}
        return {**self.read, "form_key": key, **changes}


@pytest.fixture
def client() -> Visitor:
    return Visitor(raise_request_exception=False)


def send(client: Visitor, **changes: Any) -> Any:
    return client.post(address(), urlencode(client.form(**changes), doseq=True), content_type=FORM)


@pytest.mark.long
def test_exactly_the_limit_in_code_points_passes(window: FeedbackWindow, client: Visitor) -> None:
    assert send(client, text="🙂" * 10_000).status_code == 303
    assert len(FeedbackAnswer.objects.get().text) == 10_000


@pytest.mark.parametrize(("length", "over"), [(10_001, "1 character too long"), (12_500, "2,500 characters too long")])
def test_too_long_says_by_how_much_and_keeps_the_text(
    window: FeedbackWindow, client: Visitor, length: int, over: str
) -> None:
    response = send(client, text="語" * length)
    html = response.content.decode()
    assert response.status_code == 200
    assert f"{over}: 10,000 are possible." in html
    assert html.count("語" * length) == 1
    assert not FeedbackItem.objects.exists()


@pytest.mark.long
def test_megabytes_are_refused(window: FeedbackWindow, client: Visitor) -> None:
    assert send(client, text="x" * 2_500_000).status_code == 200
    assert send(client, text="x" * 2_700_000).status_code == 400
    assert not FeedbackItem.objects.exists()


def test_ten_thousand_fields_are_refused(window: FeedbackWindow, client: Visitor) -> None:
    assert send(client, **{f"q-{number}": "x" for number in range(1_000_000, 1_010_000)}).status_code == 400


@pytest.mark.long
def test_control_characters_are_an_error_and_gone_from_the_form(window: FeedbackWindow, client: Visitor) -> None:
    found, forms = {}, {}
    for name in ("text", "name"):
        for raw in ("a\x07b", "a\x1bb", "a\x7fb", "a\x0bb"):
            response = send(client, **{"name": "Ada", name: raw, "visibility": "public"})
            html = response.content.decode()
            again = forms[name, raw] = parsed(html).fields or {}
            shown = again.get(text_question(again) if name == "text" else name)
            found[name, raw] = (response.status_code, UNSTORABLE in html, shown, FeedbackItem.objects.count())
    assert {sent: what for sent, what in found.items() if what != (200, True, "ab", 0)} == {}
    answers = {sent: client.post(address(), again).status_code for sent, again in forms.items()}
    assert {sent: status for sent, status in answers.items() if status != 303} == {}


def test_tabs_and_line_ends_can_be_stored(window: FeedbackWindow, client: Visitor) -> None:
    assert send(client, text="a\r\nb\tc").status_code == 303
    assert FeedbackAnswer.objects.get().text == "a\nb\tc"


def test_control_characters_in_other_fields_store_nothing(window: FeedbackWindow, client: Visitor) -> None:
    key, found = client.form()["form_key"], {}
    for name in ("language", "visibility", "form_key", "second_remark"):
        response = send(client, **{name: f"{key if name == 'form_key' else 'public'}\x07"})
        found[name] = (response.status_code, FeedbackItem.objects.count())
    assert {name: what for name, what in found.items() if what != (200, 0)} == {}


def body_of(fields: Fields, name: str, raw: str) -> str:
    """The fields as a browser writes them, but one of them in the bytes given."""
    rest = {other: value for other, value in fields.items() if other != name}
    return f"{urlencode(rest)}&{quote(name)}={raw}"


BAD_BYTES = [
    *[("text", raw) for raw in ("%ED%A0%80", "%FF%FE", "%00", "%C3", "%C0%AF", "%F4%90%80%80", "\xff", "\xc3(")],
    *[(name, "%FF") for name in ("name", "visibility", "language", "form_key", "second_remark")],
]


def test_bad_bytes_are_refused_and_nothing_is_stored(window: FeedbackWindow, client: Visitor) -> None:
    said = ("What was sent holds damaged characters", "It has not been saved. Copy it from here")
    fields = client.form(visibility="public", name="Ada")
    found = {}
    for name, raw in BAD_BYTES:
        sent = text_question(fields) if name == "text" else name
        body = body_of(fields, sent, f"before{raw}after").encode("latin-1")
        response = client.post(address(), body, content_type=FORM)
        html = response.content.decode().partition("<main")[2]
        lacking = [text for text in said if text not in html]
        found[name, raw] = (response.status_code, lacking, FeedbackItem.objects.count())
    assert {sent: what for sent, what in found.items() if what != (400, [], 0)} == {}
    # The key is not used up: the same form with a text that can be read is taken.
    assert client.post(address(), fields).status_code == 303
    assert FeedbackItem.objects.count() == 1


def test_bad_bytes_in_parts_are_refused(window: FeedbackWindow, client: Visitor) -> None:
    fields, found = client.form(visibility="public", name="Ada"), {}
    for name in (text_question(fields), "name"):
        for raw in (b"\xff", b"\xed\xa0\x80", b"a\x00b"):
            parts = b"".join(
                b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
                % (field.encode(), raw if field == name else value.encode())
                for field, value in fields.items()
            )
            kind = "multipart/form-data; boundary=cut"
            response = client.post(address(), parts + b"--cut--\r\n", content_type=kind)
            found[name, raw] = (response.status_code, FeedbackItem.objects.count())
    assert {sent: what for sent, what in found.items() if what != (400, 0)} == {}


def test_what_can_be_read_is_stored_as_it_was_sent(window: FeedbackWindow, client: Visitor) -> None:
    found = {}
    for typed in (
        *("\ufffd", "the \ufffd in the proposal", "語\uffff", "می\u200cخواهم", "क्\u200dष", "👩\u200d👧"),
        "\u202eabc",
    ):
        fields = client.form()
        body = body_of(fields, text_question(fields), quote(typed))
        status = client.post(address(), body, content_type=FORM).status_code
        found[typed] = (status, FeedbackAnswer.objects.latest("pk").text)
    assert {typed: what for typed, what in found.items() if what != (303, typed)} == {}


def test_another_charset_is_refused(window: FeedbackWindow, client: Visitor) -> None:
    found = {}
    for name in ("text", "name", "visibility", "language", "form_key"):
        for charset, surrogate in (("utf-7", "+2AA-"), ("raw_unicode_escape", "\\ud800")):
            fields = client.form(**{"name": "Ada", "visibility": "public", name: f"x{surrogate}y"})
            parts = "".join(
                f'--cut\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
                for field, value in fields.items()
            )
            kind = f"multipart/form-data; boundary=cut; charset={charset}"
            response = client.post(address(), f"{parts}--cut--\r\n".encode(), content_type=kind)
            found[name, charset] = (response.status_code, FeedbackItem.objects.count())
    assert {sent: what for sent, what in found.items() if what != (400, 0)} == {}


UNSEEN = [
    *("\u200b", "\u200c\u200d", "\u2060\ufeff", "\u3164", "\u115f\u1160\uffa0", "\u2800", "\u00ad", "\u180e", "\ufe0f"),
    *("\U000e0041", "\u202e\u2066", " \u3000\u2003\n"),
]


@pytest.mark.long
def test_what_cannot_be_seen_is_no_answer(window: FeedbackWindow, client: Visitor) -> None:
    found = {}
    for typed in UNSEEN:
        response = send(client, text=typed)
        is_said = "Please answer" in response.content.decode()
        found[typed] = (response.status_code, is_said, FeedbackItem.objects.count())
    assert {typed: what for typed, what in found.items() if what != (200, True, 0)} == {}


@pytest.mark.long
def test_a_name_that_cannot_be_seen_is_none(window: FeedbackWindow, client: Visitor) -> None:
    found = {}
    for number, name in enumerate(UNSEEN, start=1):
        status = send(client, text=f"Text {number}.", name=name, visibility="public").status_code
        found[name] = (status, FeedbackItem.objects.latest("pk").name, FeedbackItem.objects.count() == number)
    assert {name: what for name, what in found.items() if what != (303, "", True)} == {}


def test_odd_bodies(window: FeedbackWindow, client: Visitor) -> None:
    bodies = [
        (b"", FORM),
        (b"\x00\xff", FORM),
        (b"{}", "application/json"),
        (b"[1, 2]", "application/json"),
        (b"no parts", "multipart/form-data; boundary=x"),
        (b"no boundary", "multipart/form-data"),
        (b"form_key=%00", FORM + "; charset=utf-16"),
    ]
    found = {sent: client.post(address(), sent[0], content_type=sent[1]).status_code for sent in bodies}
    assert {sent: status for sent, status in found.items() if status not in (200, 400)} == {}


@pytest.mark.long
def test_a_field_that_came_twice_is_an_error(window: FeedbackWindow, client: Visitor) -> None:
    found = {}
    for name in ("text", "visibility", "language", "form_key", "name"):
        response = send(client, **{name: ["public", "staff"]})
        is_said = "This was sent more than once." in response.content.decode()
        found[name] = (response.status_code, is_said, FeedbackItem.objects.count())
    assert {name: what for name, what in found.items() if what != (200, True, 0)} == {}


def test_a_choice_that_is_not_offered_is_an_error(window: FeedbackWindow, client: Visitor) -> None:
    choice = f"q-{window.questions.questions.get(position=2).pk}"
    for value in ("maybe", "<script>", "YES", "0"):
        response = send(client, **{choice: value})
        assert response.status_code == 200
        assert "Please choose one of the answers given here." in response.content.decode()
        assert "<script>" not in response.content.decode().replace("<script src", "")
    assert send(client, **{choice: "-"}).status_code == 303


def test_fields_of_other_questions_are_not_stored(window: FeedbackWindow, client: Visitor) -> None:
    assert send(client, **{"q-0": "x", "q-999999999999999999999": "y", "q-": "z", "state": "hidden"}).status_code == 303
    assert FeedbackAnswer.objects.count() == 1
    assert FeedbackItem.objects.get().state == "published"


def test_what_people_write_is_shown_as_text(window: FeedbackWindow, client: Visitor) -> None:
    response = send(client, text='<img src=x onerror="alert(1)"> **bold**', name="<i>N</i>", visibility="public")
    html = client.get(response.headers["Location"]).content.decode()
    assert "&lt;img src=x" in html
    assert "&lt;i&gt;N&lt;/i&gt;" in html
    assert "<img" not in html


@pytest.mark.long
def test_marks_without_end_keep_nobody_waiting(window: FeedbackWindow, client: Visitor) -> None:
    """A body full of them, in whichever field: to bring them in order once took longer than a worker may."""
    pile = "a" + "\u0301\u0316" * 190_000
    for name in ("text", "name", "form_key"):
        began = process_time()
        assert send(client, **{"name": "Ada", name: pile, "visibility": "public"}).status_code == 200
        assert process_time() - began < 10
    assert not FeedbackItem.objects.exists()
