"""Routes beside the pages, one file a kind; `app/server.py` puts them together."""
