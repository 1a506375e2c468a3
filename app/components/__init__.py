"""Pieces of pages used by more than one view; each owns its session keys."""
