"""Files: the folders as people know them, and a download for each file."""

from app.components import chrome
from app.components.file_browser import file_browser
from modules.i18n import gettext as _

chrome.header(_("Files"))
file_browser()
