"""Codes of the timeline; labels are translated at display."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Capability(models.TextChoices):
    """What a phase allows while it runs."""

    FEEDBACK = "feedback", _("feedback")
    APPLY = "apply", _("apply")
    REVIEW = "review", _("review")
    WORK = "work", _("work")


# What a visitor can do while such a phase runs; review and work are done by those who were asked to.
FOR_VISITORS = frozenset({Capability.FEEDBACK, Capability.APPLY})


class TaskForceState(models.TextChoices):
    """Acts of the community and its staff, not the calendar: that is derived from the phases."""

    PROPOSED = "proposed", _("proposed")
    ACTIVE = "active", _("active")
    ENDED = "ended", _("ended")
    CANCELLED = "cancelled", _("cancelled")


class PhaseState(models.TextChoices):
    """Where a moment stands to a phase; derived, never stored."""

    FUTURE = "future", _("not yet open")
    CURRENT = "current", _("open now")
    PAST = "past", _("closed")


class Topic(models.TextChoices):
    """What a follower wants to hear about."""

    DEADLINES = "deadlines", _("deadlines")
    ANNOUNCEMENTS = "announcements", _("announcements")
    UPDATES = "updates", _("updates")


ANYWHERE_ON_EARTH = "AoE"
