"""Addresses of a call's pages. A task force may have several calls: then the address says which one is meant."""

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from recruitment.models import Call

# What names the call in a query: the short name of its phase.
NAME = "call"


def call(meant: Call, *, is_only: bool) -> str:
    """The public page of a call; by the task force alone where it `is_only`."""
    return _address("recruitment:call", meant, is_only)


def application(meant: Call, *, is_only: bool) -> str:
    """The page of one's own application to a call; as `call`."""
    return _address("recruitment:application", meant, is_only)


def _address(name: str, meant: Call, is_only: bool) -> str:
    address = reverse(name, kwargs={"task_force": meant.phase.task_force.slug})
    query: dict[str, Any] = {NAME: meant.phase.slug}
    return address if is_only else f"{address}?{urlencode(query)}"
