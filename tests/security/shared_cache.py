"""A cache that many readers share, as bold as RFC 9111 allows: it keeps all that nobody forbids it to keep."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# RFC 9110, 15.1: kept without being asked to. How long is the cache's own choice.
_HEURISTIC = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
_GUESSED = 30.0
Origin = Callable[[dict[str, str]], Any]


@dataclass
class Kept:
    """An answer, the request headers that chose it, and when it came (seconds)."""

    response: Any
    chosen_by: dict[str, str]
    at: float


def directives(headers: Mapping[str, str]) -> dict[str, str]:
    """Cache-Control as {directive: value or ""}."""
    parts = (part.strip().partition("=") for part in headers.get("Cache-Control", "").lower().split(","))
    return {name: value.strip('"') for name, _, value in parts if name}


def _vary(headers: Mapping[str, str]) -> list[str]:
    return [name.strip().lower() for name in headers.get("Vary", "").split(",") if name.strip()]


class SharedCache:
    """Stands before a portal; `now` is its clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self._kept: dict[str, list[Kept]] = {}

    def get(self, address: str, headers: dict[str, str], origin: Origin) -> tuple[Any, bool]:
        """(the answer to a GET, whether it was a kept one); `headers` in lower case; asks `origin` with headers."""
        found = next((one for one in self._kept.get(address, []) if self._fits(one, headers)), None)
        if found is None:
            return self._keep(address, headers, origin(headers)), False
        if self._is_fresh(found):
            return found.response, True
        etag = found.response.headers.get("ETag")
        if etag is None:
            self._kept[address].remove(found)
            return self._keep(address, headers, origin(headers)), False
        answer = origin({**headers, "if-none-match": etag})
        if answer.status_code == 304:
            found.at = self.now
            return found.response, True
        self._kept[address].remove(found)
        return self._keep(address, headers, answer), False

    def forget(self, address: str) -> None:
        """Something was posted there."""
        self._kept.pop(address, None)

    def _keep(self, address: str, headers: dict[str, str], response: Any) -> Any:
        said, names = directives(response.headers), _vary(response.headers)
        is_allowed = not {"no-store", "private"} & set(said) and "*" not in names
        is_asked = "public" in said or "max-age" in said or "s-maxage" in said or response.has_header("Expires")
        if is_allowed and (is_asked or response.status_code in _HEURISTIC):
            chosen_by = {name: headers.get(name, "") for name in names}
            self._kept.setdefault(address, []).append(Kept(response, chosen_by, self.now))
        return response

    def _fits(self, kept: Kept, headers: dict[str, str]) -> bool:
        return all(headers.get(name, "") == value for name, value in kept.chosen_by.items())

    def _is_fresh(self, kept: Kept) -> bool:
        said = directives(kept.response.headers)
        if "no-cache" in said:
            return False
        lasts = float(said.get("s-maxage") or said.get("max-age") or _GUESSED)
        return self.now - kept.at < lasts
