#!/bin/sh
# Run by the service platform-database: the dump that platform-restore checked and laid ready, into an empty database.
# REPLACE=yes: into one that is not empty, in place of what is there.
set -eu
dump=/backups/.database/to-restore.dump
say() { printf '%s\n' "$*" >&2; }

[ -z "${PGPASSWORD_FILE:-}" ] || PGPASSWORD=$(cat "$PGPASSWORD_FILE")
export PGPASSWORD
if [ ! -f "$dump" ]; then
    say "No dump is ready. First: docker compose run --rm platform-restore /backups/FILE"
    exit 2
fi
# Autovacuum may be at work in it too, and is no use of it.
others=$(psql -XAtc "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND backend_type = 'client backend'")
if [ "$others" != 0 ]; then
    say "The database is in use. Nothing was changed. First: docker compose down"
    exit 1
fi
tables=$(psql -XAtc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" != 0 ]; then
    if [ "${REPLACE:-}" != yes ]; then
        say "The database is not empty: $tables tables. Nothing was changed."
        say "To put the backup in its place: docker compose run --rm -e REPLACE=yes platform-database"
        exit 1
    fi
    umask 077
    aside=/backups/database-before-restore-$(date -u +%Y-%m-%dT%H%M%SZ).dump
    pg_dump --format=custom --no-owner --file="$aside"
    say "The database that was there is in ${aside#/}"
    export PGOPTIONS="-c client_min_messages=warning"
    psql -Xq --set=ON_ERROR_STOP=1 --single-transaction -c "DROP SCHEMA public CASCADE" -c "CREATE SCHEMA public"
fi
# One transaction: all of it, or nothing.
if ! pg_restore --no-owner --no-privileges --single-transaction --exit-on-error --dbname="$PGDATABASE" "$dump"; then
    say "The backup could not be put into the database, which is empty now. The dump of the backup is still there: once the"
    say "cause above is mended, run this again."
    if [ -n "${aside:-}" ]; then
        say "Or, to have back what was there before: copy ${aside#/} to backups/.database/to-restore.dump, then"
        say "docker compose run --rm platform-database"
    fi
    exit 1
fi
rm -f "$dump"
say "The database was put back. Now: docker compose up -d --wait"
