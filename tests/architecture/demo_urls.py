"""The portal's addresses with the demo's, as a demo has them (the settings of tests are not a demo's)."""

from django.urls import include, path

from taskforce import urls

urlpatterns = [path("demo/", include("taskforce.portal.demo.urls")), *urls.urlpatterns]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler429 = urls.handler429
handler500 = urls.handler500
