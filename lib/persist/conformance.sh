#!/usr/bin/env bash
# Runs the lib/persist suites through `sx serve`, one child a suite, and writes scoreboard.json and
# scoreboard.md beside itself. Exit status 0 when everything passed.
#
#   bash lib/persist/conformance.sh                          all suites in memory, with scoreboard
#   bash lib/persist/conformance.sh --store KIND [SUITE ...]  some suites, on a store of choice
#
# KIND is one of those of lib/test/stores.sx. SX is the command of the interpreter, `sx` by default.
# The durable kinds write to $SX_PERSIST_DIR when that is set; else all goes to a directory that is
# removed at the end.

set -euo pipefail

read -r -a sx <<<"${SX:-sx}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

store=memory
if [ "${1:-}" = --store ]; then
  store=${2:?--store needs a kind}
  shift 2
fi

every_suite="event log kv project subscribe concurrency snapshot compaction durable blob view cas
  catalog query batch upcast idempotency global example-acl recovery"
suites=${*:-$every_suite}

if [[ $store != *durable || -z "${SX_PERSIST_DIR:-}" ]]; then
  SX_PERSIST_DIR=$(mktemp -d)
  export SX_PERSIST_DIR
  trap 'rm -rf "$SX_PERSIST_DIR"' EXIT
fi

# The replies of a child to everything a suite needs; what fails is told on standard error.
replies_of() {
  printf '%s\n' \
    '(load "lib/test/host.sx")' \
    '(load "lib/test/harness.sx")' \
    "(eval \"(test-setting! :store \\\"$store\\\")\")" \
    "(load \"lib/persist/tests/$1.sx\")" \
    '(eval "(test-print-failures)")' \
    '(eval "(test-counts)")' |
    "${sx[@]}" serve
}

json="" rows="" total_pass=0 total_fail=0
for suite in $suites; do
  status=0
  replies=$(replies_of "$suite") || status=$?
  counts=$(sed -n 's/^(\([0-9][0-9]*\) \([0-9][0-9]*\))$/\1 \2/p' <<<"$replies" | tail -n 1)
  read -r pass fail <<<"${counts:-0 0}"
  # A file that does not load, a child that dies and a suite without tests are failures too.
  if [ "$status" -ne 0 ] || grep '^(error ' <<<"$replies" >&2 || [ "$((pass + fail))" -eq 0 ]; then
    echo "$suite: the suite did not run to its end" >&2
    fail=$((fail + 1))
  fi
  printf '%-12s %4d passed %4d failed\n' "$suite" "$pass" "$fail"
  json="$json${json:+,}\"$suite\":{\"pass\":$pass,\"fail\":$fail}"
  rows="$rows| $suite | $pass | $fail | $((pass + fail)) |"$'\n'
  total_pass=$((total_pass + pass))
  total_fail=$((total_fail + fail))
done
total=$((total_pass + total_fail))
echo "$total_pass passed, $total_fail failed"

if [ "$store" = memory ] && [ "$suites" = "$every_suite" ]; then
  printf '{"suites":{%s},"total_pass":%d,"total_fail":%d,"total":%d}\n' \
    "$json" "$total_pass" "$total_fail" "$total" >"$here/scoreboard.json"
  {
    printf '| Suite | Pass | Fail | Total |\n|---|---:|---:|---:|\n%s' "$rows"
    printf '| **Total** | **%d** | **%d** | **%d** |\n' "$total_pass" "$total_fail" "$total"
  } >"$here/scoreboard.md"
fi

[ "$total_fail" -eq 0 ]
