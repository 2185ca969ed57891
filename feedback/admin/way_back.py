"""The way back into the moderators' queue: what was chosen there goes along to a text and to the decision about it."""

from django.http import HttpRequest, QueryDict
from django.urls import reverse

# What the queue's address may have; nothing else is carried, and only ever back to the queue.
_KEPT = ("why", "window", "language", "sign", "page")
_LONGEST = 50
_FROM, _QUEUE = "from", "queue"


def to_carry(request: HttpRequest) -> str:
    """On the queue: what its links to single texts have behind them."""
    kept = _kept(request)
    kept[_FROM] = _QUEUE
    return f"?{kept.urlencode()}"


def carried(request: HttpRequest) -> str:
    """On a page that the queue leads to: the same for the links from there; empty for whoever came another way."""
    return to_carry(request) if request.GET.get(_FROM) == _QUEUE else ""


def after(request: HttpRequest, otherwise: str) -> str:
    """Where one goes after a decision: into the queue as it was, or where one came from otherwise."""
    if not carried(request):
        return otherwise
    kept, queue = _kept(request).urlencode(), reverse("admin:feedback_feedbackitem_queue")
    return f"{queue}?{kept}" if kept else queue


def _kept(request: HttpRequest) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in _KEPT:
        value = request.GET.get(name, "")
        if value and len(value) <= _LONGEST:
            kept[name] = value
    return kept
