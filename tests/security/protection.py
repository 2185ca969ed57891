"""The headers that every answer of the portal carries, read as a browser reads them."""

import re
from collections.abc import Mapping
from email.message import Message

from tests.architecture.walk import is_policy

# What a page of the portal lets a browser do: copy its own address, nothing else.
ALLOWED = {"clipboard-write": "(self)"}
POWERFUL = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "display-capture", "clipboard-read")


def problems(headers: Mapping[str, str] | Message, *, secure: bool = False) -> list[str]:
    """What is missing or wrong, each with what stands there."""
    found = [] if is_policy(headers.get("Content-Security-Policy", "")) else ["Content-Security-Policy"]
    if "unsafe" in headers.get("Content-Security-Policy", ""):
        found.append("an unsafe source")
    for name, values in {
        "X-Content-Type-Options": ("nosniff",),
        "X-Frame-Options": ("DENY",),
        "Referrer-Policy": ("same-origin", "no-referrer"),
        "Cross-Origin-Opener-Policy": ("same-origin",),
    }.items():
        if headers.get(name) not in values:
            found.append(f"{name}: {headers.get(name)}")
    found += _permissions(headers.get("Permissions-Policy", ""))
    hsts = re.fullmatch(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    if secure and (hsts is None or int(hsts[1]) < 31_536_000):
        found.append(f"Strict-Transport-Security: {headers.get('Strict-Transport-Security')}")
    return found


def _permissions(policy: str) -> list[str]:
    given = dict(part.split("=") for part in policy.split(", ") if "=" in part)
    wrong = [f"{name}={value}" for name, value in given.items() if value != ALLOWED.get(name, "()")]
    return [*wrong, *(f"{name} is not off" for name in POWERFUL if name not in given)]
