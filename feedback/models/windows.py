"""Feedback windows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from feedback.enums import (
    Participation,
)
from proposals.models import Proposal
from taskforce.core import labels
from taskforce.questions.models import QuestionSetVersion
from taskforce.timeline.models import Phase


class FeedbackWindow(models.Model):
    """Binds a phase, a text and questions; title, introduction and `terms`, which stand above the button besides
    the licence (`feedback.terms`), are translated. `participation` says who can say something in it, `is_read_first`
    that nothing stands there until a moderator has read it; neither changes."""

    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="feedback_windows")
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="feedback_windows")
    questions = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField()
    title = models.CharField(max_length=300)
    introduction = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)
    participation = models.CharField(
        max_length=10, choices=Participation, default=Participation.ANYBODY, verbose_name=_("who can take part")
    )
    is_read_first = models.BooleanField(default=False, verbose_name=_("each text is read before it appears"))

    class Meta:
        verbose_name = _("feedback window")
        verbose_name_plural = _("feedback windows")
        constraints = [models.UniqueConstraint(fields=["phase", "slug"], name="one_window_per_slug")]

    def __str__(self) -> str:
        return labels.label(self, "title").text or self.slug
