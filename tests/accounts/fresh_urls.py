"""The portal's addresses, and a page that wants a fresh proof for what is posted to it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from taskforce.accounts import fresh
from taskforce.accounts.enums import Purpose
from taskforce.core.http import SeeOther
from taskforce.urls import handler429 as handler429
from taskforce.urls import urlpatterns as portals

done: list[dict[str, list[str]]] = []


def guarded(request: HttpRequest) -> HttpResponse:
    """Does what is posted; a page where something is missing; a file where a file is asked for."""
    if request.method != "POST" and "file" not in request.GET:
        return HttpResponse("the form")
    if fresh.take_back(request):
        return HttpResponse("the form: " + repr(dict(request.POST.lists())))
    fresh.require(request, Purpose.GIVE_ROLE if "role" in request.POST else Purpose.SEND)
    if "file" in request.GET:
        return HttpResponse("a,b", content_type="text/csv")
    if not request.POST.get("text"):
        return HttpResponse("something is missing")
    done.append(dict(request.POST.lists()))
    return SeeOther("/en/guarded/done/")


urlpatterns = [path("en/guarded/", guarded, name="guarded"), *portals]
