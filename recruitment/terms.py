"""On which terms somebody applies: the sentence above the button of the form, to which whoever presses it agrees.

No field of the form asks for it, so that a program which sends the fields of a form need not know of it; each snapshot
keeps the version that stood above its button.
"""

# To be counted on with each change of what the sentences in `templates/recruitment/agreed_to.html` mean.
CURRENT = "1"
