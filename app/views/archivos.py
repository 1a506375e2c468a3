"""Files: the folders as people know them, a download for each file, some or all, and a way to make others."""

from app.components import chrome
from app.components.export_form import export_button
from app.components.file_browser import file_browser
from modules.i18n import gettext as _

chrome.header(_("Files"))
export_button()
file_browser()
