"""What all benchmarks share says the truth: the report's form, and memory that is the contender's own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.benchmarks import latency
from tests.benchmarks.harness import run_fresh
from tests.benchmarks.latency import Click


@pytest.mark.parametrize(("default_s", "met"), [(6.1, True), (5.9, False)])
def test_latency_is_judged_against_a_third_of_the_default(default_s: float, met: bool) -> None:
    ours, default = Click(2.0, 2.1, 2.2, 2.3), Click(default_s, 7, 7, 7)

    told = latency.report(3, {"ours": [ours] * 3, "prefect-defaults": [default] * 3}).report()

    assert told["cases"][0]["case"] == "hello-world"
    assert told["cases"][0]["peers"]["prefect-defaults"]["s"] == default_s
    assert [goal["met"] for goal in told["goals"]] == [met, True]
    assert told["met"] == met
    assert json.loads(json.dumps(told)) == told


def test_the_peak_of_a_contender_is_free_of_what_the_harness_holds() -> None:
    held = bytearray(b"x") * 300_000_000

    run = run_fresh([sys.executable, "-c", "print('{}')"])

    assert len(held) / 1e6 == 300
    assert run.peak_mb < 100


def test_a_contender_that_fails_stops_the_benchmark() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run_fresh([sys.executable, "-c", "raise SystemExit(3)"])
