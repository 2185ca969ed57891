"""The staff side of recruitment: candidates to review, calls to decide on."""

from recruitment.admin.applications import ApplicationAdmin
from recruitment.admin.calls import CallAdmin

__all__ = ["ApplicationAdmin", "CallAdmin"]
