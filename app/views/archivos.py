"""Files: the folders as people know them, a download for each file, some or all, a way to make or look at others."""

import streamlit as st

from app.components import address, chrome
from app.components.export_form import export_button
from app.components.file_browser import file_browser
from modules.i18n import gettext as _

chrome.header(_("Files"))
with st.container(horizontal=True, vertical_alignment="center"):
    export_button()
    st.page_link(
        address.PREVIEW, label=_("Look at a KMZ …"), icon=":material/visibility:", query_params=address.params()
    )
file_browser()
