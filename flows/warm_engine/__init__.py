"""A process that has Prefect imported already and forks an engine for each run: importing takes longer than all else.

server     waits for runs; forks a keeper for each, which forks the engine and looks after it
__main__   what the worker starts in the place of `python -m prefect.engine`: hands the run over and stands for it
exchange   what the two say to one another

    worker ── client ═══ socket ═══ keeper ── engine
                                      └ both forked from the server, which the run no longer needs

Each stands for the next: the client ends with the engine's status, passes on signals, and when it is gone (killed by
the worker, or the worker itself died) the keeper stops the engine. Why, and at what price: docs/decisions/0003.
"""
