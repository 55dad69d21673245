#!/bin/sh
# Run once by the postgres image, when its volume is empty: one role and one database per service.
set -eu
for service in marketing handoff sales; do
  variable="$(echo "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD"
  eval "password=\$$variable"
  psql -v ON_ERROR_STOP=1 -v name="$service" -v password="$password" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -f /opt/leadloop/new_service.sql
done
