"""The embedded stack: one machine, no Docker, one command and one Ctrl-C.

home        where a home keeps the stack's state, and the lock that keeps a second stack out
ports       free ports
parts       what is started, with which environment, and how each part is asked whether it is ready
process     a child process that cannot outlive the stack
child       the few lines that run in that child before it becomes the part
supervisor  starts, watches, restarts and stops the parts
prefect_server, probes   Prefect's server behind a host guard; the questions of the health checks
"""
