"""Names as they are found on the gates of the pampas, and some that break software."""

from __future__ import annotations

import numpy as np

#: Name, and where it is: longitude and latitude in degrees, WGS84.
TOWNS: tuple[tuple[str, float, float], ...] = (
    ("Pergamino", -60.57, -33.89),
    ("Venado Tuerto", -61.97, -33.75),
    ("Tandil", -59.13, -37.32),
    ("Río Cuarto", -64.35, -33.13),
    ("Trenque Lauquen", -62.73, -35.97),
    ("Tres Arroyos", -60.28, -38.20),
    ("General Villegas", -63.02, -35.03),
    ("9 de Julio", -60.88, -35.44),
    ("Marcos Juárez", -62.10, -32.69),
    ("Coronel Suárez", -61.93, -37.46),
    ("Bell Ville", -62.69, -32.63),
    ("Rafaela", -61.49, -31.25),
)

_SAINTS = ("Don", "Doña", "San", "Santa", "La", "El", "Los", "Las", "Estancia", "Campo")
_FOLLOWERS: dict[str, tuple[str, ...]] = {
    "Don": ("Ramón", "Julián", "Anselmo", "Nicolás", "Tomás", "Segundo"),
    "Doña": ("Inés", "Clotilde", "Sofía", "Ángela", "Encarnación"),
    "San": ("Agustín", "Martín", "José", "Joaquín", "Andrés", "Cayetano"),
    "Santa": ("María", "Rosalía", "Lucía", "Elena", "Bárbara"),
    "La": ("Escondida", "Ñusta", "Peregrina", "Güeya", "Unión", "Cigüeña", "Querencia", "Aurora"),
    "El": ("Ñandú", "Ombú", "Chañar", "Caldén", "Hornero", "Tero", "Mangrullo", "Pampero"),
    "Los": ("Álamos", "Teros", "Médanos", "Ñires", "Paraísos", "Cardales"),
    "Las": ("Acacias", "Lechuzas", "Mercedes", "Tranqueras", "Vizcachas", "Totoras"),
    "Estancia": ("Vieja", "Nueva", "del Sur", "La Paz", "Chica"),
    "Campo": ("Grande", "Alegre", "del Cielo", "Quiñones", "Ibáñez"),
}
_POTREROS = ("Bajo del Molino", "Potrero Norte", "La Cañada", "Cuadro Chico", "Ñandubay", "Tajamar", "Fondo", "Güesos")

#: Legal at the portal, trouble in files, XML, HTML, spreadsheets and shells.
AWKWARD: tuple[str, ...] = (
    'Lote "El Tuerto"',
    "Pérez & Hijos",
    "<b>Norte</b>",
    "CON",
    "Lote 5.",
    "7/8 Arrendado",
    "=1+1",
    "Cuadro del fondo pasando el puente viejo del ferrocarril, entre la laguna y el monte de eucaliptos",
    "O'Higgins; DROP",
    " Ñ  doble ",
    "Nu\u0301n\u0303ez",  # decomposed: the twin of another way to write the same
    "Lote: 3|B?*",
)


def farm_names(count: int, rng: np.random.Generator) -> list[str]:
    """Give `count` distinct names; when they run out, a Roman-like number tells cousins apart."""
    plain = [f"{first} {second}" for first in _SAINTS for second in _FOLLOWERS[first]]
    order = rng.permutation(len(plain))
    names = []
    for index in range(count):
        turn, place = divmod(index, len(plain))
        names.append(plain[order[place]] + (f" {turn + 1}" if turn else ""))
    return names


def field_names(farm_of_field: np.ndarray, farms: list[str], rng: np.random.Generator) -> list[str]:
    """Name each field: mostly farm and number, some by what is seen there, a few awkward ones among the first farms."""
    starts = np.searchsorted(farm_of_field, farm_of_field)
    numbers = np.arange(len(farm_of_field)) - starts + 1
    kinds = rng.random(len(farm_of_field))
    potreros = rng.integers(len(_POTREROS), size=len(farm_of_field))
    names = []
    for farm, number, kind, potrero in zip(farm_of_field, numbers, kinds, potreros, strict=True):
        if kind < 0.7:
            names.append(f"{farms[farm]} {number}")
        elif kind < 0.88:
            names.append(f"Lote {number}")
        else:
            names.append(f"{_POTREROS[potrero]} {number}")
    for place, awkward in zip(range(5, len(names), 11), AWKWARD, strict=False):
        names[place] = awkward
    return names
