"""Whom a limit counts: the address that a request really came from."""

import re
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address to count a visitor under; IPv6 as its /64 network, since one subscriber has all of it.

    Each trusted proxy (`TRUSTED_PROXIES`) appends the address it was asked by, so the client is that many
    places from the end of `X-Forwarded-For`; what stands before it the client may have written itself.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXIES
    if proxies > 0:
        passed_on = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(passed_on) >= proxies and passed_on[-proxies]:
            address = passed_on[-proxies]
    return _network(address)


def wider(address: str) -> str | None:
    """The /48 around a /64, as `client_address` gives it; None for what is no network of IPv6."""
    if not address.endswith("/64"):
        return None
    return str(IPv6Network(address).supernet(new_prefix=48))


def _network(address: str) -> str:
    try:
        parsed = ip_address(_without_port(address))
    except ValueError:
        # A unix socket, or a proxy that writes something else: still one visitor, as well as can be told.
        return address[:100]
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)


def _without_port(address: str) -> str:
    """Some proxies write the client's port too, which is another one for each connection."""
    found = re.fullmatch(r"\[([^\]]+)\](?::\d+)?|([^:]+):\d+", address)
    return address if found is None else found[1] or found[2]
