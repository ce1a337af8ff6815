"""Which family makes which primitives, so that a family is imported when one of its names is first used.

`registry.py` refuses a primitive that is not listed here under its module.
"""

from __future__ import annotations

INDEX = {
    "access": """
        len length count empty? get nth first car last rest cdr slice contains? index-of reverse concat
    """,
    "bits": """
        bitwise-and bit-and bitwise-or bitwise-ior bit-or bitwise-xor bit-xor bitwise-not bit-not
        arithmetic-shift ash shift-left bit-shift-left shift-right bit-shift-right bit-count
        integer-length bit-set?
    """,
    "buffers": """
        make-buffer make-string-buffer buffer? string-buffer? buffer-append! string-buffer-append!
        buffer->string string-buffer->string buffer-length string-buffer-length buffer-clear!
        string-buffer-clear!
    """,
    "bytevectors": """
        bytevector? bytevector make-bytevector bytevector-length bytevector-u8-ref bytevector-u8-set!
        bytevector-fill! bytevector-copy bytevector-copy! bytevector-append bytevector->list
        list->bytevector utf8->string string->utf8
    """,
    "chars": """
        char->integer integer->char make-char char->string char-upcase char-downcase char-foldcase
        char-alphabetic? char-numeric? char-whitespace? char-upper-case? char-lower-case? digit-value
        char=? char<? char>? char<=? char>=? char-ci=? char-ci<? char-ci>? char-ci<=? char-ci>=?
    """,
    "comparison": "= != not= < > <= >= eq? eqv? identical? equal? not",
    "conditions": """
        error-object? condition? error-message error-object-message error-irritants
        error-object-irritants error-kind error-place error-backtrace file-error? read-error?
    """,
    "dicts": """
        dict zip-dict dict-get get-in has-key? keys vals entries assoc assoc-in dissoc merge select-keys
        dict-copy into dict-set! dict-delete!
    """,
    "formatting": "format pad-left pad-right pluralize strip-tags escape escape-html escape-string",
    "hashing": """
        crypto-sha256 crypto-sha512 crypto-sha3-256 cid base64-encode base64-decode hex-encode
        hex-decode
    """,
    "hashtables": """
        hash-table? make-hash-table alist->hash-table hash-table-ref hash-table-ref/default
        hash-table-set! hash-table-put! hash-table-delete! hash-table-remove! hash-table-contains?
        hash-table-exists? hash-table-size hash-table-count hash-table-keys hash-table-values
        hash-table->alist hash-table-copy hash-table-clear! hash-table-merge!
    """,
    "internal": """
        %join %join-vector %list-of? %vector-of? %item %tail %key? %entry %adt? %constructed %field
        %no-match %macro %promise %adt-type %adt-constructor %adt-predicate %adt-accessor %record-type
        %record-constructor %record-predicate %record-accessor %record-modifier %values-list
        %environment %exactly
    """,
    "json_data": "json-encode json-decode",
    "list_search": "member memq memv assoc-list assq assv distinct frequencies",
    "lists": """
        list cons cons* list* make-list range iota append second cadr third caddr fourth cadddr fifth
        caar cdar cddr butlast init take drop list-tail list-ref last-pair chunk-every zip-pairs zip
        interpose flatten null? pair? mutable-list list-copy append! set-nth!
    """,
    "number_predicates": """
        number? real? complex? integer? int? rational? float? exact? exact-rational? inexact?
        exact-integer? exact-nonnegative-integer? zero? positive? pos? negative? neg? odd? even? nan?
        finite? infinite?
    """,
    "number_text": "number->string string->number parse-int parse-float parse-number",
    "numbers": """
        + - * / inc dec square mod modulo floor-remainder remainder rem truncate-remainder quotient quot
        truncate-quotient floor-quotient floor/ truncate/ gcd lcm
    """,
    "output": """
        display write write-simple write-shared write-string write-char newline print println inspect
        write-to-string display-to-string serialize canonical-serialize
    """,
    "ports": """
        open-input-string open-output-string get-output-string input-port? output-port? port?
        textual-port? binary-port? input-port-open? output-port-open? close-port close-input-port
        close-output-port eof-object eof-object? read-char peek-char char-ready? read-line read-string
        read-all
    """,
    "predicates": """
        type-of nil? not-nil? boolean? true? false? string? symbol? keyword? char? list? dict? map?
        vector? atom? procedure? callable? fn? function? lambda? component? macro? continuation?
        parameter? promise? record? adt? environment? boolean=? symbol=? void value-matches-type?
    """,
    "reading": "sx-parse read",
    "real_functions": """
        expt pow sqrt exact-integer-sqrt exp log ln sin cos tan asin acos atan atan2 random-int
    """,
    "regex": """
        regex-compile make-regex regex? regex-source regex-flags regex-escape regex-match? regex-match
        regex-match-groups regex-index regex-find-all regex-match-all regex-replace regex-replace-all
        regex-replace-first regex-split
    """,
    "rounding": """
        floor ceil ceiling truncate round abs magnitude min max clamp make-rational numerator
        denominator exact inexact->exact inexact exact->inexact
    """,
    "sets": """
        set? make-set list->set set->list set-size set-empty? set-member? set-contains? set-add!
        set-remove! set-delete! set-clear! set-copy set-union set-intersection set-difference
        set-subset?
    """,
    "strings": """
        str string-append string make-string repeat string-copy list->string string->list string-length
        string-null? blank? string-ref char-at char-code char-from-code substring trim trim-left triml
        trim-right trimr split split-lines lines join string-join upper upcase string-upcase upper-case
        lower downcase string-downcase lower-case string-foldcase capitalize string-reverse replace
        replace-first starts-with? ends-with? string-contains? includes? string-index string-search
        string-index-right string-count
        string=? string<? string>? string<=? string>=? string-ci=? string-ci<? string-ci>? string-ci<=?
        string-ci>=?
    """,
    "symbols": """
        symbol-name symbol->string keyword-name keyword->string make-symbol string->symbol intern
        make-keyword string->keyword gensym string->uninterned-symbol symbol-interned?
    """,
    "vectors": """
        vector make-vector vector-length vector-ref vector-set! vector->list list->vector vector-fill!
        vector-copy vector-copy! vector-append vector->string string->vector
    """,
}
"""The names of the primitives by family, which is a module of this package."""
