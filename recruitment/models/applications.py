"""Applications: what was typed, who the applicant is, and what was submitted.

What an applicant types is kept by groups (`enums.Group`), each in a table of its own, since other people may read each
of them: who they are, their background, and all the rest. What was typed and not submitted stands in `typed` of the
same table; what was submitted stands beside it, or in the snapshot, and no draft ever changes it.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recruitment.enums import Affiliation, AgeGroup, ApplicationState, Experience, Gender
from recruitment.models.calls import Call

_USER = settings.AUTH_USER_MODEL


class Application(models.Model):
    """One person's application to one call. `number` is what reviewers see ("Candidate 17").

    `version` counts the saves (0: nothing saved yet). `saved_form_key` and `saved_digest` are those of the last save:
    the same form sent again is the same save. `mailbox_key` tells whether two were submitted from the same mailbox,
    without saying from which ("": not submitted, or before this was kept).
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
    mailbox_key = models.CharField(max_length=64, blank=True, default="")
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
            models.UniqueConstraint(
                fields=["call", "mailbox_key"],
                condition=Q(state="submitted") & ~Q(mailbox_key=""),
                name="one_application_of_a_mailbox",
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


class _Drafted(models.Model):
    """A group of the fields of an application.

    `typed` are {name of a field: what was typed in it, as a list}, valid or not. `version` rises with each save that
    changes it (0: nothing was saved), so that a stale tab is told. `submitted_digest` is that of what was typed when it
    was submitted last ("": never), by which a draft that goes on is told.
    """

    typed = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)
    submitted_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        abstract = True


class ApplicantIdentity(_Drafted):
    """Who the applicant is, and what of it may be published; reviewers never read it.

    The columns hold what was submitted. `not_reviewers` are the people who should not review it, one per line, as the
    applicant calls them: only those who coordinate read them.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="identity")
    name = models.CharField(max_length=120, blank=True)
    wiki_name = models.CharField(max_length=255, blank=True, default="")
    publish_name = models.BooleanField(default=False)
    publish_wiki_name = models.BooleanField(default=False)
    publish_region = models.BooleanField(default=False)
    publish_languages = models.BooleanField(default=False)
    publish_roles = models.BooleanField(default=False)
    publish_text = models.TextField(blank=True, default="")
    not_reviewers = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"identity {self.pk}"


class ApplicantDemographics(_Drafted):
    """The applicant's background, as far as they want to say it ("": not answered); nobody reads it of one person.

    The columns hold what was submitted.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="demographics")
    gender = models.CharField(max_length=20, blank=True, default="", choices=Gender)
    gender_words = models.CharField(max_length=100, blank=True, default="")
    age = models.CharField(max_length=20, blank=True, default="", choices=AgeGroup)
    affiliation = models.CharField(max_length=20, blank=True, default="", choices=Affiliation)
    affiliation_words = models.CharField(max_length=100, blank=True, default="")
    experience = models.CharField(max_length=20, blank=True, default="", choices=Experience)

    def __str__(self) -> str:
        return f"demographics {self.pk}"


class ApplicantProfile(_Drafted):
    """The draft of where the applicant is, what they speak and when they have time; what was submitted of it stands in
    the snapshots."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="profile")

    def __str__(self) -> str:
        return f"profile {self.pk}"


class ApplicationAnswers(_Drafted):
    """The draft of the answers to the questions of the call; what was submitted of them stands in the snapshots."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="answers")

    def __str__(self) -> str:
        return f"answers {self.pk}"


class Snapshot(models.Model):
    """What was submitted, as it was: numbered, hashed, immutable. Holds neither identity nor background.

    `form_key` makes a repeated post of the same form the same snapshot. `terms` is the version of the terms that the
    applicant agreed to ("": it came before versions were kept). `bound` is what its hash covers beside the columns: a
    random sign, which nobody guesses, and keyed sums of who somebody is and of their background as they were submitted
    with it (empty: it came before that, and its hash is that of what was said alone; or its applicant is forgotten).
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    form_key = models.CharField(max_length=64, unique=True)
    fields_digest = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    answers = models.JSONField()
    profile = models.JSONField(default=dict)
    terms = models.CharField(max_length=10, blank=True, default="")
    bound = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    submitted_at = models.DateTimeField()
    in_grace = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="one_snapshot_number")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"snapshot {self.number}"
