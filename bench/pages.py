"""Pages per second through the portal's own server: a text's page, kept and drawn, against a bare one of Django.

Two portals run side by side on two databases that differ by what was sent alone, and each turn asks both: what else the
machine does meets them alike.
"""

import json
import os
import socket
import statistics
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection

from bench.turns import THREADS, WORKERS, Asker, Rates, rounds, turn
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.services import publish_window
from proposals.models import Proposal, UnitText
from proposals.services import import_page, save_translations
from proposals.wikipage import read
from recruitment.models import Application, Call
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.questions.services import create_set
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Phase
from tests.chaos import case as cases
from tests.chaos.stack import DOMAIN, HOST, Stack, free_port, soon

SENT = int(os.environ.get("BENCH_SENT") or 10_000)
SLUG = "bench"
_SCENARIOS = Path(__file__).resolve().parent.parent / "taskforce" / "portal" / "scenarios"
WAYS = {
    "bare": f"/en/bench/bare/{SLUG}/",
    "drawn": f"/en/bench/drawn/{SLUG}/proposal/",
    "kept": f"/en/tf/{SLUG}/proposals/proposal/",
}


def text_with_all_around() -> None:
    """The project's own text with its translations, an open window on it, and a call."""
    made = cases.case(SLUG)
    text = import_page(read((_SCENARIOS / "page.zh-hant.txt").read_bytes()), task_force=SLUG, at=made.at).proposal
    ids = dict(UnitText.objects.filter(unit__proposal=text).values_list("text", "unit_id"))
    for language, texts in json.loads((_SCENARIOS / "translations.json").read_text("utf-8")).items():
        ready = {ids[source]: said for source, said in texts.items()}
        save_translations(text.pk, language, ready, editor=made.coordinator, at=made.at)
    _window(made, text)
    cases.call(made, _phase(made, cases.APPLY))


def _phase(made: cases.Case, capability: str) -> Phase:
    """Open for a day, and for a month from now; the text brings phases of its own, which are over."""
    today = app_now().date()
    return timeline.publish_phase(
        made.task_force,
        slug=f"open-{capability}",
        titles={"en": "Open"},
        capabilities=[capability],
        zone="UTC",
        opens_on=today - timedelta(days=1),
        closes_on=today + timedelta(days=30),
        at=made.at,
    )


def _window(made: cases.Case, text: Proposal) -> None:
    publish_window(
        _phase(made, cases.FEEDBACK),
        text,
        create_set("said", cases.QUESTION, at=made.at),
        slug="window",
        titles={"en": "What matters"},
        introductions={"en": "Say it."},
        at=made.at,
    )


def fill(count: int) -> None:
    """So many items in the window and applications to the call; the planner knows of them."""
    window, call, at = FeedbackWindow.objects.get(slug="window"), Call.objects.get(), app_now()
    FeedbackItem.objects.bulk_create(
        (
            FeedbackItem(
                window=window,
                reference=f"F-{number}",
                form_key=f"key {number}",
                token_hash=f"hash {number}",
                language="en",
                visibility="public",
                state="published",
                received_at=at,
            )
            for number in range(count)
        ),
        batch_size=1000,
    )
    people = User.objects.bulk_create((User(email=f"p{number}@bench.example") for number in range(count)), 1000)
    Application.objects.bulk_create(
        (
            Application(
                call=call,
                applicant=person,
                number=number,
                reference=f"A-{number}",
                language="en",
                created_at=at - timedelta(hours=1),
                saved_at=at,
            )
            for number, person in enumerate(people, start=1)
        ),
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Reader(Asker):
    """Asks for one page again and again over one connection, and throws away what comes."""

    def __init__(self, port: int, path: str, until: float) -> None:
        super().__init__()
        self._where, self._until = (HOST, port), until
        lines = (f"GET {path} HTTP/1.1", f"Host: {DOMAIN}", "X-Forwarded-Proto: https", "Accept: text/html")
        self._line = "\r\n".join([*lines, "", ""]).encode()

    def run(self) -> None:
        """Until the time is over."""
        with socket.create_connection(self._where, timeout=20) as line:
            while time.monotonic() < self._until and not self.fault:
                line.sendall(self._line)
                self._take(line)
                self.asked += 1

    def _take(self, line: socket.socket) -> None:
        found = b""
        while b"\r\n\r\n" not in found:
            found += line.recv(65_536) or b"\r\n\r\n"
        head, _, body = found.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            self.fault = head[:200].decode("latin-1")
            return
        left = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]) - len(body)
        while left > 0:
            left -= len(line.recv(min(left, 65_536)))


class World:
    """A portal on a database of its own."""

    def __init__(self, stack: Stack, name: str, database: str, port: int, settings: str = "bench.settings") -> None:
        self.port = port
        options = f"--preload --workers {WORKERS} --worker-class gthread --threads {THREADS} --no-control-socket"
        command = [sys.executable, "-m", "gunicorn", "taskforce.wsgi", *options.split(), "--bind", f"{HOST}:{port}"]
        url = urlsplit(stack.env["DATABASE_URL"])._replace(path=f"/{database}").geturl()
        stack.start(name, command, {"DJANGO_SETTINGS_MODULE": settings, "DATABASE_URL": url})
        soon(partial(stack.serves, port), f"the {name}", 120)

    def turn(self, way: str) -> tuple[int, float]:
        """How many pages were read, by as many readers as it has threads, and in which time."""
        return turn(way, partial(Reader, self.port, WAYS[way]))


def ratio(rates: Rates, one: str, other: str) -> float:
    """The median of what one way makes of the other's pages in the same round."""
    return statistics.median(rate / against for rate, against in zip(rates[one], rates[other], strict=True))


def compare(stack: Stack) -> Rates:
    """The rates of all ways, round by round, the first of which is not counted; `sent` where much was sent."""
    text_with_all_around()
    empty = connection.settings_dict["NAME"]
    connection.close()
    full = f"{empty}_sent"
    stack.sql(f"CREATE DATABASE {full} TEMPLATE {empty}", database="postgres")
    for database, count in ((full, SENT), (empty, 0)):
        connection.settings_dict["NAME"] = database
        fill(count)
        connection.close()
    none = World(stack, "web", empty, stack.port)
    many = World(stack, "web where much was sent", full, free_port(stack.port + 1))
    asked = {way: (none, way) for way in WAYS} | {f"{way}, sent": (many, way) for way in ("drawn", "kept")}
    return rounds({name: partial(world.turn, way) for name, (world, way) in asked.items()})
