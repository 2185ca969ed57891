"""What becomes of what was said: themes, dispositions and the acts that made them public. Part of the room `models`."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedback.enums import IN_A_REVISION, Outcome
from proposals.models import Proposal, Revision
from taskforce.core import labels


class Theme(models.Model):
    """What several items of a window have in common; title and description are translated. `version` rises with each
    change of what it says, so that somebody who has not seen the last one is found out."""

    window = models.ForeignKey("feedback.FeedbackWindow", on_delete=models.PROTECT, related_name="themes")
    title = models.CharField(max_length=200, verbose_name=_("title"))
    description = models.TextField(blank=True, verbose_name=_("description"))
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["window", "position"], name="one_theme_per_position", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return labels.label(self, "title").text or f"theme {self.pk}"


class ThemedItem(models.Model):
    """That an item belongs to a theme, of which it has one at most. Beside the item, whose row many write at once.

    It `waits` where the theme was answered when it came: that answer is not its own before a release says so.
    """

    item = models.OneToOneField("feedback.FeedbackItem", on_delete=models.PROTECT, related_name="themed")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="themed")
    waits = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"item {self.item_id} in theme {self.theme_id}"


class Release(models.Model):
    """The act that made answers public, all those of a window that were ready: number 1 is its first. Followers and
    authors are told of it once."""

    window = models.ForeignKey("feedback.FeedbackWindow", on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["window", "number"]
        constraints = [models.UniqueConstraint(fields=["window", "number"], name="one_release_per_number")]

    def __str__(self) -> str:
        return f"release {self.number} of window {self.window_id}"


class Disposition(models.Model):
    """What becomes of an item, or of a theme with all its items that have none of their own, and why: `answers` are
    {language: text (Markdown)}.

    Without a `release` it is a draft that only staff read. Once released it never changes: a correction is another one,
    which `stands` from its release on, and the earlier ones stay to be read. `revision` is the one in which the text
    has taken it up. It `joins` a theme where it is that theme's answer for an item that came into it later: it is
    corrected with the theme's. `seen` is what staff had before them when they wrote it, or looked at it last
    (`drafted.seen`; empty: that was not kept yet).
    """

    item = models.ForeignKey("feedback.FeedbackItem", null=True, on_delete=models.PROTECT, related_name="dispositions")
    theme = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="dispositions")
    outcome = models.CharField(max_length=12, choices=Outcome, verbose_name=_("what became of it"))
    revision = models.ForeignKey(Revision, null=True, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    release = models.ForeignKey(Release, null=True, on_delete=models.PROTECT, related_name="dispositions")
    stands = models.BooleanField(default=False)
    seen = models.JSONField(default=dict)
    joins = models.ForeignKey(Theme, null=True, on_delete=models.PROTECT, related_name="joined")

    class Meta:
        verbose_name = _("answer to feedback")
        verbose_name_plural = _("answers to feedback")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=True, theme__isnull=False) | Q(item__isnull=False, theme__isnull=True),
                name="about_an_item_or_a_theme",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.ADOPTED, revision__isnull=False)
                | Q(outcome=Outcome.PARTLY)
                | Q(~Q(outcome__in=sorted(IN_A_REVISION)), revision__isnull=True),
                name="adopted_in_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(stands=False) | Q(release__isnull=False), name="what_stands_is_released"
            ),
            models.UniqueConstraint(fields=["item"], condition=Q(release=None), name="one_drafted_answer_per_item"),
            models.UniqueConstraint(fields=["theme"], condition=Q(release=None), name="one_drafted_answer_per_theme"),
            models.UniqueConstraint(fields=["item"], condition=Q(stands=True), name="one_standing_answer_per_item"),
            models.UniqueConstraint(fields=["theme"], condition=Q(stands=True), name="one_standing_answer_per_theme"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} of {'item' if self.item_id else 'theme'} {self.item_id or self.theme_id}"


class FinalCall(models.Model):
    """That a text was called final as it stood in a revision. `left` is how many published items on it were undecided
    then, `readable` how many of these everybody may read (null: called before that was kept), `statements` why,
    {language: text}. Everybody reads `readable` exactly, the rest in steps, and why. The last one holds."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="final_calls")
    number = models.PositiveIntegerField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    left = models.PositiveIntegerField()
    readable = models.PositiveIntegerField(null=True)
    statements = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="one_final_call_per_number"),
            models.CheckConstraint(condition=Q(left=0) | ~Q(statements={}), name="what_is_left_is_stated"),
        ]

    def __str__(self) -> str:
        return f"final call {self.number} of text {self.proposal_id}"
