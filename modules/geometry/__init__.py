"""Vectorised checks and measures on arrays of shapely geometries in WGS84 degrees, longitude first."""
