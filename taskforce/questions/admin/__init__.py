"""The staff side of questions."""

from taskforce.questions.admin import sets

__all__ = ["sets"]
