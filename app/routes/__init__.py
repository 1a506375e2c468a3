"""The addresses of the web server that are no pages: each module answers a part of them."""
