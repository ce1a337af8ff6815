#!/usr/bin/env bash
# Durable state, end to end: lib/persist on the real store, through real `sx serve` children.
#
#   bash persist_durable_test.sh
#
# One line a check, then `N passed, M failed`; the exit status is 0 when nothing failed. SX is the command
# of the interpreter, `sx` by default. Everything is written below a directory that is removed at the end;
# each check has a store of its own there.

set -euo pipefail

read -r -a sx <<<"${SX:-sx}"
cd "$(dirname "${BASH_SOURCE[0]}")"
export SX_PERSIST_DIR=
if ! command -v "${sx[0]}" >/dev/null; then
  echo "no command ${sx[0]}: install the project (pip install -e .) or set SX" >&2
  exit 1
fi

work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

passed=0 failed=0

# check NAME EXPECTED ACTUAL
check() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
    printf 'ok   %s\n' "$1"
  else
    failed=$((failed + 1))
    printf 'FAIL %s: expected %s, got %s\n' "$1" "$2" "$3"
  fi
}

# quoted TEXT: an SX string
quoted() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '"%s"' "${text//$'\n'/\\n}"
}

# commands EXPRESSION ...: what a server is told to load the library and evaluate them
commands() {
  printf '(load "lib/persist/all.sx")\n'
  local expression
  for expression in "$@"; do
    printf '(eval %s)\n' "$(quoted "$expression")"
  done
}

# value STORE EXPRESSION ...: the value of the last one, in a new process on the store.
# A reply that is an error, or a server that fails, is the value then.
value() {
  local store=$work/$1 replies status=0
  shift
  replies=$(commands "$@" | SX_PERSIST_DIR=$store "${sx[@]}" serve) || status=$?
  if [ "$status" -ne 0 ]; then
    printf 'exit status %d' "$status"
  else
    { grep '^(error ' <<<"$replies" || tail -n 1 <<<"$replies"; } | head -n 1
  fi
}

backend='(define b (persist/durable-backend))'
blobs='(define blobs (persist/blob-store-backend))'
three='(begin (persist/append b "s" "t" 1 {:n 1}) (persist/append b "s" "t" 2 {:n 2}))
       (define third (persist/append b "s" "t" 3 {:n 3}))'
seqs='(map persist/event-seq (persist/read b "s"))'
count='(define (count-events n event) (+ n 1))'

check "(1) durable append and read" "(3 3 3)" \
  "$(value 1 "$backend" "$three" \
    '(list (persist/event-seq third) (persist/count b "s") (len (persist/read b "s")))')"

check "(2) last-seq keeps climbing across truncation" "(4 5 5 (5))" \
  "$(value 2 "$backend" "$three" '(persist/truncate b "s" 2)' \
    '(define fourth (persist/append b "s" "t" 4 nil))' '(persist/truncate b "s" 4)' \
    '(define fifth (persist/append b "s" "t" 5 nil))' \
    "(list (persist/event-seq fourth) (persist/event-seq fifth) (persist/last-seq b \"s\") $seqs)")"

check "(3) a compacted stream still lists" '({:value 3 :seq 3} 0 ("s") 3)' \
  "$(value 3 "$backend" "$three" "$count" '(define state (persist/compact b "s" "n" count-events 0))' \
    '(list state (persist/count b "s") (persist/streams b) (persist/last-seq b "s"))')"

check "(4) kv" '({:deep (1 nil "x")} true nil false ("k" "nothing"))' \
  "$(value 4 "$backend" '(persist/kv-put b "k" {:deep (list 1 nil "x")})' '(persist/kv-put b "gone" 1)' \
    '(persist/kv-put b "nothing" nil)' '(persist/kv-delete b "gone")' \
    '(list (persist/kv-get b "k") (persist/kv-has? b "nothing") (persist/kv-get b "gone")
           (persist/kv-has? b "gone") (sort (persist/kv-keys b) <))')"

value 5 "$backend" "$three" '(persist/kv-put b "k" "v")' '(persist/truncate b "s" 1)' >/dev/null
check "(5) write, exit, new process, everything there" '((2 3) 3 ("s") "v" 4)' \
  "$(value 5 "$backend" "(define before $seqs)" \
    '(list before (persist/last-seq b "s") (persist/streams b) (persist/kv-get b "k")
           (persist/event-seq (persist/append b "s" "t" 4 nil)))')"

check "(6) blob round trip" "(true true 6 false)" \
  "$(value 6 "$blobs" '(define bytes (bytevector 0 1 10 13 254 255))' \
    '(define ref (persist/blob-store blobs bytes "image/png"))' \
    '(list (= bytes (persist/blob-fetch blobs ref)) (persist/blob-exists? blobs ref) (persist/blob-size ref)
           (persist/blob-exists? blobs (persist/blob-ref "no-such-cid" 1 "image/png")))')"

# The cid of "hello world" is a published one: CIDv1, raw, sha2-256, base32.
check "(7) same bytes, same cid" \
  '("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e" true false)' \
  "$(value 7 "$blobs" \
    '(define (cid-of text mime) (persist/blob-cid (persist/blob-store blobs (string->utf8 text) mime)))' \
    '(define hello (cid-of "hello world" "text/plain"))' \
    '(list hello (= hello (cid-of "hello world" "image/png")) (= hello (cid-of "hello" "text/plain")))')"

value 8 "$backend" "$blobs" \
  '(persist/kv-put b "avatar" (persist/blob-store blobs (bytevector 1 2 3) "image/png"))' >/dev/null
check "(8) blob and the reference in kv survive a restart" '((1 2 3) 3 "image/png")' \
  "$(value 8 "$backend" "$blobs" '(define ref (persist/kv-get b "avatar"))' \
    '(list (bytevector->list (persist/blob-fetch blobs ref)) (persist/blob-size ref) (persist/blob-mime ref))')"

# -- (9) ------------------------------------------------------------------------------------------------

# killed STORE N: appends as fast as the server takes them, kills it with SIGKILL once N are acknowledged
# while more are being written, and prints the last acknowledged seq.
killed() {
  local store=$work/$1 enough=$2 line acknowledged=0 killed=
  rm -f "$work/in" "$work/out"
  mkfifo "$work/in" "$work/out"
  SX_PERSIST_DIR=$store "${sx[@]}" serve <"$work/in" >"$work/out" &
  server=$!
  exec 3>"$work/in" 4<"$work/out"
  {
    commands "$backend"
    for _ in {1..500}; do
      printf '(eval %s)\n' "$(quoted '(persist/event-seq (persist/append b "s" "t" 0 nil))')"
    done
  } >&3 2>/dev/null &
  exec 3>&-
  # What it had said when it died was acknowledged too, so the pipe is read to its end.
  while read -r line <&4; do
    case $line in
      '' | *[!0-9]*) ;;
      *)
        acknowledged=$line
        enough=$((enough - 1))
        if [ "$enough" -le 0 ] && [ -z "$killed" ]; then
          kill -9 "$server"
          killed=yes
        fi
        ;;
    esac
  done
  exec 4<&-
  wait "$server" 2>/dev/null || true
  server=
  printf '%s' "$acknowledged"
}

# after_kill STORE N: whether a new process finds every event up to N, at most the one more that was being
# written, no seq twice, and the store taking more.
after_kill() {
  value "$1" "$backend" "(define found $seqs)" "(define acknowledged $2)" \
    '(define next (persist/event-seq (persist/append b "s" "t" 0 nil)))' \
    '(list (= found (range 1 (+ (len found) 1))) (<= acknowledged (len found) (+ acknowledged 1))
           (= next (+ (len found) 1)))'
}

verdict=
for enough in 1 40 90; do
  verdict="$verdict$(after_kill 9 "$(killed 9 "$enough" 2>/dev/null)")"
done
check "(9) after kill -9 in the middle of writing, every acknowledged append" \
  "(true true true)(true true true)(true true true)" "$verdict"

# -- (10) -----------------------------------------------------------------------------------------------

# suites KIND: the summary of the suites on that kind of store
suites() {
  SX_PERSIST_DIR=$work/10-$1 bash lib/persist/conformance.sh --store "$1" durable recovery |
    sed -n 's/^[1-9][0-9]* passed, \([0-9]*\) failed$/\1 failed/p' || true
}

check "(10) the suites durable and recovery on the real store" "0 failed, 0 failed" \
  "$(suites durable), $(suites extended-durable)"

# -- (11) -----------------------------------------------------------------------------------------------

# For each seq of the stream "s" the two writers wait for each other; then both append, expecting the seq
# before it to be the last. A writer with the extra operations is told by a conflict that the other was
# faster; a plain one may also be refused by the store, because the seq is used.
race='
(define (await key tries)
  (cond ((persist/kv-has? b key) true)
        ((= tries 0) (error (str "the other writer did not come: " key)))
        (else (await key (- tries 1)))))
(define (won? seq who)
  (guard (e ((string-contains? (error-message e) "has used :seq") false))
    (not (persist/conflict? (persist/append-expect b "s" (- seq 1) "t" 0 who)))))
(define (run who other)
  (filter
    (fn (seq)
      (persist/kv-put b (str who seq) true)
      (await (str other seq) 100000)
      (won? seq who))
    (range 1 26)))'

# writer BACKEND WHO OTHER: the seqs that it won
writer() {
  value 11 "(define b ($1))" "$race" "(run \"$2\" \"$3\")"
}

writer persist/durable-backend ann bob >"$work/ann" &
writer persist/extended-durable-backend bob ann >"$work/bob"
wait $!
check "(11) two processes appending with expectations, one winner per seq" "(true true true true)" \
  "$(value 11 "$backend" "(define ann '$(cat "$work/ann"))" "(define bob '$(cat "$work/bob"))" \
    '(define (seqs-of who)
       (map persist/event-seq (filter (fn (e) (= (persist/event-data e) who)) (persist/read b "s"))))' \
    "(list (= $seqs (range 1 26)) (= (sort (append ann bob) <) (range 1 26))
           (= (seqs-of \"ann\") ann) (= (seqs-of \"bob\") bob))")"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
