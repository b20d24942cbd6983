#!/usr/bin/env bash
# Random sequences of commands over HTTP (admit, end, substitute, suspend, hours, corrections, closing), compared with a
# simple model after each step; a difference is shrunk to the shortest sequence that shows it.
#
# PAI_CASES sets the number of sequences (400), PAI_SEED which ones.

set -euo pipefail
cd "$(dirname "$0")/.."
export PAI_SEED="${PAI_SEED:-$((RANDOM * 32768 + RANDOM + 1))}"
export PAI_CASES="${PAI_CASES:-$(awk -v scale="${PAI_PROVE_SCALE:-1}" 'BEGIN { cases = int(400 * scale); print (cases < 8 ? 8 : cases) }')}"
echo "state-machine: seed $PAI_SEED, $PAI_CASES sequences"
cargo test --locked --quiet --test api reliability::state_machine -- --nocapture
