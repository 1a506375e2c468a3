"""Preview: what a KMZ or KML shows, before it is sent to somebody."""

from app.components import chrome
from app.components.kmz_preview_page import kmz_preview
from modules.i18n import gettext as _

chrome.header(_("Preview"))
kmz_preview()
