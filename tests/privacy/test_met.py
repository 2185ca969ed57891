"""Every canary can be met: whatever the map lets somebody see is seen where it belongs, so the search is not blind."""

import pytest

from taskforce.accounts.models import User
from taskforce.accounts.services import own_parts
from taskforce.core import personal
from tests.architecture.table import TABLE
from tests.privacy import planting, walking
from tests.privacy.planting import Canaries, Field
from tests.privacy.search import Book
from tests.privacy.walking import CANARY, client_of

pytestmark = pytest.mark.django_db
# (role, a row of the table, or a path): the fields of a model that it shows.
MET: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("anonymous", "proposals:revision"): {"proposals.Revision": ("editor_name", "summary")},
    ("anonymous", "phases_json"): {"timeline.Extension": ("reason", "actor_name")},
    ("anonymous", "process"): {
        "timeline.Rename": ("reason", "actor_name"), "timeline.Verdict": ("reasons", "actor_name"),
        "recruitment.CallChange": ("reason", "actor_name"),
    },
    ("anonymous", "announcements:members"): {"announcements.Member": ("name",)},
    ("anonymous", "feedback:mine"): {
        "feedback.FeedbackItem": ("name", "state_reason"), "feedback.FeedbackAnswer": ("text",),
        "feedback.FeedbackAppeal": ("words", "reason"),
    },
    ("moderator", "admin/feedback/feedbackitem/{item}/change/"): {"feedback.FeedbackWording": ("answers",)},
    ("anonymous", "/ar/tf/leadership-development/feedback/responsibilities/items/{translatedref}/"): {
        "feedback.FeedbackTranslation": ("name", "texts"),
    },
    ("moderator", "admin/feedback/feedbackreply/{reply}/change/"): {
        "feedback.FeedbackReply": ("name", "text", "state_reason"),
    },
    ("moderator", "admin/feedback/feedbackitem/{item}/reports/"): {"feedback.FeedbackReport": ("words", "note")},
    ("moderator", "admin/feedback/feedbackblock/{feedbackblock}/change/"): {"feedback.FeedbackBlock": ("reason",)},
    ("coordinator", "admin:notifications_outboxmessage_changelist"): {
        "accounts.User": ("email",), "notifications.OutboxMessage": ("mailbox", "error"),
    },
    ("coordinator", "admin:timeline_subscription_changelist"): {"timeline.Subscription": ("mailbox",)},
    ("coordinator", "admin:notifications_suppression_changelist"): {
        "notifications.Suppression": ("mailbox", "words"),
    },
    ("coordinator", "admin:notifications_hold_changelist"): {"notifications.Hold": ("reason", "actor_name")},
    ("coordinator", "admin:timeline_taskforce_old_words"): {"timeline.StaysAsItIs": ("reason", "actor_name")},
    ("coordinator", "admin:timeline_bulletin_changelist"): {"timeline.Bulletin": ("author_name", "second_name")},
    ("deputy", "admin:timeline_bulletin_change"): {"timeline.Bulletin": ("editor_name",)},
    ("coordinator", "admin:recruitment_call_decisions"): {"recruitment.Decision": ("reason",)},
    ("coordinator", "admin:recruitment_call_release"): {"recruitment.ApplicantIdentity": ("name",)},
    ("coordinator", "admin:recruitment_application_identity"): {
        "recruitment.ApplicantIdentity": ("name", "wiki_name", "publish_text", "not_reviewers"),
    },
    ("reviewer1", "admin:recruitment_application_review"): {
        "recruitment.Snapshot": ("answers", "profile"), "recruitment.Review": ("note",),
    },
    ("coordinator", "admin:accounts_invitation_changelist"): {"accounts.Invitation": ("mailbox",)},
    ("coordinator", "admin:audit_entry_changelist"): {"audit.Entry": ("reason", "details")},
    ("privacy", "admin:accounts_deletionrequest_answer"): {"accounts.DeletionRequest": ("reason", "receipts")},
    ("privacy", "admin/accounts/deletionrequest/{deletionrequest}/change/"): {"accounts.DeletionRequest": ("mailbox",)},
    (CANARY, "proposals:translate_unit"): {"proposals.TranslationDraft": ("text", "summary")},
    (CANARY, "feedback:enter"): {"feedback.FeedbackItem": ("spoke_words", "place_url")},
    (CANARY, "feedback:sheet"): {"feedback.Sheet": ("names",), "feedback.SheetLine": ("cells",)},
    (CANARY, "account_email"): {"account.EmailAddress": ("email",)},
    (CANARY, "account_deletion"): {"accounts.DeletionRequest": ("answer",)},
    (CANARY, "recruitment:application"): {
        "recruitment.ApplicationAnswers": ("typed",), "recruitment.ApplicantProfile": ("typed",),
        "recruitment.ApplicantIdentity": ("wiki_name", "publish_text", "not_reviewers", "typed"),
        "recruitment.ApplicantDemographics": ("gender_words", "affiliation_words", "typed"),
    },
    (CANARY, "subscriptions:overview"): {"accounts.User": ("name",)},
}  # fmt: skip
IN_FILES = {("socialaccount.SocialAccount", "uid"), ("socialaccount.SocialAccount", "extra_data")}
IN_MAILS = {("notifications.OutboxMessage", "context"), ("notifications.OutboxMessage", "message_id")}
# Shown once, when it is made; allowed to some, of use to none; and found by its own browser alone (`test_drafts`).
NEVER = {
    ("feedback.FeedbackDraft", "fields"), ("mfa.Authenticator", "data"), ("notifications.OutboxMessage", "key"),
    # By its own link alone (`tests/feedback/test_confirming.py`).
    ("feedback.FeedbackUnconfirmed", "said"), ("feedback.FeedbackUnconfirmed", "answers"),
}  # fmt: skip


def test_each_is_met_where_it_belongs(canaries: Canaries, book: Book) -> None:
    missing = []
    for (role, name), fields in MET.items():
        pattern = TABLE[name].path if name in TABLE else name
        response = client_of(role).get(walking.address(pattern, canaries))
        words = {canaries.words[model, field] for model, names in fields.items() for field in names}
        missing += [f"{role} {name}: {book.name(word)}" for word in words - set(book.found(response.content.decode()))]
    assert missing == []
    file = str(own_parts(User.objects.get(email="factor@demo.example")))
    assert {canaries.words[place] for place in IN_FILES} == set(book.found(file))


def test_none_is_left_out() -> None:
    """A field whose value somebody may see stands above; `test_mails` meets those of mails."""
    shown: set[Field] = {(model, name) for fields in MET.values() for model, names in fields.items() for name in names}
    seen_by_none = {(row.model, name) for row in personal.rows() for name in row.fields if not row.readers}
    assert planting.to_plant() - seen_by_none == shown | IN_FILES | IN_MAILS | NEVER, (
        "say in MET, IN_FILES, IN_MAILS or NEVER where each field of the map is seen"
    )
