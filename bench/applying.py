"""Round trips per second with the form of an application, against a bare form of Django with the same fields.

A round trip is what somebody does who applies: the page with the form is read, and what it holds is sent back with
their answers. Both are signed in, over connections that stay open; nobody follows the redirect that answers them.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bench.models import Applied
from bench.pages import World
from bench.turns import Asker, Rates, rounds, turn
from recruitment.forms.applying import ApplicationForm
from recruitment.models import Call, Snapshot
from recruitment.services.calls import publish_call
from taskforce.questions.services import create_set
from tests.chaos import case as cases
from tests.chaos.stack import DOMAIN, HOST, Stack, free_port
from tests.feedback.pages import parsed

BARE, APPLIED = "bare form", "application"
_PATHS = {BARE: "/en/bench/applying/", APPLIED: cases.APPLICATION}
# Nobody sends more than their limit of acts on an application allows.
PEOPLE = 400
QUESTIONS: list[dict[str, Any]] = [
    {"kind": "long-text", "labels": {"en": "Why do you want to join?"}, "required": True},
    {"kind": "long-text", "labels": {"en": "What have you done?"}, "required": True},
    {
        "kind": "one-choice",
        "labels": {"en": "How often?"},
        "choices": [("a", {"en": "Daily"}), ("b", {"en": "Weekly"})],
    },
]
# What changes from page to page.
_FRESH = re.compile(rb'name="(csrfmiddlewaretoken|form_key|version-[a-z]+)" value="([^"]*)"')


def _plain(field: forms.Field) -> forms.Field:
    """A field of Django's own of the same kind, as large, with the same choices."""
    named: dict[str, Any] = {"label": field.label, "help_text": field.help_text, "required": field.required}
    if isinstance(field, forms.MultipleChoiceField):
        return forms.MultipleChoiceField(choices=field.choices, widget=forms.CheckboxSelectMultiple, **named)
    if isinstance(field, forms.ChoiceField):
        return forms.ChoiceField(choices=field.choices, **named)
    if isinstance(field, forms.BooleanField):
        return forms.BooleanField(**named)
    widget = forms.Textarea if isinstance(field.widget, forms.Textarea) else forms.TextInput
    return forms.CharField(widget=widget, **named)


@login_required
def form(request: HttpRequest) -> HttpResponse:
    """What any such form of Django costs: whose it is, the fields, what they wrote before, a row, a redirect."""
    fields = {name: _plain(field) for name, field in ApplicationForm(Call.objects.get()).fields.items()}
    made = type("Form", (forms.Form,), fields)
    before = Applied._default_manager.filter(user_id=request.user.pk).order_by("-pk").first()
    found = made(request.POST or None, initial=before.said if before else None)
    if request.method == "POST" and found.is_valid():
        with transaction.atomic():
            Applied._default_manager.create(user_id=request.user.pk, said=found.cleaned_data)
        return redirect(request.path)
    return render(request, "bench/applying.html", {"form": found})


class Person(NamedTuple):
    """Somebody who applies: the cookies of their browser, and what they have filled in."""

    cookies: str
    fields: dict[str, str]


class Applicant(Asker):
    """Reads the page and sends its form, as one person after the other, over one connection."""

    def __init__(self, port: int, path: str, people: Iterator[Person], until: float) -> None:
        super().__init__()
        self._where, self._path, self._people, self._until = (HOST, port), path, people, until

    def run(self) -> None:
        """Until the time is over."""
        with socket.create_connection(self._where, timeout=20) as line:
            while time.monotonic() < self._until and not self.fault:
                self._trip(line, next(self._people))

    def _trip(self, line: socket.socket, person: Person) -> None:
        head, page = self._ask(line, "GET", person)
        if not head.startswith(b"HTTP/1.1 200"):
            self.fault = head[:200].decode("latin-1")
            return
        fresh = {name.decode(): value.decode() for name, value in _FRESH.findall(page)}
        body = urlencode({**person.fields, **fresh}).encode()
        head, _body = self._ask(line, "POST", person, body)
        if not re.match(rb"HTTP/1.1 30[23]", head):
            self.fault = f"{head[:200].decode('latin-1')} {re.sub('<[^>]+>', '', _body.decode())[:3000]}"
            return
        self.asked += 1

    def _ask(self, line: socket.socket, method: str, person: Person, body: bytes = b"") -> tuple[bytes, bytes]:
        lines = [f"{method} {self._path} HTTP/1.1", f"Host: {DOMAIN}", "X-Forwarded-Proto: https"]
        lines += [f"Origin: https://{DOMAIN}", "Accept-Language: en", f"Cookie: {person.cookies}"]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        found = b""
        while b"\r\n\r\n" not in found:
            found += line.recv(65_536) or b"\r\n\r\n"
        head, _, rest = found.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        while length and len(rest) < int(length[1]):
            more = line.recv(65_536)
            if not more:
                break
            rest += more
        return head, rest


class People:
    """Those who apply at one of the forms, each with what their page offers filled in; again and again in turn."""

    def __init__(self, port: int, path: str, sessions: list[str]) -> None:
        self._lock, self._next = threading.Lock(), 0
        asked = Applicant(port, path, iter(()), 0)
        with socket.create_connection((HOST, port), timeout=20) as line:
            self._people = [self._person(asked, line, session) for session in sessions]

    @staticmethod
    def _person(asked: Applicant, line: socket.socket, session: str) -> Person:
        head, page = asked._ask(line, "GET", Person(session, {}))
        token = re.search(rb"(?i)set-cookie: ([^;]*csrf[^;]*)", head)
        fields = parsed(page.decode()).fields
        if token is None or fields is None:
            raise RuntimeError(f"no form: {head[:300].decode('latin-1')}")
        texts = {name: f"What I say here is said at length. {name}" for name in fields if name.startswith("q-")}
        choice = f"q-{Call.objects.get().questions.questions.get(kind='one-choice').pk}"
        return Person(f"{session}; {token[1].decode()}", {**fields, **texts, choice: "a", "action": "submit"})

    def __iter__(self) -> Iterator[Person]:
        return self

    def __next__(self) -> Person:
        with self._lock:
            self._next += 1
            return self._people[self._next % len(self._people)]


def compare(stack: Stack) -> Rates:
    """The rates with both forms, round by round, the first of which is not counted. Everything that was sent stands."""
    made = cases.case()
    phase = cases.phase(made, cases.APPLY, cases.in_seconds(86_400))
    questions = create_set("asked", QUESTIONS, at=made.at)
    publish_call(
        phase, questions, titles={"en": "Join"}, purposes={"en": "Work."}, seats=3, criteria=cases.CRITERIA, at=made.at
    )
    sessions = [cookie for _user, cookie in cases.applicants(PEOPLE, made.at)]
    with connection.schema_editor() as editor:
        editor.create_model(Applied)
    connection.close()
    world = World(stack, "web for applications", connection.settings_dict["NAME"], free_port(stack.port + 4))
    people = {name: People(world.port, path, sessions) for name, path in _PATHS.items()}
    turns = {
        name: partial(turn, name, partial(Applicant, world.port, _PATHS[name], own)) for name, own in people.items()
    }
    found = rounds(turns)
    if not Snapshot.objects.exists():
        raise RuntimeError("nothing was submitted")
    connection.close()
    return found
