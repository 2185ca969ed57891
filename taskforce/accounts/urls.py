"""Addresses of one's own account that django-allauth does not bring."""

from django.urls import path

from taskforce.accounts import views

urlpatterns = [path("language/", views.language, name="account_language")]
