"""Posts per second through the portal's own server: the form of a window, against a bare form of Django.

Both send the same words, over connections that stay open, from as many addresses as there are posts; each is answered
by a redirect, which nobody follows.
"""

import asyncio
import random
import re
import socket
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from string import ascii_lowercase
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bench.models import Said, SaidAnswer
from bench.pages import World
from bench.turns import AT_ONCE, SECONDS, Asker, Rates, rounds, turn
from feedback.models import FeedbackItem, FeedbackWindow
from taskforce.core.clock import app_now
from taskforce.timeline.gates import new_form_key
from tests.chaos import case as cases
from tests.chaos.browsers import exchange
from tests.chaos.stack import DOMAIN, HOST, Stack, free_port

BARE, PLAIN, SENT = "bare", "bare, with Django's own middleware", "sent"
_PATHS = {BARE: "/en/bench/form/", PLAIN: "/en/bench/form/", SENT: cases.WINDOW}
# More than anybody sends in a turn.
_FASTEST = 500


class SaidForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of the model, and the answer to a question: the fields that people fill in in a window's form too."""

    answer = forms.CharField(max_length=20_000, widget=forms.Textarea)

    class Meta:
        model = Said
        fields = ("language", "other_language", "visibility", "name")


def form(request: HttpRequest) -> HttpResponse:
    """What any such form of Django costs: the token, the fields, a row and the row of its answer, which stand and fall
    together, a redirect."""
    found = SaidForm(request.POST or None)
    if request.method == "POST" and found.is_valid():
        with transaction.atomic():
            said = found.save()
            SaidAnswer(said=said, question=1, text=found.cleaned_data["answer"]).save()
        return redirect(request.path)
    return render(request, "bench/form.html", {"form": found})


class Sender(Asker):
    """Sends one form after the other, each from an address of its own, over one connection."""

    def __init__(self, port: int, posts: list[bytes], until: float) -> None:
        super().__init__()
        self._where, self._posts, self._until = (HOST, port), posts, until

    def run(self) -> None:
        """Until the time is over."""
        with socket.create_connection(self._where, timeout=20) as line:
            for post in self._posts:
                if time.monotonic() >= self._until:
                    return
                line.sendall(post)
                if not self._is_taken(line):
                    return
                self.asked += 1
        self.fault = "it has run out of forms"

    def _is_taken(self, line: socket.socket) -> bool:
        found = b""
        while b"\r\n\r\n" not in found:
            found += line.recv(65_536) or b"\r\n\r\n"
        if not re.match(rb"HTTP/1.1 30[23]", found):
            self.fault = found[:300].decode("latin-1")
        return not self.fault


class Forms:
    """Forms that are filled in, each once: of the window, and of Django."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        window = FeedbackWindow.objects.get()
        self._phase_id, self._question = window.phase_id, window.questions.questions.get().pk
        self._token = {name: _token(port, _PATHS[name]) for name, port in ports.items()}
        self._dice = random.Random(1)  # noqa: S311 - words, no secret
        self._number = 0

    def some(self, name: str, number: int) -> list[bytes]:
        """So many, shown a minute ago: who is quicker looks like a machine."""
        shown = app_now() - timedelta(minutes=1)
        connection.close()
        return [self._one(name, shown) for _ in range(number)]

    def _one(self, name: str, shown: datetime) -> bytes:
        self._number += 1
        # Words that nobody has said before: what many say looks like a machine's.
        words = " ".join("".join(self._dice.choices(ascii_lowercase, k=self._dice.randint(2, 9))) for _ in range(40))
        fields = {"csrfmiddlewaretoken": self._token[name], "language": "en", "visibility": "nameless", "name": ""}
        if name == SENT:
            key = new_form_key(shown, self._phase_id)
            fields |= {f"q-{self._question}": words, "form_key": key, "kept": "0", "second_remark": ""}
            fields["other_language"] = ""
        else:
            fields |= {"answer": words, "other_language": ""}
        body = urlencode(fields).encode()
        sender = f"10.{self._number // 62_500 % 250}.{self._number // 250 % 250}.{self._number % 250 + 1}"
        lines = (
            *(f"POST {_PATHS[name]} HTTP/1.1", f"Host: {DOMAIN}", "X-Forwarded-Proto: https"),
            *(f"X-Forwarded-For: {sender}", f"Origin: https://{DOMAIN}", "Accept-Language: en"),
            *(f"Cookie: {settings.CSRF_COOKIE_NAME}={self._token[name]}", f"Content-Length: {len(body)}"),
            "Content-Type: application/x-www-form-urlencoded",
        )
        return "\r\n".join([*lines, "", ""]).encode() + body


def _token(port: int, path: str) -> str:
    """What proves that a form came from here: of a form that was just opened."""
    asked = f"GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
    answer = asyncio.run(exchange(port, asked.encode()))
    return next(cookie for cookie in answer.cookies if cookie.startswith(settings.CSRF_COOKIE_NAME)).partition("=")[2]


def _turn(port: int, name: str, made: Forms) -> tuple[int, float]:
    """How many posts were taken, and in which time; they are made before it begins."""
    posts = iter([made.some(name, int(_FASTEST * SECONDS)) for _ in range(AT_ONCE)])
    return turn(name, lambda until: Sender(port, next(posts), until))


def compare(stack: Stack) -> Rates:
    """The rates of all forms, round by round, the first of which is not counted. Everything that was sent stands."""
    made = cases.case()
    cases.window(made, cases.phase(made, cases.FEEDBACK, cases.in_seconds(86_400)))
    with connection.schema_editor() as editor:
        editor.create_model(Said)
        editor.create_model(SaidAnswer)
    name = connection.settings_dict["NAME"]
    connection.close()
    one = World(stack, "web for forms", name, free_port(stack.port + 2))
    plain = World(stack, "web with Django's middleware", name, free_port(one.port + 1), "bench.plain")
    ports = {BARE: one.port, SENT: one.port, PLAIN: plain.port}
    forms = Forms(ports)
    found = rounds({name: partial(_turn, port, name, forms) for name, port in ports.items()})
    if stranger := FeedbackItem.objects.exclude(state="published").first():
        raise RuntimeError(f"what was sent is {stranger.state}: {stranger.suspicion}")
    connection.close()
    return found
