"""Addresses of the demo; without a language in front (CONTRACT)."""

from django.urls import path

from taskforce.portal import mailbox_views
from taskforce.portal.demo import views

urlpatterns = [
    path("clock/", views.clock_page, name="demo_clock"),
    path("as/<slug:role>/", views.become, name="demo_as"),
    path("mail/", mailbox_views.mailbox, name="demo_mailbox"),
    path("mail/<int:pk>/", mailbox_views.mail, name="demo_mail"),
    path("mail.json", mailbox_views.mailbox_json, name="demo_mailbox_json"),
]
