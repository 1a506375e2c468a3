"""Prefect flows: thin over `modules`; each file deploys itself when it is run.

backup_lotes, generar_kmz,
grilla_h3, hello_world      the flows
deployments                 the table of deployments, and what they stand on: pool, limits, automation
parameters                  the parameters that flows share, with the labels a form shows
run_record                  what a run leaves for the dashboard: progress, outcome, summary
spreading, dask_spread      who does the parts of a large run: its own process, or Dask
warm_engine                 starts runs without importing Prefect for each
exclusive                   one run at a time for each deployment and environment
"""
