"""The one kind of error that ends a command with one line instead of a traceback."""


class StackError(Exception):
    """Something that the person at the shell can mend; its text is one line and is all they see."""
