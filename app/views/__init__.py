"""One file a page: each only renders; what it shows comes from `app.services`."""
