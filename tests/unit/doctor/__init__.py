"""The doctor: judgements from facts alone, facts from this machine."""
