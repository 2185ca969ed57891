"""The outbox for staff: every mail that failed or whose outcome is unknown is seen here, and can be put right."""

from taskforce.portal.admin.holds import HoldAdmin, SuppressionAdmin
from taskforce.portal.admin.mailings import MailingAdmin
from taskforce.portal.admin.mails import OutboxMessageAdmin

__all__ = ["HoldAdmin", "MailingAdmin", "OutboxMessageAdmin", "SuppressionAdmin"]
