"""Home: what is well and what is not, the last backups, and the buttons that run something."""

import streamlit as st

from app.components import chrome, run_form
from app.components.health_strip import health_strip
from app.components.last_backups import last_backups
from app.components.under_way import under_way
from app.components.waiting_backups import waiting_backups
from modules.i18n import gettext as _

chrome.header(_("Home"))
health_strip()
waiting_backups()
last_backups()
with st.container(horizontal=True):
    if st.button(_("Run backup"), type="primary", icon=":material/play_arrow:", key="run-backup"):
        run_form.open_form(run_form.BACKUP)
    if st.button(_("Make KMZ"), key="run-kmz"):
        run_form.open_form(run_form.KMZ)
    if st.button(_("H3 grid"), key="run-grid"):
        run_form.open_form(run_form.GRID)
under_way()
