"""The old name of `tranquera links`: `python setup_symlinks.py` asks the same and takes the same options.

Any Python runs it: the packages are those of the script `tranquera` beside it.
"""

import os
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    script = Path(__file__).resolve().parent / ("tranquera.cmd" if os.name == "nt" else "tranquera")
    sys.exit(subprocess.run([str(script), "links", *sys.argv[1:]], check=False).returncode)
