"""Addresses of the pages that join the apps."""

from django.urls import path

from taskforce.portal import views
from taskforce.timeline.views import dates

urlpatterns = [
    path("", views.home, name="home"),
    path("privacy/", views.privacy, name="privacy"),
    path("tf/<slug:task_force>/", views.task_force, name="task_force"),
    path("tf/<slug:task_force>/timeline.ics", dates.timeline_ics, name="timeline_ics"),
    path("tf/<slug:task_force>/process/", views.process, name="process"),
]
