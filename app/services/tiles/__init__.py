"""What the map shows, from files to bytes: which sources there are, and what is kept of them in memory.

kinds    which paths name a source, and how it is loaded    sources    those in memory, within a bound
serving  tiles made in threads, each once, and kept          preload    what is loaded at the start
facts    what a card and a search say of rows                history    what a field was in other backups
version  of what makes tiles, for browsers that keep them    field_kmz  the file of one field
"""
