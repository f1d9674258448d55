#!/bin/sh
# Starts Kafka on its data; on a new volume it makes them first, with a user for each file kafka_<user> among the
# secrets. (The image's own start cannot make users.) A new volume is a new cluster: dibao tells by its id whether the
# positions in PostgreSQL belong to it.
set -eu
bin=${KAFKA_BIN:-/opt/kafka/bin}
data=${KAFKA_DATA:-/var/lib/kafka/data}
secrets=${KAFKA_SECRETS:-/run/secrets}
given=${KAFKA_CONFIG:-/etc/dibao}/server.properties
config=${KAFKA_WORK:-/tmp}/server.properties

{
	cat "$given"
	echo "log.dirs=$data"
	echo "advertised.listeners=CLIENTS://${KAFKA_ADDRESS:-kafka:9092},INSIDE://127.0.0.1:19092"
	echo "listener.name.clients.ssl.keystore.location=$secrets/kafka.pem"
	# What a machine wants otherwise, a line each.
	echo "${KAFKA_MORE:-}"
} > "$config"

if [ ! -f "$data/meta.properties" ]; then
	cluster=$("$bin/kafka-storage.sh" random-uuid)
	set --
	for file in "$secrets"/kafka_*; do
		user=${file##*/kafka_}
		set -- "$@" --add-scram "SCRAM-SHA-512=[name=$user,password=$(cat "$file")]"
	done
	"$bin/kafka-storage.sh" format --cluster-id="$cluster" --config "$config" "$@"
fi
exec "$bin/kafka-server-start.sh" "$config"
