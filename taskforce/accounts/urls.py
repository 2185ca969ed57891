"""Addresses of accounts that are not django-allauth's, or that the portal answers itself under the same name."""

from django.urls import path, re_path

from taskforce.accounts import factor_views, invitation_views
from taskforce.accounts.views import codes, entering, own, wikimedia

urlpatterns = [
    path("invitation/<str:token>/", invitation_views.invitation, name="account_invitation"),
    path("login/code/", codes.ask, name="account_request_login_code"),
    path("login/code/confirm/", codes.to_sign_in, name="account_confirm_login_code"),
    path("confirm-email/", codes.to_confirm, name="account_email_verification_sent"),
    path("2fa/", factor_views.overview, name="mfa_index"),
    path("2fa/totp/activate/", factor_views.activate, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", factor_views.deactivate, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", factor_views.view_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/download/", factor_views.download_codes, name="mfa_download_recovery_codes"),
    path("2fa/recovery-codes/generate/", factor_views.new_codes, name="mfa_generate_recovery_codes"),
    path("2fa/reauthenticate/", factor_views.by_factor, name="mfa_reauthenticate"),
    path("reauthenticate/", factor_views.by_password, name="account_reauthenticate"),
    path("reauthenticate/code/", factor_views.by_mail_code, name="account_reauthenticate_by_code"),
    path("logout/", entering.sign_out, name="account_logout"),
    path("password/set/", entering.set_password, name="account_set_password"),
    path("password/change/", entering.change_password, name="account_change_password"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        entering.reset_password,
        name="account_reset_password_from_key",
    ),
    path("email/", own.page, name="account_email"),
    path("profile/", own.profile, name="account_profile"),
    path("sessions/", own.sessions, name="account_sessions"),
    path("mediawiki/login/", wikimedia.login, name="mediawiki_login"),
    path("mediawiki/login/callback/", wikimedia.callback, name="mediawiki_callback"),
    path("3rdparty/", wikimedia.connections, name="socialaccount_connections"),
    path("3rdparty/login/cancelled/", wikimedia.cancelled, name="socialaccount_login_cancelled"),
    path("3rdparty/login/error/", wikimedia.error, name="socialaccount_login_error"),
    path("3rdparty/signup/", wikimedia.signup, name="socialaccount_signup"),
    # Where older versions of the library had these pages; here nobody knows them.
    re_path(r"^social/(?P<old>.*)$", wikimedia.gone, name="socialaccount_old"),
]
