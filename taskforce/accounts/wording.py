"""Texts of allauth (and of Django's forms) that the portal words or translates in its own way.

The portal's catalogues come before those of the packages, but they hold only what the portal's own sources mention;
so the texts stand here once, letter for letter as the packages have them. What is said in their place stands in
`locale/`, in English too: there the packages write "email", the portal "e-mail". A language in which the package's
own translation is good leaves its line empty and keeps it.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

OVERRIDDEN = (
    # forms
    gettext_noop("Code"),
    gettext_noop("Current Password"),
    gettext_noop("Email"),
    gettext_noop("Email address"),
    gettext_noop("Forgot your password?"),
    gettext_noop("New Password"),
    gettext_noop("New Password (again)"),
    gettext_noop("Password (again)"),
    gettext_noop("Remember Me"),
    gettext_noop("Your password can’t be a commonly used password."),
    gettext_noop("Your password can’t be too similar to your other personal information."),
    # refusals
    gettext_noop("A user is already registered with this email address."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("Incorrect password."),
    gettext_noop("The password is too similar to the %(verbose_name)s."),
    gettext_noop("This password is too common."),
    gettext_noop("The email address and/or password you specified are not correct."),
    gettext_noop("This email address is already associated with this account."),
    gettext_noop("Unable to confirm %(email)s because it is already confirmed by a different account."),
    gettext_noop("You cannot remove your primary email address (%(email)s)."),
    gettext_noop("You cannot remove your primary email address."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("Your primary email address must be verified."),
    # what has been done
    gettext_noop("Password successfully changed."),
    gettext_noop("Password successfully set."),
    gettext_noop("Primary email address set."),
    gettext_noop("Removed email address %(email)s."),
    gettext_noop("Successfully signed in as %(name)s."),
    gettext_noop("You are already logged in as %(user_display)s."),
    # pages
    gettext_noop("Already have an account? Then please %(link)ssign in%(end_link)s."),
    gettext_noop("Change Password"),
    gettext_noop("Confirm Access"),
    gettext_noop("Enter Email Verification Code"),
    gettext_noop("Enter Sign-In Code"),
    gettext_noop("Enter your password:"),
    gettext_noop(
        "Forgotten your password? Enter your email address below, and we'll send you an email allowing you to reset it."
    ),
    gettext_noop("Password Reset"),
    gettext_noop("Please reauthenticate to safeguard your account."),
    gettext_noop("Reset My Password"),
    gettext_noop("Set Password"),
    gettext_noop("Sign Out"),
    gettext_noop("Sign Up"),
    gettext_noop("Signup"),
    gettext_noop(
        "You currently do not have any email address set up. You should really add an email address so you can "
        "receive notifications, reset your password, etc."
    ),
)
COUNTED = (
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
)
