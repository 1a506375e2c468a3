"""The real folders of production: where they are, how they are linked or mounted, and whether all is well.

targets.py      what may be the real folder of a product
table.py        `links.toml`, which remembers it
powershell.py   `create_symlinks.ps1`, for a worker on Windows itself
override.py     `docker-compose.override.yml`, for containers
written.py      files that we write, told apart from those of other people
setup.py        all of that at once, with the real folders and their marks
apply.py        the links, made on this machine
check.py        what is well and what is not
"""
