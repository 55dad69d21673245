"""Runs a module under cProfile: `python -m benchmarks.profiled report.txt services.marketing.app …`.

Calls the module's `main`; the report is written when it ends, as it does on SIGTERM.
"""

import cProfile
import io
import pstats
import sys
import time
from importlib import import_module
from pathlib import Path

SHOWN = 45


def main() -> None:
    report, module, *arguments = sys.argv[1:]
    program = import_module(module)  # before the profile begins: imports are not what is asked about
    sys.argv = [module, *arguments]
    profile = cProfile.Profile(time.process_time)  # waiting is free; work is what is asked about
    profile.enable()
    try:
        program.main()
    finally:
        profile.disable()
        Path(report).write_text(_text(profile))


def _text(profile: cProfile.Profile) -> str:
    parts = []
    for order in ("tottime", "cumulative"):
        stream = io.StringIO()
        stats = pstats.Stats(profile, stream=stream).strip_dirs().sort_stats(order)
        stats.print_stats(SHOWN)
        parts.append("\n".join(line.rstrip() for line in stream.getvalue().splitlines()))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
