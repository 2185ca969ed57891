"""What visitors find to do in a phase: higher rooms say it, and none of them is imported here.

What a phase allows is a frame only: something can be said once a feedback window, or applied for once a call belongs to
the phase. Mails, buttons and states invite to what is found, and to nothing else. Registered once per capability, in
`AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, QuerySet

from taskforce.timeline.models import Phase

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # a text for later, known to the stubs only

_COLUMN = "offers_{capability}"


class Offer(NamedTuple):
    """What belongs to phases of one capability and is something to do for visitors.

    `rows()` are those that visitors can find, each with its `phase`; `model` is what staff make, and `missing` what
    they read where a phase has none.
    """

    capability: str
    model: type[Model]
    rows: Callable[[], "QuerySet[Any]"]
    missing: "_StrPromise"


_offers: dict[str, Offer] = {}


def register(offer: Offer) -> None:
    """Make an offer known; another one for the same capability takes its place."""
    _offers[offer.capability] = offer


def columns() -> dict[str, Exists]:
    """Annotations of a query for phases, for `missing`."""
    return {
        _COLUMN.format(capability=code): Exists(offer.rows().filter(phase=OuterRef("pk")))
        for code, offer in _offers.items()
    }


def missing(phase: Phase) -> list[Offer]:
    """What the phase, read with `columns`, allows visitors and does not offer them."""
    return [
        _offers[code]
        for code in phase.capabilities
        if code in _offers and not getattr(phase, _COLUMN.format(capability=code))
    ]


def found(phases: Iterable[Phase]) -> dict[int, frozenset[str]]:
    """{phase id: the capabilities under which a visitor finds something to do}, in one statement.

    Whether the phase is open is not asked.
    """
    return found_in(Phase.objects.filter(pk__in=[phase.pk for phase in phases]).annotate(**columns()).order_by())


def found_in(phases: Iterable[Phase]) -> dict[int, frozenset[str]]:
    """As `found`, of phases that were read with `columns`."""
    return {
        phase.pk: frozenset(phase.capabilities).intersection(_offers) - {offer.capability for offer in missing(phase)}
        for phase in phases
    }
