"""Vector tiles: a source in memory → the bytes of a tile. Knows neither the web server nor where files lie.

mercator   degrees ↔ whole numbers of the world      ragged     shapes as arrays, and taking some of them
shapes     geometries → ragged arrays, sorted        grid       shapes on the grid of a zoom: thinned, valid
merging    shapes too small to be drawn by themselves  encoding   MVT 2.1
columns    attributes and what they say of themselves  vector     a source of shapes
cells      a source of H3 cells                      snapshots  layers of a snapshot as sources
"""
