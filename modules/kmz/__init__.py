"""KMZ and KML: writing them fast (`writing`) and reading them safely."""
