"""How many statements something that is posted costs: those inside its transaction, and all together."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection
from django.test.utils import CaptureQueriesContext

# The second of two that go in one go.
_TWO = re.compile(r";\s+(?:SELECT|EXECUTE)")
# What begins or ends a transaction, or sets something for it, is not counted.
_NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET ")


class Cost(NamedTuple):
    """Statements inside the transaction, where `asked` says which, and all of them."""

    inside: int
    together: int
    asked: list[str]


def cost(post: Callable[[], Any]) -> Cost:
    """What a call asks of the database, in a test that is a transaction itself: what it does in one is between
    savepoints."""
    with CaptureQueriesContext(connection) as captured:
        post()
    inside = together = depth = 0
    asked = [query["sql"] for query in captured]
    for one in asked:
        depth += one.startswith("SAVEPOINT") - one.startswith(("RELEASE", "ROLLBACK TO"))
        if not one.startswith(_NOT_COUNTED):
            # Two that go in one go are two.
            number = 1 + len(_TWO.findall(one))
            together += number
            inside += number if depth else 0
    return Cost(inside, together, asked)
