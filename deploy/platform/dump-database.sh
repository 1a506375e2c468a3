#!/bin/sh
# Run by the service platform-dump: the database into one file, which appears whole or not at all.
set -eu
[ -z "${PGPASSWORD_FILE:-}" ] || PGPASSWORD=$(cat "$PGPASSWORD_FILE")
export PGPASSWORD
umask 077
mkdir -p /backups/.database
rm -f /backups/.database/saved.dump
pg_dump --format=custom --no-owner --file=/backups/.database/.part
pg_restore --list /backups/.database/.part >/dev/null
mv /backups/.database/.part /backups/.database/saved.dump
printf '%s\n' "The database was dumped. Now, within the hour: docker compose run --rm platform-backup" >&2
