"""A backup of the platform itself: Prefect's database, what an operator changed, settings, on request logs and outputs.

archive    one zip with a manifest of hashes, whole or not there at all
database   the database of an embedded stack, copied while it is used and put back
contents   which files of a home go in
files      logs and outputs put back, and what is there kept
settings   settings without what is secret in them
"""
