"""The machine's pip settings reach uv."""

from pathlib import Path

import pytest

from deploy.tools import bootstrap


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "UV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_pips_settings_become_uvs() -> None:
    found = bootstrap.uv_environment(
        {
            "index-url": "https://mirror.example/simple",
            "find-links": "/opt/wheels /opt/more",
            "cert": "/etc/company.crt",
        }
    )

    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["UV_FIND_LINKS"] == "/opt/wheels,/opt/more"
    assert found["SSL_CERT_FILE"] == "/etc/company.crt"
    assert found["UV_PYTHON_DOWNLOADS"] == "never"
    assert "UV_INDEX" not in found


def test_what_is_set_for_uv_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")

    assert bootstrap.uv_environment({"index-url": "https://pip.example"})["UV_DEFAULT_INDEX"] == (
        "https://uv.example/simple"
    )


def test_without_a_usable_home_the_cache_lies_in_the_virtual_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))

    assert bootstrap.uv_environment({})["UV_CACHE_DIR"] == str(bootstrap.VENV / "uv-cache")
