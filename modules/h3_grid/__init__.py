"""H3 grids over fields: equal cells to compare fields on, with every hectare accounted for.

resolution    which resolution fits the fields
fill          fields → cells
weights       how much of each cell lies in its field and its zones
points        markers and samples in the rows of a grid
rows          the cells of each field with hectares that add up, of all fields or of a part
grid          the grid as a table: a row for each cell of each field
compaction    its short form for storage, and back
parents       coarser cells, summed up for a map
figures       the same straight from a file, at a resolution to look at; sums by farm and crop
files         Parquet, GeoPackage and KMZ
placemarks    the KMZ
stored        the grids of a folder
selection     the fields of some farms and crops
request       what is asked for
run           all of it, from the snapshot to the files
result        what a run did
"""
