"""The peers of our KMZ: `python -m tests.benchmarks.peer_kmz PEER FIELDS FOLDER one|farm|field`.

simplekml    as its documentation has it: a style for each crop, folders by crop, `newdata`, `savekmz`
libkml       GDAL's LIBKML driver through pyogrio: flat, without styles
bare-files   files of the same names and sizes as ours, with nothing in them; with `field-durable` each is written
             beside its place, synced, and renamed, so that a power cut leaves no half of one
"""

from __future__ import annotations

import html
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from tests.benchmarks.stopwatch import stopwatch

DAY, SOURCE = "23/11/2026", "invented"
SNIPPET = f"Campaña 25/26 · {DAY} · {SOURCE}"
HECTARES = "superficie_geodesica_ha"
DURABLE = "-durable"
UNSEEN = ["geometry", "bbox", "huella_geometria", "huella_atributos"]


def descriptions(frame: gpd.GeoDataFrame) -> list[str]:
    """What our balloons say."""
    rows = zip(
        frame["lote"], frame["campo"], frame["campania"], frame["cultivo"], frame[HECTARES], frame["superficie_ha"],
        strict=True,
    )  # fmt: skip
    return [
        f"<b>{html.escape(name)}</b><table><tr><td>Campo&nbsp;</td><td>{html.escape(farm)}</td></tr>"
        f"<tr><td>Campaña&nbsp;</td><td>{season}</td></tr><tr><td>Cultivo&nbsp;</td><td>{html.escape(crop)}</td></tr>"
        f"<tr><td>Superficie (ha)&nbsp;</td><td>{ours:.1f}</td></tr>"
        f"<tr><td>Superficie según el portal (ha)&nbsp;</td><td>{theirs:.1f}</td></tr></table>"
        f"<small>{SNIPPET}</small>"
        for name, farm, season, crop, ours, theirs in rows
    ]


def parts(frame: gpd.GeoDataFrame, split: str, folder: Path) -> Iterator[tuple[Path, gpd.GeoDataFrame]]:
    """The rows of each file."""
    if split == "one":
        yield folder / "todos.kmz", frame
        return
    column = {"farm": "campo_id", "field": "id"}[split]
    for key, rows in frame.groupby(column):
        yield folder / f"{key}.kmz", rows  # by ids, which are safe names here


def with_simplekml(frame: gpd.GeoDataFrame, path: Path) -> None:
    import simplekml

    kml = simplekml.Kml(name=path.stem)
    fields = kml.newfolder(name="Lotes")
    columns = [column for column in frame.columns if column not in (*UNSEEN, "description")]
    for crop, rows in frame.groupby("cultivo"):
        folder = fields.newfolder(name=crop)
        style = simplekml.Style()
        style.linestyle.color, style.linestyle.width = simplekml.Color.green, 2.5
        style.polystyle.color = simplekml.Color.changealphaint(115, simplekml.Color.green)
        texts = rows[columns].astype(str).to_dict("records")
        for values, description, geometry in zip(texts, rows["description"], rows.geometry, strict=True):
            several = geometry.geom_type == "MultiPolygon"
            place = folder.newmultigeometry(name=values["lote"]) if several else folder
            for part in shapely.get_parts(geometry):
                polygon = place.newpolygon(
                    outerboundaryis=list(part.exterior.coords),
                    innerboundaryis=[list(ring.coords) for ring in part.interiors],
                    tessellate=1,
                )
            mark = place if several else polygon
            mark.name, mark.description, mark.style = values["lote"], description, style
            mark.snippet = simplekml.Snippet(SNIPPET, 2)
            for name, value in values.items():
                # simplekml escapes names and descriptions, not these.
                mark.extendeddata.newdata(name, html.escape(value))
    kml.savekmz(str(path))


def with_libkml(frame: gpd.GeoDataFrame, path: Path) -> None:
    import pyogrio

    named = frame.drop(columns=[name for name in UNSEEN if name != "geometry" and name in frame])
    named = named.assign(Name=frame["lote"], snippet=SNIPPET)
    pyogrio.write_dataframe(named, path, driver="LIBKML", layer="lotes")


def bare_files(folder: Path, sizes: dict[str, int]) -> None:
    for name, size in sizes.items():
        with (folder / name).open("wb") as file:
            file.write(bytes(size))


def durable_files(folder: Path, sizes: dict[str, int]) -> None:
    for name, size in sizes.items():
        beside = folder / f".{name}"
        with beside.open("wb") as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(folder / name)
    names = os.open(folder, os.O_RDONLY)
    os.fsync(names)
    os.close(names)


def main(peer: str, data: Path, folder: Path, split: str) -> None:
    if peer == "bare-files":
        sizes = {path.name: path.stat().st_size for path in sorted((folder.parent / "ours").iterdir())}
        with stopwatch() as told:
            (durable_files if split.endswith(DURABLE) else bare_files)(folder, sizes)
    else:
        frame = gpd.read_parquet(data)
        write = {"simplekml": with_simplekml, "libkml": with_libkml}[peer]
        with stopwatch() as told:
            frame = frame.assign(
                description=descriptions(frame),
                actualizado=pd.DatetimeIndex(frame["actualizado"]).strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
            for path, rows in parts(frame, split, folder):
                write(rows, path)
    print(json.dumps({"folder": str(folder), **told}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
