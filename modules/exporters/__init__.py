"""Writers of file formats: a table and its geometry in, one file out."""
