"""Makes `.venv` from nothing but a Python 3.11+: a pinned uv, then exactly what uv.lock says.

Runs on the machine's own Python, with the standard library only; `make` calls it before everything else. It
honours the machine's pip settings (index, extra index, find-links, certificate), whether they stand in the
environment or in a pip.conf, and does nothing when `.venv` is in step with the lock already.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = VENV / "tools"
STAMP = VENV / "in-step"
UV = "uv==0.13.9"
PYPI = "https://pypi.org/simple"


def main() -> int:
    VENV.mkdir(exist_ok=True)
    with (VENV / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once: the second waits and finds it done
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted and runs(VENV / "bin" / "python"):
            STAMP.touch()
            return 0
        print("leadloop: preparing .venv (once, and again when uv.lock changes) …", flush=True)
        try:
            install()
        except subprocess.CalledProcessError as error:
            print(f"leadloop: this failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
            return 1
        STAMP.write_text(wanted)
    return 0


def fingerprint() -> str:
    """What `.venv` depends on."""
    digest = hashlib.sha256(UV.encode())
    for name in ("pyproject.toml", "uv.lock"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install() -> None:
    if not runs(VENV / "bin" / "python"):
        run(sys.executable, "-m", "venv", "--without-pip", "--clear", VENV)
    uv = TOOLS / "bin" / "uv"
    if not runs(uv) or UV.partition("==")[2] not in output(uv, "--version"):
        install_uv()
    environment = uv_environment(pip_settings())
    if environment.get("UV_DEFAULT_INDEX", PYPI).rstrip("/") == PYPI:
        run(uv, "sync", "--locked", "--quiet", environment=environment)
    else:
        install_from_mirror(uv, environment)


def install_uv() -> None:
    try:
        run(sys.executable, "-m", "venv", "--clear", TOOLS)
    except subprocess.CalledProcessError:
        print(
            f"leadloop: {sys.executable} can't make a virtual environment with pip in it.\n"
            "          On Debian and Ubuntu: apt-get install python3-venv",
            file=sys.stderr,
        )
        raise
    run(TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV)


def install_from_mirror(uv: Path, environment: "dict[str, str]") -> None:
    """The lock names pypi.org; from another index come the same files, held to the same hashes."""
    with tempfile.NamedTemporaryFile("w+", suffix=".txt") as requirements:
        requirements.write(output(uv, "export", "--frozen", "--no-emit-project", environment=environment))
        requirements.flush()
        run(uv, "pip", "sync", "--quiet", "--require-hashes", requirements.name, environment=environment)
    run(uv, "pip", "install", "--quiet", "--no-deps", "--editable", ROOT, environment=environment)


def pip_settings() -> "dict[str, str]":
    """The machine's pip settings by name; the environment wins over pip.conf, as with pip itself."""
    pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(pip, capture_output=True, text=True, check=False).stdout
    found: dict[str, str] = {}
    rows = (row.partition("=") for row in listed.splitlines() if "=" in row)
    for key, _, value in sorted(rows, key=lambda row: row[0].startswith(":env:")):
        scope, _, name = key.rpartition(".")
        if scope in {"global", "install", ":env:"}:
            found[name.strip()] = " ".join(value.strip().strip("'\"").replace("\\n", " ").split())
    return found


def uv_environment(pip: "dict[str, str]") -> "dict[str, str]":
    """The same settings in uv's words. What is set for uv already stays."""
    settings = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": pip.get("extra-index-url", ""),
        "UV_FIND_LINKS": pip.get("find-links", "").replace(" ", ","),
        "UV_INSECURE_HOST": pip.get("trusted-host", ""),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "UV_HTTP_TIMEOUT": pip.get("default-timeout", pip.get("timeout", "120")),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
        "UV_PYTHON": str(VENV / "bin" / "python"),
        "VIRTUAL_ENV": str(VENV),
        # Compiled once: where Python is told to write no bytecode, each start of a program would do it again.
        "UV_COMPILE_BYTECODE": "1",
    }
    if not writable(Path("~/.cache").expanduser()):
        settings["UV_CACHE_DIR"] = str(VENV / "uv-cache")
    return {**{name: value for name, value in settings.items() if value}, **os.environ}


def writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def runs(program: Path) -> bool:
    return (
        shutil.which(program) is not None
        and subprocess.run([program, "--version"], capture_output=True).returncode == 0
    )


def run(*command: "str | Path", environment: "dict[str, str] | None" = None) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=environment)


def output(*command: "str | Path", environment: "dict[str, str] | None" = None) -> str:
    return subprocess.run(
        command, check=True, cwd=ROOT, env=environment, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
