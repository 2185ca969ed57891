"""Addresses under a task force."""

from django.urls import path

from taskforce.announcements import views

app_name = "announcements"
urlpatterns = [
    path("members/", views.members, name="members"),
    path("news/", views.news, name="news"),
    path("news/<slug:slug>/", views.item, name="item"),
]
