"""Addresses of the pages that join the apps."""

from django.urls import path

from taskforce.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("tf/<slug:task_force>/", views.task_force, name="task_force"),
    path("tf/<slug:task_force>/process/", views.process, name="process"),
]
