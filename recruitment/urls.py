"""Addresses under `/L/tf/T/join/` (CONTRACT)."""

from django.urls import path

from recruitment.views import application, call, check, own, reminders, saving

app_name = "recruitment"
urlpatterns = [
    path("", call.call, name="call"),
    path("application/", application.application, name="application"),
    path("application/check/", check.check, name="check"),
    path("application/draft/", saving.draft, name="draft"),
    path("application/receipt/<int:number>/", own.receipt, name="receipt"),
    path("application/receipt/<int:number>.<str:form>", own.receipt_file, name="receipt_file"),
    path("application/data/", own.data, name="data"),
    path("application/data.txt", own.data_text, name="data_text"),
    path("application/reminders/<str:token>/", reminders.reminders, name="reminders"),
]
