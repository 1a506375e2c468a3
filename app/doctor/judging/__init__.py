"""Facts → findings, and nothing else: no question is asked here."""
