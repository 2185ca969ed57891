"""Addresses under `/L/tf/T/feedback/`."""

from django.urls import path

from feedback import views
from feedback.views import answering as answer_views
from feedback.views import appeals
from feedback.views import entering as entering_views
from feedback.views import feed as feed_views
from feedback.views import moderated as moderated_views
from feedback.views import reading as reading_views
from feedback.views import summary as summary_views
from feedback.views import table as table_views

app_name = "feedback"
urlpatterns = [
    path("<slug:window>/", views.window_page, name="window"),
    path("<slug:window>/summary/", summary_views.summary, name="summary"),
    path("<slug:window>/summary/translate/", views.translate_summary, name="translate_summary"),
    path("<slug:window>/feed.atom", feed_views.feed, name="feed"),
    path("<slug:window>/moderation/", moderated_views.moderation, name="moderation"),
    path("<slug:window>/items/", reading_views.items, name="items"),
    path("<slug:window>/items/<slug:reference>/", reading_views.item, name="item"),
    path("<slug:window>/enter/", entering_views.enter, name="enter"),
    path("<slug:window>/enter/table/", table_views.table, name="table"),
    path("<slug:window>/enter/table/<int:sheet>/", table_views.sheet, name="sheet"),
    path("<slug:window>/enter/table/<int:sheet>/not-entered.csv", table_views.failed_csv, name="sheet_failed"),
    path("<slug:window>/enter/<slug:reference>/correct/", entering_views.correct, name="correct"),
    path("<slug:window>/enter/<slug:reference>/take-back/", entering_views.take_back, name="take_back"),
    path("<slug:window>/enter/<slug:reference>/appeal/", entering_views.appeal, name="appeal_entered"),
    path("<slug:window>/themes/", answer_views.themes, name="themes"),
    path("<slug:window>/confirm/<str:token>/", views.confirm, name="confirm"),
    path("<slug:window>/stop/<str:token>/", views.stop, name="stop"),
    path("<slug:window>/items/<slug:reference>/agree/", views.agree, name="agree"),
    path("<slug:window>/translate/", views.translate, name="translate"),
    path("<slug:window>/items/<slug:reference>/translate/", views.translate_item, name="translate_item"),
    path("<slug:window>/items/<slug:reference>/reply/", views.reply, name="reply"),
    path("<slug:window>/items/<slug:reference>/replies/<slug:reply>/", views.one_reply, name="one_reply"),
    path("<slug:window>/items/<slug:reference>/replies/<slug:reply>/own/", views.own_reply, name="own_reply"),
    path("<slug:window>/items/<slug:reference>/report/", views.report, name="report"),
    path("<slug:window>/items/<slug:reference>/report/received/", views.reported, name="reported"),
    path("<slug:window>/items/<slug:reference>/replies/<slug:reply>/report/", views.report, name="report_reply"),
    path(
        "<slug:window>/items/<slug:reference>/replies/<slug:reply>/own/appeal/",
        appeals.appeal_reply,
        name="appeal_reply",
    ),
    path("<slug:window>/mine/<str:token>/", views.mine, name="mine"),
    path("<slug:window>/mine/<str:token>/again/", views.again, name="again"),
    path("<slug:window>/mine/<str:token>/edit/", views.edit, name="edit"),
    path("<slug:window>/mine/<str:token>/appeal/", appeals.appeal, name="appeal"),
    path("<slug:window>/mine/<str:token>/withdraw/", views.withdraw, name="withdraw"),
]
