"""Runs: the recent ones, or one by its link (`?run=`)."""

import streamlit as st

from app.components.run_history import run_history
from app.components.run_page import run_page

run_id = st.query_params.get("run")
if run_id:
    run_page(run_id)
else:
    run_history()
