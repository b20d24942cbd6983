#!/usr/bin/env bash
# Expand and contract migrations, applied as `pai migrate` applies them, beside running requests and a long report on
# the same table: no request fails, and none waits longer than the migration's short lock time; prints the longest.

set -euo pipefail
cd "$(dirname "$0")/.."
cargo test --locked --quiet --test api reliability::migration -- --nocapture
