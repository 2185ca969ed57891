"""The mails of this app: a module for each occasion."""
