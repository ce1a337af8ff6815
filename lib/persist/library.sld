;; lib/persist/library.sld: lib/persist as an R7RS library, for `(import (persist))`.
;;
;; It exports what the modules define, in their load order; what helps only inside a module is left out.

(define-library (persist)
  (export
    ; event
    persist/event persist/event-stream persist/event-seq persist/event-type persist/event-at
    persist/event-data
    ; backend
    persist/mem-backend persist/backend-append persist/backend-read persist/backend-last-seq
    persist/backend-truncate-through persist/backend-streams persist/backend-kv-get
    persist/backend-kv-put persist/backend-kv-delete persist/backend-kv-has?
    persist/backend-kv-keys persist/conflict persist/backend-append-if
    persist/backend-append-many
    persist/backend-append-once persist/backend-kv-cas persist/backend-kv-put-new
    persist/backend-read-from persist/backend-read-range persist/backend-count persist/writes
    persist/backend-transact persist/extend persist/operations
    ; log
    persist/next-event persist/append persist/read persist/read-from persist/last-seq
    persist/count persist/truncate
    ; kv
    persist/kv-get persist/kv-put persist/kv-delete persist/kv-has? persist/kv-keys
    persist/kv-get-or persist/kv-update persist/kv-cas persist/kv-put-new
    ; project
    persist/project-value persist/project-seq persist/project-resume
    persist/project persist/project-fold
    ; concurrency
    persist/append-expect persist/conflict? persist/conflict-expected persist/conflict-actual
    ; snapshot
    persist/snapshot-key persist/snapshot-load persist/snapshot-save persist/snapshot-exists?
    persist/replay persist/checkpoint
    ; compaction
    persist/uncompacted persist/should-compact? persist/compact persist/maybe-compact
    ; durable
    persist/io-backend persist/extended-io-backend persist/durable-backend
    persist/extended-durable-backend persist/serve persist/mock-durable
    persist/extended-mock-durable
    ; blob
    persist/blob-ref persist/blob-ref? persist/blob-cid persist/blob-size persist/blob-mime
    persist/blob-io persist/blob-store-backend persist/blob-store persist/blob-fetch
    persist/blob-exists? persist/blob-cid-of persist/blob-serve persist/mock-blob
    ; view
    persist/view persist/view-name persist/view-stream persist/view-refresh persist/view-value
    persist/view-peek persist/view-attach
    ; catalog
    persist/reserved-stream? persist/streams-all persist/streams persist/stream-count
    persist/stream-exists? persist/total-events
    ; query
    persist/read-where persist/count-where persist/read-between persist/read-since
    persist/read-window persist/read-by-type
    ; batch
    persist/append-batch persist/append-batch-expect
    ; upcast
    persist/upcasters persist/register-upcaster persist/upcast persist/read-upcast
    persist/project-upcast persist/upcast-data
    ; idempotency
    persist/idem-key persist/seen? persist/append-once
    ; global
    persist/global-stream persist/gappend persist/global-log persist/global-position

    persist/global-from persist/read-global persist/project-global
    ; examples/acl
    acl/stream acl/grant acl/revoke acl/step acl/view acl/grants acl/allowed? acl/allowed-now?
    acl/audit
    ; subscribe
    persist/hub persist/hub-backend persist/subscribers persist/subscriber-count
    persist/subscribe persist/publish
    ; api
    persist/open)
  (include
    "lib/persist/event.sx"
    "lib/persist/backend.sx"
    "lib/persist/log.sx"
    "lib/persist/kv.sx"
    "lib/persist/project.sx"
    "lib/persist/concurrency.sx"
    "lib/persist/snapshot.sx"
    "lib/persist/compaction.sx"
    "lib/persist/durable.sx"
    "lib/persist/blob.sx"
    "lib/persist/view.sx"
    "lib/persist/catalog.sx"
    "lib/persist/query.sx"
    "lib/persist/batch.sx"
    "lib/persist/upcast.sx"
    "lib/persist/idempotency.sx"
    "lib/persist/global.sx"
    "lib/persist/examples/acl.sx"
    "lib/persist/subscribe.sx"
    "lib/persist/api.sx"))
