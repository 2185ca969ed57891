"""Applications: drafts, who the applicant is, and what was submitted."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment.enums import ApplicationState
from recruitment.models.calls import Call
from taskforce.questions.models import Question

_USER = settings.AUTH_USER_MODEL


class Application(models.Model):
    """One person's application to one call. `number` is what reviewers see ("Candidate 17").

    `version` rises with each save (0: nothing saved yet), so that a stale tab is told. `saved_form_key` and
    `saved_digest` are those of the last save: the same form sent again is the same save.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="applications")
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=20, unique=True)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=ApplicationState, default=ApplicationState.DRAFT)
    version = models.PositiveIntegerField(default=0)
    saved_form_key = models.CharField(max_length=64, blank=True)
    saved_digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = gettext_lazy("candidate")
        verbose_name_plural = gettext_lazy("candidates")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "applicant"], condition=~Q(state="withdrawn"), name="one_live_application"
            ),
            models.UniqueConstraint(fields=["call", "number"], name="one_candidate_number"),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False), name="submitted_when"
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at__isnull=True)),
                name="withdrawn_when",
            ),
        ]

    def __str__(self) -> str:
        return _("Candidate %(number)s") % {"number": self.number}


class ApplicantIdentity(models.Model):
    """Who the applicant is, in a table of its own: reviewers never read it."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="identity")
    name = models.CharField(max_length=120, blank=True)
    publish_name = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"identity {self.pk}"


class ApplicationAnswer(models.Model):
    """The draft's current answer to one question; `choices` are codes (`questions.forms.Answer`)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    choices = ArrayField(models.CharField(max_length=50), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="one_draft_answer_per_question")
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Snapshot(models.Model):
    """What was submitted, as it was: numbered, hashed, immutable. Holds no identity.

    `form_key` makes a repeated post of the same form the same snapshot.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    answers = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    in_grace = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="one_snapshot_number")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"snapshot {self.number}"
