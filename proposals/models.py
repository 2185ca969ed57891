"""Proposals, sections, units, their texts per language, and append-only revisions."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from proposals.enums import ENDED, PUBLIC, PassageKind, ProposalKind, ProposalState, SectionKind, UnitKind
from taskforce.accounts.models import User
from taskforce.timeline.models import TaskForce

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete
# Which revisions this transaction has made: what belongs to one is written with it, and never put beside it later.
_NOTE_REVISION = """
PERFORM set_config(
    'proposals.made', coalesce(current_setting('proposals.made', true), '') || ' ' || NEW.id || ' ', true
);
RETURN NULL;
"""
_WITH_ITS_REVISION = """
IF position(' ' || NEW.revision_id || ' ' IN coalesce(current_setting('proposals.made', true), '')) = 0 THEN
    RAISE EXCEPTION 'revision % is written, and nothing can be put beside it', NEW.revision_id
        USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN NEW;
"""


def _written_once() -> list[pgtrigger.Trigger]:
    """For what belongs to a revision: never changed, never deleted, and never added to one that stands."""
    return [
        pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY),
        pgtrigger.Trigger(
            name="with_its_revision",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=_WITH_ITS_REVISION,
        ),
    ]


class Proposal(models.Model):
    """One text of a task force; its title is its first unit.

    Once it has ended, `ended_reasons` say why, {language: text} as staff wrote them; `successor` is the text that has
    taken its place, null where it was withdrawn; `unanswered` is how much of what was said on it was not answered then.
    """

    task_force = models.ForeignKey(TaskForce, on_delete=models.PROTECT, related_name="proposals")
    slug = models.SlugField()
    kind = models.CharField(max_length=12, choices=ProposalKind, default=ProposalKind.PROPOSAL)
    state = models.CharField(max_length=12, choices=ProposalState, default=ProposalState.DRAFT)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reasons = models.JSONField(default=dict)
    unanswered = models.PositiveIntegerField(null=True)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task_force", "slug"], name="one_text_per_slug"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published"], ended_at=None, successor=None, ended_reasons={})
                | Q(Q(state="withdrawn", ended_at__isnull=False, successor=None), ~Q(ended_reasons={}))
                | Q(state="superseded", ended_at__isnull=False, successor__isnull=False),
                name="a_text_that_ended_says_why",
            ),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="no_text_replaces_itself"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.state in PUBLIC

    @property
    def has_ended(self) -> bool:
        """Whether it was withdrawn or replaced."""
        return self.state in ENDED


class Section(models.Model):
    """A section; its heading is a unit. `phases_after` tells behind how many of the other units of a timeline
    section the task force's phases stand: they are rows of the timeline, not units. `was_at` is the position that it
    had when links to sections followed positions: those links lead to it for ever (null: none was ever given out)."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="sections")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=SectionKind, default=SectionKind.TEXT)
    phases_after = models.PositiveIntegerField(default=0)
    was_at = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["proposal", "position"], name="one_section_per_position")]

    def __str__(self) -> str:
        return f"section {self.position}"


class Unit(models.Model):
    """The unit of translation. `section` is null for the title and for what stands before the first section.

    `ordered` tells numbered list items, `number` is the number that an item or a note bears, `removed_in` the
    number of the revision that no longer has the unit: units are never deleted. A heading of depth 0 is its section's.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="units")
    section = models.ForeignKey(Section, null=True, on_delete=models.PROTECT, related_name="units")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=UnitKind)
    depth = models.PositiveSmallIntegerField(default=0)
    ordered = models.BooleanField(default=False)
    number = models.PositiveIntegerField(null=True)
    source_language = models.CharField(max_length=10)
    removed_in = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "position"], condition=Q(removed_in=None), name="one_unit_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"unit {self.position}"


class UnitText(models.Model):
    """A unit's current text in one language. `version` rises with each change; `source_version` is the version of
    the source text that a translation was made from (null for the source itself).

    A source has been changed since its version `minor_since` only in ways that are minor for translators (null: its
    last change was not). `author_id` is who wrote it (null: brought in), with `co_author_ids` where several texts were
    joined; `confirmer_id` is who has said last that the words of others hold for a source that had changed (null:
    nobody). `reviewed_version` is the version that `reviewer_id`, somebody else again, has approved (both null anew
    with each change).
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(max_length=10)
    text = models.TextField()
    html = models.TextField()
    version = models.PositiveIntegerField(default=1)
    source_version = models.PositiveIntegerField(null=True)
    minor_since = models.PositiveIntegerField(null=True)
    author_id = models.BigIntegerField(null=True)
    co_author_ids = ArrayField(models.BigIntegerField(), default=list)
    confirmer_id = models.BigIntegerField(null=True)
    reviewed_version = models.PositiveIntegerField(null=True)
    reviewer_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "language"], name="one_text_per_language")]

    def __str__(self) -> str:
        return f"{self.language} of unit #{self.unit_id}"

    @property
    def writers(self) -> list[int]:
        """All whose words stand there, as far as they have an account."""
        return [*([] if self.author_id is None else [self.author_id]), *self.co_author_ids]


class TranslationDraft(models.Model):
    """What somebody has typed of a unit's translation and not saved yet; theirs alone, on no page of anybody else.

    `version` and `source_version` are those of the texts that it was typed on (0: there was none). `token` is new with
    each change, so that a tab which has not seen the last one is found out.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="translation_drafts")
    language = models.CharField(max_length=10)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    summary = models.TextField(blank=True)
    version = models.PositiveIntegerField()
    source_version = models.PositiveIntegerField()
    token = models.CharField(max_length=32)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "language", "user"], name="one_translation_draft_each")]

    def __str__(self) -> str:
        return f"{self.language} of unit #{self.unit_id}, not saved"


class TranslationGoal(models.Model):
    """That a text is wanted in a language: what share of it, why, whether a second person reviews, and whether a
    feedback window is refused (else: warned of) while less of it is translated."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="goals")
    language = models.CharField(max_length=10)
    percent = models.PositiveSmallIntegerField()
    reason = models.TextField()
    wants_review = models.BooleanField(default=False)
    refuses = models.BooleanField(default=False)

    class Meta:
        ordering = ["proposal", "language"]
        verbose_name = _("language wanted")
        verbose_name_plural = _("languages wanted")
        constraints = [
            models.UniqueConstraint(fields=["proposal", "language"], name="one_goal_per_language"),
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="goal_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.language} of text #{self.proposal_id}"


class Revision(models.Model):
    """One act on the text: who, at which minute (UTC), with which summary. Append-only in the database."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    editor_id = models.BigIntegerField(null=True)
    editor_name = models.CharField(max_length=255)
    at = models.DateTimeField()
    summary = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="one_revision_number")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY),
            pgtrigger.Trigger(name="note", when=pgtrigger.After, operation=pgtrigger.Insert, func=_NOTE_REVISION),
        ]

    def __str__(self) -> str:
        return f"r{self.number}"


class RevisionContent(models.Model):
    """The whole text in one language after a revision that changed it, with its SHA-256. Append-only.

    `units` is a list in reading order (`proposals/snapshots.py` has its fields), with the text "" where the language
    has none and with the phases where they stood, so that the page as it was at that time is kept too.
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="contents")
    language = models.CharField(max_length=10)
    units = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "language"], name="one_content_per_language")]
        triggers = _written_once()

    def __str__(self) -> str:
        return f"{self.language} at revision #{self.revision_id}"


class Wording(models.Model):
    """That a revision wrote a unit's text in a language anew, as its `version`. Append-only; the contents say the same,
    but whoever asks after one unit would have to read all of them."""

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="wordings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="wordings")
    language = models.CharField(max_length=10)
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "language", "version"], name="one_wording_per_version"),
        ]
        triggers = _written_once()

    def __str__(self) -> str:
        return f"{self.language} of unit #{self.unit_id}, version {self.version}"


class Passage(models.Model):
    """That a revision took words of one unit to another: what was split off, what was joined. Append-only.

    The versions are those of both source texts after it; `source_version` is null where the unit went with its words.
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="passages")
    kind = models.CharField(max_length=5, choices=PassageKind)
    source = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="passages_out")
    target = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="passages_in")
    source_version = models.PositiveIntegerField(null=True)
    target_version = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "source", "target"], name="one_passage_between_two"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="no_passage_to_itself"),
        ]
        triggers = _written_once()

    def __str__(self) -> str:
        return f"{self.kind} of unit #{self.source_id} to unit #{self.target_id}"


class Draft(models.Model):
    """What has been changed in a text and not published yet, by all its editors together (`proposals/drafting/`).

    There is none where nothing has been changed; publishing or discarding the changes deletes it.
    """

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="draft")
    content = models.JSONField()
    editor_id = models.BigIntegerField()
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"draft of #{self.proposal_id}"
