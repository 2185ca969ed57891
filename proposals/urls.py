"""Addresses of texts, under `tf/<task_force>/proposals/`."""

from django.urls import path

from proposals import views

app_name = "proposals"
urlpatterns = [
    path("<slug:proposal>/", views.text, name="text"),
    path("<slug:proposal>/r/<int:number>/", views.revision, name="revision"),
    path("<slug:proposal>/history/", views.history, name="history"),
    path("<slug:proposal>/diff/", views.compare, name="compare"),
    path("<slug:proposal>/diff/<int:old>..<int:new>/", views.difference, name="difference"),
]
