"""The dashboard, the command line and the embedded stack."""
