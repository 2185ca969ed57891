"""The staff side of feedback."""

from feedback.admin import items, replies, windows

__all__ = ["items", "replies", "windows"]
