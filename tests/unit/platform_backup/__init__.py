"""A backup of the platform: the archive, what goes in, and back."""
