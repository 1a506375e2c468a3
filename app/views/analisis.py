"""Analysis: a grid as columns on a map and as tables."""

from app.components import chrome
from app.components.grid_analysis import grid_analysis
from modules.i18n import gettext as _

chrome.header(_("Analysis"))
grid_analysis()
