"""Writing KMZ: columns in, one `doc.kml` in a zip out. The text of many placemarks is made at once.

coordinates   rings as text, seven decimals of a degree
geometries    polygons with holes, several parts, points
text          values as text that XML and HTML take as nothing but text
styles        colours by crop and class, as KML styles
placemarks    one piece of text for each row of a layer
folders       placemarks in folders as people browse them
document      what stands around them
archive       the zip
"""
