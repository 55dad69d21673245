"""Sales' API whose writes leave no row in the audit trail: what such a row costs is the difference."""

from services.sales import app
from shared.http.audit import trail


def main() -> None:
    trail.is_write = lambda *_: False
    app.main()


if __name__ == "__main__":
    main()
