"""What recruitment adds to rooms below it; the same for everybody."""

from django.utils.translation import gettext_lazy

from recruitment import queries
from recruitment.models import Call
from taskforce.timeline.enums import Capability
from taskforce.timeline.offers import Offer

IN_PHASES = Offer(
    Capability.APPLY,
    Call,
    queries.in_phases,
    gettext_lazy("No call for members belongs to this phase: nobody finds a way to apply."),
)
