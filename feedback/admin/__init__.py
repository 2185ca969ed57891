"""The staff side of feedback."""

from feedback.admin import items, windows

__all__ = ["items", "windows"]
