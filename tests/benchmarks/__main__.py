"""`python -m tests.benchmarks NAME [--quick]`: run a benchmark; its result is the last line, one JSON object."""

from __future__ import annotations

import importlib
import json
import sys

from tests.benchmarks.harness import NAMES


def main() -> None:
    """Run the benchmark that the command line names."""
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    unknown = [argument for argument in sys.argv[1:] if argument.startswith("-") and argument != "--quick"]
    if len(names) != 1 or names[0] not in NAMES or unknown:
        sys.exit(f"usage: tranquera bench {{{'|'.join(NAMES)}}} [--quick]")
    benchmark = importlib.import_module(f"tests.benchmarks.{names[0]}")
    print(json.dumps(benchmark.run(quick="--quick" in sys.argv[1:]).report()))


if __name__ == "__main__":
    main()
