"""The dashboard: navigation only. `app/server.py` serves it."""

import streamlit as st

from app.components import address, chrome, questions
from modules.i18n import gettext as _
from modules.i18n import use_language

st.set_page_config(page_icon=chrome.LOGO, layout="wide")

with use_language(address.language()):
    pages = [
        st.Page("views/inicio.py", title=_("Home"), icon=":material/home:", url_path="inicio", default=True),
        st.Page("views/corridas.py", title=_("Runs"), icon=":material/play_circle:", url_path="corridas"),
        st.Page("views/mapa.py", title=_("Map"), icon=":material/map:", url_path="mapa"),
        st.Page("views/archivos.py", title=_("Files"), icon=":material/folder_open:", url_path="archivos"),
        st.Page("views/analisis.py", title=_("Analysis"), icon=":material/hexagon:", url_path="analisis"),
    ]
    # Reached from a file, or to upload one.
    preview = st.Page(
        "views/vista_previa.py", title=_("Preview"), icon=":material/visibility:", url_path="vista-previa"
    )
    page = st.navigation([*pages, preview], position="hidden")
    chrome.frame(pages)
    page.run()
    questions.open_asked()
