"""The parts of a composed stack, each the main process of a container: `python -m app.stack.container SERVICE`.

__main__   the main process: starts the service, passes signals on, keeps its log
services   what each service runs
log        standard output, and rotated files beside it
slot       which of several containers of one service this is
healthy    the question of a container's health check
secret_files  secrets in files, for what a container starts and for what is started in it by hand (secrets.pth)
folders    the one-shot that makes the mounted folders writable, and notes whether the database's password is known
"""
