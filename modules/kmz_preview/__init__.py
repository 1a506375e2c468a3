"""What a KMZ or KML shows, made ready for a page, a map and the command line: `preview.make_preview`."""
