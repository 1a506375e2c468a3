"""What the company's own flows share."""
