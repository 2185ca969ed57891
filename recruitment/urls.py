"""Addresses under `/L/tf/T/join/` (CONTRACT)."""

from django.urls import path

from recruitment.views import application, call

app_name = "recruitment"
urlpatterns = [
    path("", call.call, name="call"),
    path("application/", application.application, name="application"),
]
