"""The only code that touches the output roots."""
