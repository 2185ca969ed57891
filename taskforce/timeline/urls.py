"""Addresses under `/L/subscriptions/`; a task force's own is the only one of a single part."""

from django.urls import path

from taskforce.timeline.views import following

app_name = "subscriptions"
urlpatterns = [
    path("", following.overview, name="overview"),
    path("<slug:task_force>/", following.follow, name="follow"),
    path("sent/<slug:task_force>/", following.sent, name="sent"),
    path("confirm/<str:token>/", following.confirm, name="confirm"),
    path("manage/<str:token>/", following.manage, name="manage"),
    path("leave/<str:token>/", following.leave, name="leave"),
]
