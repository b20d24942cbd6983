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

cargo deny --all-features check licenses bans sources

# advisories DATABASE : looks the parts up in a local copy of the advisory database.
advisories() {
  local databases wanted status=0
  databases=$(mktemp -d)
  sed "/^\[advisories\]/a db-path = \"$databases\"\ndb-urls = [\"https://advisories.invalid/local\"]" deny.toml >"$databases/deny.toml"
  check() { cargo deny --all-features --offline --config "$databases/deny.toml" check advisories; }
  # The checker takes only copies that it named itself, after their origin: it says where it looks.
  wanted=$(check 2>&1 | sed -n "s|.*\($databases/local-[0-9a-f]*\).*|\1|p" | head -n 1 || true)
  git clone --quiet "$1" "$wanted"
  git -C "$wanted" fetch --quiet
  check || status=$?
  rm -rf "$databases"
  return "$status"
}

# The check must find what it looks for: a made-up flaw of a crate that is built in.
invented=$(mktemp -d)
mkdir -p "$invented/crates/uuid"
cat >"$invented/crates/uuid/RUSTSEC-2099-0001.md" <<'ADVISORY'
```toml
[advisory]
id = "RUSTSEC-2099-0001"
package = "uuid"
date = "2026-01-01"
url = "https://advisories.invalid/1"
[versions]
patched = [">= 99.0.0"]
```

# Made up

No flaw at all.
ADVISORY
git -C "$invented" init --quiet
git -C "$invented" add --all
git -C "$invented" -c user.name=proof -c user.email=proof@localhost commit --quiet --message 'A made-up flaw'
if advisories "$invented" >"$invented/found" 2>&1 || ! grep -q RUSTSEC-2099-0001 "$invented/found"; then
  echo 'BROKEN: a made-up advisory was not found' >&2
  exit 1
fi
rm -rf "$invented"

if [ -n "${PAI_ADVISORY_DB:-}" ]; then
  advisories "$PAI_ADVISORY_DB"
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
