"""Addresses under `/L/tf/T/join/` (CONTRACT)."""

from django.urls import path

from recruitment import views

app_name = "recruitment"
urlpatterns = [
    path("", views.call, name="call"),
    path("application/", views.application, name="application"),
]
