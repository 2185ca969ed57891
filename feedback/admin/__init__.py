"""The staff side of feedback."""

from feedback.admin import blocking, items, replies, windows

__all__ = ["blocking", "items", "replies", "windows"]
