"""Addresses of one's own account that django-allauth does not bring, or that the portal answers in its own way."""

from django.urls import path

from taskforce.accounts import factor_views, invitation_views, views

urlpatterns = [
    path("language/", views.language, name="account_language"),
    path("invitation/<str:token>/", invitation_views.invitation, name="account_invitation"),
    path("2fa/", factor_views.overview, name="mfa_index"),
    path("2fa/totp/activate/", factor_views.activate, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", factor_views.deactivate, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", factor_views.view_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/download/", factor_views.download_codes, name="mfa_download_recovery_codes"),
    path("2fa/recovery-codes/generate/", factor_views.new_codes, name="mfa_generate_recovery_codes"),
    path("2fa/reauthenticate/", factor_views.by_factor, name="mfa_reauthenticate"),
    path("reauthenticate/", factor_views.by_password, name="account_reauthenticate"),
    path("reauthenticate/code/", factor_views.by_mail_code, name="account_reauthenticate_by_code"),
]
