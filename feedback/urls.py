"""Addresses under `/L/tf/T/feedback/`."""

from django.urls import path

from feedback import reading_views, summary_views, views

app_name = "feedback"
urlpatterns = [
    path("<slug:window>/", views.window_page, name="window"),
    path("<slug:window>/summary/", summary_views.summary, name="summary"),
    path("<slug:window>/items/", reading_views.items, name="items"),
    path("<slug:window>/items/<slug:reference>/", reading_views.item, name="item"),
    path("<slug:window>/mine/<str:token>/", views.mine, name="mine"),
    path("<slug:window>/mine/<str:token>/withdraw/", views.withdraw, name="withdraw"),
]
