"""Where fields come from."""
