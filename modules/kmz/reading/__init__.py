"""KMZ and KML made by anybody, read without trusting them: `reader.read_kmz`."""
