"""The working copy of a text: what it is (`copies`), and what editors do to it (`acts`). Knows no database."""
