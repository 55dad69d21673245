"""Whether a process says it is ready."""

import http.client
import json

from deploy.local.servers.ports import HOST
from deploy.local.stack.environment import Environment
from deploy.local.stack.layout import ServiceProgram


def readiness(environment: Environment, program: ServiceProgram) -> str:
    """`ready`, `no answer`, or what /readyz says is missing."""
    connection = http.client.HTTPConnection(HOST, environment.port(program.port_name), timeout=3)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return "no answer"
    finally:
        connection.close()
    return "ready" if answer.status == 200 else _why(answer.status, body)


def _why(status: int, body: bytes) -> str:
    try:
        said = json.loads(body)
        parts = said.get("problems") or said["checks"]
        return "; ".join(f"{part}: {problem}" for part, problem in parts.items() if problem != "ok")
    except (ValueError, TypeError, KeyError, AttributeError):
        return f"HTTP {status}"
