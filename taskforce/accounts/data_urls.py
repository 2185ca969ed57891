"""Addresses of one's own data."""

from django.urls import path

from taskforce.accounts import data_views

urlpatterns = [
    path("data/", data_views.data, name="account_data"),
    path("deletion/", data_views.deletion, name="account_deletion"),
]
