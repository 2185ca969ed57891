"""The demo's mailbox as pages and as JSON; it does not exist outside the demo."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from taskforce.portal import mailbox as mails
from taskforce.portal.demo.views import in_the_readers_language

_ON_ONE_PAGE = 100
_LARGEST_ID = 2**31


@require_safe
@never_cache
@in_the_readers_language
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest mails; `?to=` shows one recipient's only."""
    recipient = request.GET.get("to", "").strip()
    arrived = mails.arrived(recipient)
    context = {
        "letters": mails.letters(arrived[:_ON_ONE_PAGE]),
        "count": arrived.count(),
        "recipient": recipient,
    }
    return render(request, "demo/mailbox.html", context)


@require_safe
@never_cache
@in_the_readers_language
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: its text, its HTML cleaned, its headers."""
    found = mails.arrived().filter(pk=pk).first() if pk < _LARGEST_ID else None
    if found is None:
        raise Http404
    (letter,) = mails.letters([found])
    list_address = f"{reverse('demo_mailbox')}?{urlencode({'language': get_language() or 'en'})}"
    crumbs = [(_("Mailbox"), list_address), (letter.subject, None)]
    return render(request, "demo/mail.html", {"letter": letter, "crumbs": crumbs})


@require_safe
@never_cache
def mailbox_json(request: HttpRequest) -> HttpResponse:
    """All mails, newest first (CONTRACT: Addresses, Demo); `?to=` shows one recipient's only."""
    arrived = mails.arrived(request.GET.get("to", "").strip())
    return JsonResponse([letter.as_json() for letter in mails.letters(arrived)], safe=False)
