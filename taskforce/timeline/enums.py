"""Codes of the timeline; labels are translated at display."""

from datetime import timedelta

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


# Such a task force takes nothing more in any phase.
ENDED = frozenset({TaskForceState.ENDED, TaskForceState.CANCELLED})


class PhaseState(models.TextChoices):
    """Where a moment stands to a phase; derived, never stored."""

    FUTURE = "future", _("not yet open")
    CURRENT = "current", _("open now")
    PAST = "past", _("closed")
    CANCELLED = "cancelled", _("cancelled")
    DROPPED = "dropped", _("not pursued")


# What takes nothing any more, and will not again: unless its task force is taken up once more.
OVER = frozenset({PhaseState.PAST, PhaseState.CANCELLED, PhaseState.DROPPED})


class Topic(models.TextChoices):
    """What a follower wants to hear about."""

    DEADLINES = "deadlines", _("deadlines")
    ANNOUNCEMENTS = "announcements", _("announcements")
    UPDATES = "updates", _("updates")
    ANSWERS = "answers", _("answers to my feedback")


# What can be chosen although nothing is sent to it yet: whoever chooses it is told so.
NOT_YET: frozenset[Topic] = frozenset()


class Frequency(models.TextChoices):
    """How soon a follower hears of something."""

    IMMEDIATE = "immediate", _("at once")
    DAILY = "daily", _("once a day, together")


class Act(models.TextChoices):
    """How a published end was changed; each is one row of `Extension`."""

    EXTENDED = "extended", _("extended")
    SHORTENED = "shortened", _("shortened")
    CLOSED = "closed", _("closed early")
    FULL = "full", _("closed because enough have come in")
    CANCELLED = "cancelled", _("cancelled")


# What ends a phase at once: nothing is left for the grace to forgive.
AT_ONCE = frozenset({Act.CLOSED, Act.FULL, Act.CANCELLED})


class EventKind(models.TextChoices):
    """What the sweep notices about a phase, once each."""

    OPENED = "opened", _("opened")
    CLOSING_WEEK = "closing-week", _("closes in seven days")
    CLOSING_DAY = "closing-day", _("closes in 24 hours")
    CLOSED = "closed", _("closed")
    CHANGED = "changed", _("its end was changed")


class EventOutcome(models.TextChoices):
    """What came of an event when it was noticed."""

    TOLD = "told", _("the followers were told")
    STALE = "stale", _("noticed too late to be of use")
    QUIET = "quiet", _("nobody needs to be told")


class Outcome(models.TextChoices):
    """What can be decided once feedback has closed."""

    PROCEED = "proceed", _("it goes ahead")
    REVISE = "revise", _("the text is revised")
    STOP = "stop", _("it is not pursued")


class BulletinState(models.TextChoices):
    """Where a mail that staff write to the followers stands."""

    DRAFT = "draft", _("draft")
    OFFERED = "offered", _("waits for a second person")
    SENT = "sent", _("sent")
    STOPPED = "stopped", _("stopped")
    DROPPED = "dropped", _("dropped")


ANYWHERE_ON_EARTH = "AoE"
# A date outside these years is a slip of the hand, and not all of them are instants that a program can hold.
FIRST_YEAR, LAST_YEAR = 2000, 2100
# How long before its new end a shortened phase must have been announced as such; published on the process page. The
# database holds acts to it too: what was announced under a shorter period does not pass a longer one.
NOTICE_PERIOD = timedelta(days=3)
# Seconds after the shown close in which an answer that our own fault has lost may still arrive (DESIGN 4, The gate).
GRACE = 120
