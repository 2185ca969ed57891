"""Answers that several apps give."""

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """303: what was posted is done, the answer is at another address."""

    status_code = 303
