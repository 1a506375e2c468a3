"""One file a command group; each only parses and prints."""
