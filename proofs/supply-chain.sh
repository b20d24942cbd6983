#!/usr/bin/env bash
# The program's parts: permissive licences, known sources, no banned and no unused crate, no unsafe
# code of ours, no known advisory, and a bill of materials (CycloneDX) that lists every part.
#
# The bill is written to target/sbom/. Advisories are looked up in a local copy of the advisory
# database that PAI_ADVISORY_DB names (a git checkout); without one that check is left out, and said so.

set -euo pipefail
cd "$(dirname "$0")/.."

# Fixed versions: a new rule must not fail an old commit.
for tool in cargo-deny@0.20.2 cargo-machete@0.9.2 cargo-cyclonedx@0.5.9; do
  root="${XDG_CACHE_HOME:-$HOME/.cache}/pai/$tool"
  [ -x "$root/bin/${tool%@*}" ] || cargo install --locked --quiet --root "$root" "$tool"
  PATH="$root/bin:$PATH"
done

cargo deny --all-features check --disable-fetch licenses bans sources

if [ -n "${PAI_ADVISORY_DB:-}" ]; then
  databases=$(mktemp -d)
  trap 'rm -rf "$databases"' EXIT
  # The checker names the copy's directory after its origin, and takes what stands there.
  sed "/^\[advisories\]/a db-path = \"$databases\"\ndb-urls = [\"file://$PAI_ADVISORY_DB\"]" deny.toml >"$databases/deny.toml"
  cargo deny --all-features check --config "$databases/deny.toml" advisories
else
  echo 'supply-chain: advisories not checked, PAI_ADVISORY_DB names no local database' >&2
fi

cargo machete

if ! grep -qx 'unsafe_code = "forbid"' Cargo.toml; then
  echo 'BROKEN: unsafe code is not forbidden' >&2
  exit 1
fi

mkdir -p target/sbom
cargo cyclonedx --quiet --format json --all-features --spec-version 1.5 --override-filename pai.cdx
mv pai.cdx.json target/sbom/
python3 - <<'PYTHON'
import json, subprocess, tomllib

bill = json.load(open("target/sbom/pai.cdx.json"))
listed = {(part["name"], part["version"]) for part in bill["components"]}
tree = subprocess.run(
    ["cargo", "tree", "--locked", "--all-features", "--edges", "normal,build", "--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--format", "{p}"],
    check=True, capture_output=True, text=True).stdout
built = {(line.split()[0], line.split()[1].lstrip("v")) for line in tree.splitlines() if line} - {("pai", bill["metadata"]["component"]["version"])}
missing = sorted(built - listed)
print(f"bill of materials: {len(listed)} parts, {len(built)} built into the program, {len(missing)} of them not listed")
unlicensed = sorted(part["name"] for part in bill["components"] if not part.get("licenses"))
print(f"parts without a licence: {len(unlicensed)} {unlicensed}")
raise SystemExit(bool(missing or unlicensed))
PYTHON
