"""Prefect flows: thin over `modules`, each file deploys itself when run."""
