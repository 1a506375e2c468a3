"""The embedded stack: one machine, no Docker, one command and one Ctrl-C."""
