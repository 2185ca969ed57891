"""Addresses of texts, under `tf/<task_force>/proposals/`."""

from django.urls import path

from proposals import views
from proposals.edit_views import lives, publishing, sections, units
from proposals.translating_views import sheet
from proposals.translating_views.units import translate_unit

app_name = "proposals"
urlpatterns = [
    path("", lives.texts, name="texts"),
    path("<slug:proposal>/", views.text, name="text"),
    path("<slug:proposal>/r/<int:number>/", views.revision, name="revision"),
    path("<slug:proposal>/u/<int:unit>/", views.unit, name="unit"),
    path("<slug:proposal>/history/", views.history, name="history"),
    path("<slug:proposal>/diff/", views.compare, name="compare"),
    path("<slug:proposal>/diff/<int:old>..<int:new>/", views.difference, name="difference"),
    path("<slug:proposal>/edit/", sections.overview, name="edit"),
    path("<slug:proposal>/edit/s/<slug:part>/", units.section, name="edit_section"),
    path("<slug:proposal>/edit/place/<slug:piece>/", units.place, name="edit_place"),
    path("<slug:proposal>/edit/preview/", publishing.preview, name="edit_preview"),
    path("<slug:proposal>/edit/publish/", publishing.publish, name="edit_publish"),
    path("<slug:proposal>/edit/end/", lives.end, name="edit_end"),
    path("<slug:proposal>/translate/", sheet.translate, name="translate"),
    path("<slug:proposal>/translate/<int:unit>/", translate_unit, name="translate_unit"),
]
