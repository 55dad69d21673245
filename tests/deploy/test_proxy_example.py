"""The proxy of the example passes what is open to everybody, and nothing else of any service."""

import re

import pytest

from deploy.local.stack.layout import ROOT
from deploy.tools.docs.access import routes_of
from shared.services import SERVICES

CONF = (ROOT / "deploy/proxy/nginx.conf").read_text()
PASSED = [re.compile(found) for found in re.findall(r"location ~ (\S+) \{ proxy_pass", CONF)]
KEY = "pk_5Q9mV1n8T0sXw2yZ4bC6dE7fG9hJ1kL3"
FOR_THE_PLATFORM = {"/livez", "/readyz", "/metrics"}


def is_passed(path: str) -> bool:
    return any(pattern.search(re.sub(r"\{[^}]+\}", KEY, path)) for pattern in PASSED)


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_open_is_passed_and_the_rest_is_not(service: str) -> None:
    for line in routes_of(service):
        is_open = line.public is not None and line.path not in FOR_THE_PLATFORM
        assert is_passed(line.path) == is_open, line


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/docs/parts/x.js", "/metrics", "/readyz", "/"])
def test_what_is_for_the_house_stays_in_it(path: str) -> None:
    assert not is_passed(path)
    assert "location / { return 404; }" in CONF
