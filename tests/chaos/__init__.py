"""The fault suite: the portal under kills, lost answers and dead servers, judged by witnesses outside of it.

A pytest run of its own (`make chaos`), with its own servers and its own configuration; `make test` passes it by.
"""
