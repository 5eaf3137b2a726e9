#!/bin/sh
# Starts Redis, with these options, for the users of users.conf beside this file. Their passwords come in the environment
# (REDIS_WEB_PASSWORD and so on), and Redis hears of their digests alone.
set -eu
users=$(cat "$(dirname "$0")/users.conf")
for role in web worker fetcher beat; do
    name=REDIS_$(printf %s "$role" | tr a-z A-Z)_PASSWORD
    password=$(printenv "$name") || { echo "$0: set $name" >&2; exit 1; }
    digest=$(printf %s "$password" | sha256sum | cut -d ' ' -f 1)
    users=$(printf '%s\n' "$users" | sed "s/<SHA-256 of $role's password>/$digest/")
    unset "$name"
done
exec "${REDIS_SERVER:-redis-server}" "$@" - <<CONFIG
$users
CONFIG
