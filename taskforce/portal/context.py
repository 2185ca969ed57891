"""The demo bar, in the demo only; the same links for everybody."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from taskforce.core.clock import app_now
from taskforce.core.dates import utc_text
from taskforce.portal.demo.cast import CAST
from taskforce.portal.demo.moments import MOMENTS


def demo(request: HttpRequest) -> dict[str, Any]:
    """`demo_bar` for `components/demo_bar.html`, or None outside the demo."""
    return {"demo_bar": _bar() if settings.DEMO else None}


def _bar() -> dict[str, Any] | None:
    try:
        now = app_now().replace(second=0, microsecond=0)
    except DatabaseError:
        return None  # the error page of a request whose transaction is broken still needs to be drawn
    language = get_language() or "en"
    clock = reverse("demo_clock")

    def link(address: str, **query: str) -> str:
        return f"{address}?{urlencode({'language': language, **query})}"

    return {
        "now": now,
        "moments": [
            {
                "label": f"{moment.label} ({utc_text(moment.at)})",
                "url": link(clock, instant=f"{moment.at:%Y-%m-%dT%H:%MZ}"),
            }
            for moment in MOMENTS
        ],
        "people": [{"label": person.label, "url": link(reverse("demo_as", args=[person.key]))} for person in CAST],
        "mailbox_url": link(reverse("demo_mailbox")),
        "clock_url": link(clock),
    }
