"""Runs: the only caller of Prefect, through its official client.

connection   the client, and what goes wrong with it in our words    deployments  what can be started, in turns or not
pool         its workers, and whether it is paused                   starting     start one, once; cancel it
reading      a run, recent ones, those under way                     records      how far it is, what it left, its log
waiting      why one has not begun its work

Every function raises ServerUnreachable, within a few seconds when Prefect's server does not answer and a quarter of a
minute when its database stays busy, RunRejected when it answers and says no, and RequestError for what does not exist;
but for `server_answers` and `redis_answers`, which tell it. Prefect is imported when something is asked, not before:
that takes two seconds.
"""

from app.services.runs.connection import redis_answers, server_answers
from app.services.runs.deployments import deployment
from app.services.runs.pool import workers
from app.services.runs.reading import active, recent, run
from app.services.runs.records import log, outcome, progress
from app.services.runs.starting import cancel, start
from app.services.runs.waiting import waiting_reason

__all__ = [
    "active",
    "cancel",
    "deployment",
    "log",
    "outcome",
    "progress",
    "recent",
    "redis_answers",
    "run",
    "server_answers",
    "start",
    "waiting_reason",
    "workers",
]
