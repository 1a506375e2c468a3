"""One HTML map to send: a single file that opens in any browser and fetches nothing, wherever it is opened.

request     what is wanted                     content     what the map tells: layers, legend, facts of each thing
outlines    outlines as small as a picture     drawing     the data from which the page draws
embedding   texts and data inside a page       panel       title and legend
page        the page itself, made with folium  assets      what stands in it of the files of this package:
leaflet/    Leaflet 1.9.4 as published         page_files/ the page's style and the script that draws
naming      the name of the file               farms       the farms and where they lie
writing     all of it together
"""

from modules.html_map.request import HtmlMapRequest
from modules.html_map.writing import DrawnMap, HtmlMapResult, draw_html_map, write_html_map

__all__ = ["DrawnMap", "HtmlMapRequest", "HtmlMapResult", "draw_html_map", "write_html_map"]
