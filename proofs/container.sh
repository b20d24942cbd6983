#!/usr/bin/env bash
# The image of the Dockerfile: built, small, not root, started on an external PostgreSQL that
# deploy/roles.sql prepared, healthy, used, and stopped in good order. compose.yaml names the same parts.
#
# Needs root on Debian, but no daemon and no registry of images: buildah builds in a chroot, on base
# images made here with debootstrap and given the official names. With PAI_BASE_IMAGES=pull the official
# ones are pulled instead.

set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
  echo 'container: left out, a build in a chroot needs root' >&2
  exit 0
fi
missing=()
for program in buildah debootstrap setpriv; do command -v "$program" >/dev/null || missing+=("$program"); done
[ "${#missing[@]}" -eq 0 ] || DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq "${missing[@]/setpriv/util-linux}" >&2

fail() { echo "BROKEN: $*" >&2; exit 1; }
build() { command buildah --storage-driver vfs "$@"; }
scratch=$(mktemp -d)
chmod 755 "$scratch"
container='' cluster=''
cleanup() {
  [ -z "$cluster" ] || setpriv --reuid=nobody --clear-groups "$programs/pg_ctl" -D "$cluster" -m immediate stop >/dev/null || true
  [ -z "$container" ] || build rm "$container" >/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

debian=docker.io/library/debian:bookworm-slim
rust=docker.io/library/rust:1.95.0-slim-bookworm
if [ "${PAI_BASE_IMAGES:-make}" = make ] && ! build inspect "$rust" >/dev/null 2>&1; then
  debootstrap --variant=minbase bookworm "$scratch/root" >"$scratch/debootstrap.log" || fail "debootstrap: $(tail -n 3 "$scratch/debootstrap.log")"
  rm -rf "$scratch/root/var/cache/apt/archives/"*.deb "$scratch/root/var/lib/apt/lists/"* "$scratch/root/usr/share/"{doc,man,locale}
  base=$(build from scratch)
  build add -q "$base" "$scratch/root" / >/dev/null
  build commit -q "$base" "$debian" >/dev/null
  # The toolchain of this machine, where the official image has its own.
  build add -q "$base" "$(rustc --print sysroot)/bin" /usr/local/cargo/bin >/dev/null
  build add -q "$base" "$(rustc --print sysroot)/lib" /usr/local/cargo/lib >/dev/null
  build config --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --env CARGO_HOME=/usr/local/cargo "$base"
  build commit -q "$base" "$rust" >/dev/null
  build rm "$base" >/dev/null
fi

# The crates that this machine has already are used again.
cargo fetch --locked
# The other format knows no health check.
build bud -q --format docker --isolation chroot --pull-never -t pai --volume "${CARGO_HOME:-$HOME/.cargo}/registry:/usr/local/cargo/registry" . >"$scratch/image"
echo "image: $(build images --format '{{.Size}}' localhost/pai)"

container=$(build from --pull-never localhost/pai)
run() { build run --isolation chroot "$@"; }
[ "$(run "$container" -- id -u)" = 10001 ] || fail 'the container runs as root'
build inspect --type image --format '{{.Docker.Config.Healthcheck}}' localhost/pai | grep -q 'pai healthcheck' || fail 'the image has no health check'

programs=$(find /usr/lib/postgresql -name initdb -printf '%h\n' | sort -V | tail -n 1)
cluster="$scratch/cluster"
install -d -o nobody "$cluster"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
listen=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
owner=$(head -c 24 /dev/urandom | base64 | tr -d '/+=') service=$(head -c 24 /dev/urandom | base64 | tr -d '/+=')
as_nobody() { (cd "$cluster" && setpriv --reuid=nobody --clear-groups "$@"); }
install -m 400 -o nobody <(echo "$owner$service") "$scratch/password"
as_nobody "$programs/initdb" -D "$cluster" -U postgres -A scram-sha-256 --auth-local=trust -E UTF8 --locale=C.UTF-8 --pwfile="$scratch/password" >/dev/null
as_nobody "$programs/pg_ctl" -D "$cluster" -w -l "$cluster/log" -o "-h 127.0.0.1 -p $port -k $cluster" start >/dev/null
PAI_OWNER_PASSWORD=$owner PAI_SERVICE_PASSWORD=$service "$programs/psql" -q -v ON_ERROR_STOP=1 -h "$cluster" -p "$port" -U postgres -f deploy/roles.sql

settings=(--env "PAI__DATABASE__URL=postgresql://pai_service:$service@127.0.0.1:$port/pai"
  --env "PAI__DATABASE__OWNER_URL=postgresql://pai_owner:$owner@127.0.0.1:$port/pai"
  --env "PAI__SERVER__LISTEN=127.0.0.1:$listen")
build config "${settings[@]}" "$container"
run "$container" -- pai serve --demo >"$scratch/service.log" 2>&1 &
service_job=$!
for _ in $(seq 200); do run "$container" -- pai healthcheck >/dev/null 2>&1 && break; sleep 0.2; done
run "$container" -- pai healthcheck || fail "not ready: $(tail -n 5 "$scratch/service.log")"
credentials=$(run "$container" -- grep coordinator /var/lib/pai/demo-credentials.json | head -n 1)
field() { printf '%s' "$1" | sed -n "s/.*\"$2\": *\"\([^\"]*\)\".*/\1/p"; }
token=$(field "$(curl -sf "http://127.0.0.1:$listen/oauth/token" -d grant_type=client_credentials \
  -d "client_id=$(field "$credentials" clientId)" -d "client_secret=$(field "$credentials" clientSecret)")" access_token)
editions=$(curl -sf -H "Authorization: Bearer $token" "http://127.0.0.1:$listen/api/v1/editions" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))')
[ "$editions" -gt 0 ] || fail 'no editions'
if run "$container" -- touch /usr/local/bin/pai 2>/dev/null; then fail 'the user of the service may change the program'; fi

# The service is a child of what enters the chroot.
served=$service_job
while [ "$(ps -o comm= "$served")" != pai ]; do served=$(pgrep -P "$served" | head -n 1) || fail 'the service is not running'; done
kill -TERM "$served"
wait "$service_job" || fail "the service ended with $?: $(tail -n 5 "$scratch/service.log")"
echo "container: ready as user 10001, $editions editions answered, ended in good order"
