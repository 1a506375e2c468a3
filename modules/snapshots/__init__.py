"""Snapshots: everything the portal said at one moment, checked and never modified again."""
