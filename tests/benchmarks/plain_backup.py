"""The backup that everybody writes first: page after page, `json`, `from_features`, `to_file`. The peer `plain`.

Writes the same files as a backup does, by the shortest way of each library's documentation:
`python -m tests.benchmarks.plain_backup URL SEASON FOLDER`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import pandas as pd
import requests
import simplekml

LAYERS = ("lotes", "ambientes", "marcadores", "zonas")
NAMES = {"lotes": "lote", "ambientes": "ambiente", "marcadores": "marcador", "zonas": "zona"}


def fetch(portal: str, token: str, layer: str, season: str) -> gpd.GeoDataFrame:
    features = []
    page = 1
    while True:
        answer = requests.get(
            f"{portal}/{layer}",
            params={"campania": season, "page": page, "per_page": 500},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        answer.raise_for_status()
        body = answer.json()
        features += body["features"]
        if not body["next"]:
            break
        page += 1
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")
    frame.insert(0, "id", [feature["id"] for feature in features])
    return frame.rename(columns={"nombre": NAMES[layer], "updated_at": "actualizado"})


def write_snapshot(frames: dict[str, gpd.GeoDataFrame], folder: Path) -> None:
    for layer, frame in frames.items():
        frame.to_parquet(folder / f"{layer}.parquet")
        frame.to_file(folder / "backup.gpkg", layer=layer)
    frames["lotes"].to_file(folder / "lotes.geojson")


def write_current(frames: dict[str, gpd.GeoDataFrame], folder: Path, season: str) -> None:
    lots, markers = frames["lotes"], frames["marcadores"]
    for name in ("cultivos", "muestreos", "sustentabilidad"):
        (folder / name).mkdir()
    for crop, part in lots.groupby("cultivo"):
        part.to_file(folder / "cultivos" / f"{crop} {season}.gpkg")
        write_kmz(part, folder / "cultivos" / f"{crop} {season}.kmz")
    for farm, part in markers.groupby("campo_id"):
        part.to_file(folder / "muestreos" / f"{farm} {season}.gpkg")
        pd.DataFrame(part.drop(columns="geometry")).to_csv(folder / "muestreos" / f"{farm} {season}.csv", index=False)
    stem = folder / "sustentabilidad" / f"lotes {season}"
    lots.to_file(f"{stem}.gpkg")
    lots.to_file(f"{stem}.geojson")
    pd.DataFrame(lots.drop(columns="geometry")).to_excel(f"{stem}.xlsx", index=False)


def write_kmz(part: gpd.GeoDataFrame, path: Path) -> None:
    kml = simplekml.Kml()
    folders = {farm: kml.newfolder(name=farm) for farm in part["campo"].unique()}
    for row in part.to_dict("records"):
        place = folders[row["campo"]].newmultigeometry(name=row["lote"])
        for key, value in row.items():
            if key != "geometry":
                place.extendeddata.newdata(key, escape(str(value)))  # simplekml writes it as it is
        for polygon in getattr(row["geometry"], "geoms", [row["geometry"]]):
            holes = [list(ring.coords) for ring in polygon.interiors]
            place.newpolygon(outerboundaryis=list(polygon.exterior.coords), innerboundaryis=holes)
    kml.savekmz(path)


def main(portal: str, season: str, folder: Path) -> None:
    login = requests.post(f"{portal}/auth/token", json={"client_id": "demo", "client_secret": "demo"}, timeout=60)
    frames = {layer: fetch(portal, login.json()["access_token"], layer, season) for layer in LAYERS}
    write_snapshot(frames, folder)
    write_current(frames, folder, season.replace("/", "-"))
    print(json.dumps({"folder": str(folder)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
