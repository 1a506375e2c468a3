"""Map: the fields of a backup, what lies in them, and what another backup had otherwise."""

from app.components import chrome
from app.components.map_page import map_page
from modules.i18n import gettext as _

chrome.header(_("Map"))
map_page()
