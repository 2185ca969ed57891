"""What waits in a session for a proof of who somebody is: what it is for, where it leads, what was posted.

Each under a mark of its own, which the page that asks carries along: what is done, said or given back there is what
was sent in the same tab, whatever was sent in another one meanwhile.
"""

import json
import re
from typing import Any, NamedTuple

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.internal.httpkit import serialize_request
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.crypto import get_random_string

from taskforce.accounts.enums import Purpose
from taskforce.accounts.sessions import SessionStore

_KEPT = "waiting_for_proof"
# So many forms wait at a time, and so many pages; the oldest is forgotten.
MOST = 5
# Fields that are never kept; a code is, which is done with after a proof or never.
_SECRET, _CODE = re.compile("password"), "code"


class Waiting(NamedTuple):
    """The code of a `Purpose` ("" where nobody said one), the address, and what was posted there in allauth's form.

    `posted` is "" where a page was only to be read.
    """

    purpose: str
    address: str
    posted: str

    @property
    def sentence(self) -> str:
        """What is about to happen, in the active language; "" where that is not known."""
        return str(Purpose(self.purpose).label) if self.purpose in Purpose.values else ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """(name, value) of everything that was sent, to be sent to its own address once more."""
        fields = QueryDict(json.loads(self.posted)["POST"] if self.posted else "")
        pairs = ((name, value) for name, values in fields.lists() for value in values)
        return [(name, value) for name, value in pairs if name != "csrfmiddlewaretoken"]

    @property
    def typed(self) -> list[tuple[str, str]]:
        """The same for whoever changes their mind: without a code, which nobody needs to see again."""
        return [(name, value) for name, value in self.fields if name != _CODE]


def posted(request: HttpRequest) -> str:
    """What was posted, in allauth's form; "" for a request that posts nothing. A password in clear lies nowhere."""
    if request.method != "POST":
        return ""
    whole = json.loads(serialize_request(request))
    fields = request.POST.copy()
    for name in [name for name in fields if _SECRET.search(name)]:
        del fields[name]
    return json.dumps(whole | {"POST": fields.urlencode()})


def keep(request: HttpRequest, one: Waiting) -> str:
    """Keep it in the session; returns its mark. A page that is asked for again keeps the mark that it has."""
    kept = dict(request.session.get(_KEPT, {}))
    known = (mark for mark, each in kept.items() if not one.posted and Waiting(**each) == one)
    mark = next(known, None) or get_random_string(12)
    # Each kind by itself: a page that is only read costs nobody what they have typed.
    alike = [other for other, each in kept.items() if other != mark and bool(each["posted"]) == bool(one.posted)]
    for oldest in alike[: len(alike) - MOST + 1] if len(alike) >= MOST else []:
        del kept[oldest]
    request.session[_KEPT] = {**kept, mark: one._asdict()}
    return mark


def find(session: Any, mark: str) -> Waiting | None:
    """What waits under this mark; without one, what was kept before there were marks."""
    if not mark:
        older = session.get(STATE_SESSION_KEY)
        return _unmarked(older["request"]) if isinstance(older, dict) and "request" in older else None
    found = session.get(_KEPT, {}).get(mark)
    return Waiting(**found) if found else None


def _unmarked(posted: str) -> Waiting:
    whole = json.loads(posted)
    query = whole["META"].get("QUERY_STRING", "")
    return Waiting("", f"{whole['path']}?{query}" if query else str(whole["path"]), posted)


def take(request: HttpRequest, mark: str) -> Waiting | None:
    """Take it out; None where it waits no more.

    Under the lock of the session's row: of several proofs that come at once one gets it. To be called before a proof
    is noted, which gives each of them a session of its own.
    """
    _forget(request.session, mark)
    return _taken(request.session.session_key or "", mark)


@transaction.atomic
def _taken(session_key: str, mark: str) -> Waiting | None:
    row = Session.objects.select_for_update().filter(session_key=session_key).first()
    if row is None:
        return None
    store = SessionStore()
    stored = store.decode(row.session_data)
    found = find(stored, mark)
    if found is not None:
        _forget(stored, mark)
        row.session_data = store.encode(stored)
        row.save(update_fields=["session_data"])
    return found


def _forget(session: Any, mark: str) -> None:
    if not mark:
        session.pop(STATE_SESSION_KEY, None)
    elif mark in session.get(_KEPT, {}):
        session[_KEPT] = {other: each for other, each in session[_KEPT].items() if other != mark}
