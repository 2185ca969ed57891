"""Addresses (CONTRACT). Everything that a person reads has its language in front."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from feedback.views import moderated as moderated_views
from feedback.views import reading as reading_views
from feedback.views import summary as summary_views
from taskforce.portal import health, rootview
from taskforce.timeline.views import dates, one_click

urlpatterns: list[URLPattern | URLResolver] = [
    path("", rootview.by_language, name="root"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("favicon.ico", rootview.favicon, name="favicon"),
    path("open-data/<slug:task_force>/phases.json", dates.phases_json, name="phases_json"),
    path("open-data/<slug:task_force>/phases.csv", dates.phases_csv, name="phases_csv"),
    path("open-data/<slug:task_force>/feedback.json", reading_views.feedback_json, name="feedback_json"),
    path("open-data/<slug:task_force>/hidden.json", moderated_views.hidden_json, name="hidden_json"),
    path("open-data/<slug:task_force>/hidden.csv", moderated_views.hidden_csv, name="hidden_csv"),
    path("open-data/<slug:task_force>/summaries.json", summary_views.summaries_json, name="summaries_json"),
    path("open-data/<slug:task_force>/summaries.csv", summary_views.summaries_csv, name="summaries_csv"),
    path("open-data/<slug:task_force>/feedback.csv", reading_views.feedback_csv, name="feedback_csv"),
    path("unsubscribe/<str:token>/", one_click.unsubscribe, name="unsubscribe"),
]
if settings.DEMO:
    urlpatterns += [path("demo/", include("taskforce.portal.demo.urls"))]
urlpatterns += i18n_patterns(
    path("accounts/", include("taskforce.accounts.data_urls")),
    path("accounts/", include("taskforce.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("subscriptions/", include("taskforce.timeline.urls")),
    path("tf/<slug:task_force>/proposals/", include("proposals.urls")),
    path("tf/<slug:task_force>/feedback/", include("feedback.urls")),
    path("tf/<slug:task_force>/join/", include("recruitment.urls")),
    path("tf/<slug:task_force>/", include("taskforce.announcements.urls")),
    path("", include("taskforce.portal.urls")),
)
handler400 = "taskforce.core.errorpages.bad_request"
handler403 = "taskforce.core.errorpages.denied"
handler404 = "taskforce.core.errorpages.not_found"
handler500 = "taskforce.core.errorpages.failed"
# Not Django's: allauth looks here for what to answer to what comes too often.
handler429 = "taskforce.accounts.views.too_often"
