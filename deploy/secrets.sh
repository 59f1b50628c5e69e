#!/bin/sh
# Makes the secrets of docker-compose.yml, each a file in deploy/secrets/ (or the folder that is given). What is there
# already is kept, so run it as often as you like; keep a copy where this machine cannot lose it.
#
#   sh deploy/secrets.sh [FOLDER]
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"

random() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Files are readable for all: Compose hands them to users inside the containers, whose numbers this machine does not
# know. The folder is for its owner alone.
put() {
    [ -s "$folder/$1" ] || printf '%s\n' "$2" > "$folder/$1"
    chmod 0644 "$folder/$1"
}

get() { cat "$folder/$1"; }

put secret_key "$(random 32)"
put postgres_password "$(random 24)"
put database_url "postgresql://pynomaly:$(get postgres_password)@postgres:5432/pynomaly"
put valkey_password "$(random 24)"
put redis_url "redis://pynomaly:$(get valkey_password)@valkey:6379/0"
# `health` may say PING and nothing else; nobody is let in without a name.
put valkey_users "user default off
user pynomaly on >$(get valkey_password) ~* &* +@all
user health on nopass resetkeys resetchannels -@all +ping"
put storage_access_key "$(random 10)"
put storage_secret_key "$(random 24)"
put storage_identities "{\"identities\": [{\"name\": \"pynomaly\", \"credentials\": [{\"accessKey\": \"$(get storage_access_key)\",
\"secretKey\": \"$(get storage_secret_key)\"}], \"actions\": [\"Read\", \"Write\", \"List\", \"Tagging\"]}]}"
put grafana_password "$(random 16)"
# An API key with the scope metrics:read comes here once the server runs: see docs/production.md.
[ -e "$folder/metrics_key" ] || : > "$folder/metrics_key"
chmod 0644 "$folder/metrics_key"
echo "The secrets are in $folder."
