"""What differs between two snapshots of one scope: fields in full, the other layers in numbers.

- `rows`: columns and rows of a snapshot's Parquet files, read as they are needed
- `comparing`: new, gone, renamed, other outline, other attributes, by the portal's id
- `shapes`: hectares of the symmetric difference; moved or drawn otherwise
- `families`: split and merged fields, by overlap
- `snapshots`: two snapshots of a scope, and which two
- `words`: all of it in sentences
- `layer`, `writing`: all of it as a table with outlines, for the map and for a GeoPackage
"""
