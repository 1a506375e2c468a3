"""Who does the parts of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flows.spreading import spreading
from modules.settings import PROJECT, Settings
from modules.spread import HERE

UNSET = """
import sys
import flows.generar_kmz, flows.grilla_h3, modules.kmz_products.run, modules.h3_grid.run
from flows.spreading import spreading
from modules.settings import Settings
with spreading(Settings(_env_file=None, dask=None)):
    pass
print(sorted({"dask", "distributed", "prefect_dask"} & set(sys.modules)))
"""


def test_the_process_of_the_run_does_them_where_nothing_is_said(tmp_path: Path) -> None:
    with spreading(Settings(_env_file=None, home=tmp_path, dask=None)) as spread:
        assert spread is HERE


def test_nothing_of_dask_is_imported_then() -> None:
    """It would cost each run a second."""
    ended = subprocess.run([sys.executable, "-c", UNSET], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == "[]", ended.stderr
