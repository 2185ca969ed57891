"""Addresses under `/L/tf/T/feedback/`."""

from django.urls import path

from feedback import views

app_name = "feedback"
urlpatterns = [
    path("<slug:window>/", views.window_page, name="window"),
    path("<slug:window>/mine/<str:token>/", views.mine, name="mine"),
    path("<slug:window>/mine/<str:token>/withdraw/", views.withdraw, name="withdraw"),
]
