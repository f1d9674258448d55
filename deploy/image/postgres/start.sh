#!/bin/sh
# Starts PostgreSQL with TLS: it takes no key that others may read, and a secret that is mounted may be read by all.
set -eu
install -o postgres -g postgres -m 600 /run/secrets/postgres.key /run/postgres.key
install -o postgres -g postgres -m 644 /run/secrets/postgres.pem /run/postgres.pem
exec docker-entrypoint.sh postgres -cssl=on -cssl_cert_file=/run/postgres.pem -cssl_key_file=/run/postgres.key "$@"
