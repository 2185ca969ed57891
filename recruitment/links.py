"""Addresses of a call's pages. A task force may have several calls: then the address says which one is meant."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from recruitment import unreminded
from recruitment.models import Call, Snapshot

# What names the call in a query: the short name of its phase.
NAME = "call"
# What names one of several applications of the same person to the same call: its reference.
APPLICATION = "application"
# As what a receipt can be taken along: the bytes that were hashed, or to be read.
FORMS = ("json", "txt")


def call(meant: Call, *, is_only: bool) -> str:
    """The public page of a call; by the task force alone where it `is_only`."""
    return _address("recruitment:call", meant, is_only)


def application(meant: Call, *, is_only: bool) -> str:
    """The page of one's own application to a call; as `call`."""
    return _address("recruitment:application", meant, is_only)


def check(meant: Call, *, is_only: bool) -> str:
    """The page on which an applicant looks at their application as others will; as `call`."""
    return _address("recruitment:check", meant, is_only)


def receipt(snapshot: Snapshot, meant: Call, form: str = "", *, is_only: bool) -> str:
    """The receipt of a version that was submitted, as a page or in one of `FORMS`; always by its application too, since
    whoever withdraws and applies anew has two first versions."""
    of = {"number": snapshot.number, **({"form": form} if form else {})}
    name = "recruitment:receipt_file" if form else "recruitment:receipt"
    return _address(name, meant, is_only, of, {APPLICATION: snapshot.application.reference})


def reminders(meant: Call, applicant_id: int) -> str:
    """The page on which somebody says whether they want reminders of their application; by a token, not by sign-in."""
    token = unreminded.token(unreminded.Whose(meant.pk, applicant_id))
    return reverse("recruitment:reminders", args=[meant.phase.task_force.slug, token])


def data(meant: Call, form: str = "", *, is_only: bool) -> str:
    """All of one's own in this call as a file: JSON, or with the form `txt` to be read; as `call`."""
    return _address("recruitment:data_text" if form == "txt" else "recruitment:data", meant, is_only)


def draft(meant: Call, *, is_only: bool) -> str:
    """Where the form of one's own application saves itself; as `call`."""
    return _address("recruitment:draft", meant, is_only)


def _address(
    name: str, meant: Call, is_only: bool, of: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
) -> str:
    address = reverse(name, kwargs={"task_force": meant.phase.task_force.slug, **(of or {})})
    asked = {**({} if is_only else {NAME: meant.phase.slug}), **(query or {})}
    return f"{address}?{urlencode(asked)}" if asked else address
