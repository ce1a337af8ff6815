"""Frozen runs keep their code when the program changes; with an upcaster they move to the new one."""

from __future__ import annotations

from sxpy import Interpreter
from sxpy.image.freeze import Frozen
from sxpy.image.migrate import Migration
from sxpy.printer import inspect

OLD = """
(define rate 2)
(define (ask x) (perform {:op "ask" :args (list x)}))
(define-record-type order (make-order id) order? (id order-id))
(define (price n) (* rate n))
(define (work n)
  (let ((o (make-order n)))
    (let ((answer (ask (order-id o))))
      (list (order-id o) (price n) answer))))
"""


def _frozen(text: str = OLD) -> Frozen:
    here = Interpreter()
    here.eval(text, "shop.sx")
    return here.start_call("work", 7).freeze()


def _migrated(new: str, frozen: Frozen | None = None) -> Migration:
    frozen = frozen or _frozen()
    there = Interpreter()
    there.eval(new, "shop.sx")
    return there.migrate(frozen.text, code=frozen.code)


def _value(frozen: Frozen) -> str:
    return inspect(Interpreter().thaw(frozen.text, code=frozen.code).resume("yes").value)


def test_a_run_of_the_same_program_is_current() -> None:
    assert _migrated(OLD).outcome == "current"


def test_an_unrelated_constant_keeps_a_run_current_and_its_own_value() -> None:
    frozen = _frozen()
    assert _migrated(OLD.replace("rate 2", "rate 3"), frozen).outcome == "current"
    assert _value(frozen) == '(7 14 "yes")'


def test_a_changed_function_that_does_not_wait_is_taken_from_the_new_program() -> None:
    migration = _migrated(OLD.replace("(* rate n)", "(* rate n n)"))
    assert migration.outcome == "migrates" and migration.frozen is not None
    assert _value(migration.frozen) == '(7 98 "yes")'


def test_without_an_upcaster_a_run_keeps_its_code_and_goes_on() -> None:
    renamed = OLD.replace("(define (work n)", "(define (handle n)")
    frozen = _frozen()
    migration = _migrated(renamed, frozen)
    assert migration.outcome == "stays"
    assert migration.reasons == ("work#1 at shop.sx:8:19 has no upcaster",)
    assert _value(frozen) == '(7 14 "yes")'


def test_with_an_upcaster_a_renamed_function_goes_on_in_the_new_code() -> None:
    renamed = OLD.replace("(define (work n)", "(define (handle n)").replace("answer))))", "answer :new))))")
    migration = _migrated(renamed + '(register-frame-upcaster "work" "handle")')
    assert migration.outcome == "migrates" and migration.frozen is not None
    assert migration.reasons == ("work#1 → handle#1",)
    assert _value(migration.frozen) == '(7 14 "yes" "new")'


def test_an_upcaster_gives_the_value_of_a_parameter_that_was_added() -> None:
    added = OLD.replace("(define (work n)", "(define (work n currency)").replace(
        "answer))))", "answer currency))))"
    )
    upcaster = '(register-frame-upcaster "work" "work" (fn (live) (assoc live :currency "EUR")))'
    migration = _migrated(added + upcaster)
    assert migration.outcome == "migrates" and migration.frozen is not None
    assert _value(migration.frozen) == '(7 14 "yes" "EUR")'
    without = _migrated(added + '(register-frame-upcaster "work" "work")')
    assert without.outcome == "fails"
    assert without.reasons == ("the upcaster from work#1 to work#1 gives no value for currency",)


def test_values_of_types_go_on_as_values_of_the_new_program() -> None:
    renamed = OLD.replace("(define (work n)", "(define (handle n)").replace(
        "(list (order-id o)", "(list (order? o) (order-id o)"
    )
    migration = _migrated(renamed + '(register-frame-upcaster "work" "handle")')
    assert migration.frozen is not None
    assert _value(migration.frozen) == '(true 7 14 "yes")'


def test_a_type_with_other_fields_fails() -> None:
    changed = OLD.replace(
        "(make-order id) order? (id order-id)", "(make-order id) order? (id order-id) (more order-more)"
    )
    migration = _migrated(changed)
    assert migration.outcome == "fails"
    assert migration.reasons == ("the type order has other fields in the new program",)


def test_an_upcaster_that_raises_fails() -> None:
    renamed = OLD.replace("(define (work n)", "(define (handle n)")
    migration = _migrated(renamed + '(register-frame-upcaster "work" "handle" (fn (live) (error "no idea")))')
    assert migration.outcome == "fails" and "no idea" in migration.reasons[0]


def test_an_upcaster_that_leads_nowhere_fails_and_tells_where_it_could() -> None:
    migration = _migrated(OLD.replace("work", "handle") + '(register-frame-upcaster "work#1" "handle#9")')
    assert migration.outcome == "fails"
    assert migration.reasons == (
        "the upcaster from work#1 leads to handle#9; the waiting points there are: handle#1, handle#2",
    )


def test_a_variable_that_a_closure_shares_stays_shared() -> None:
    old = """
    (define (ask x) (perform {:op "ask" :args (list x)}))
    (define (work n) (let ((up (fn () (set! n (+ n 1)) n))) (ask 1) (up) (list (up) n)))
    """
    new = old.replace("(list (up) n)", "(list :new (up) n)") + '(register-frame-upcaster "work" "work")'
    migration = _migrated(new, _frozen(old))
    assert migration.frozen is not None
    assert _value(migration.frozen) == '("new" 9 9)'


def test_a_damaged_run_fails_with_the_reason() -> None:
    there = Interpreter()
    assert there.migrate("{:format").outcome == "fails"
    missing = there.migrate(_frozen().text)
    assert missing.outcome == "fails" and "code that is not at hand" in missing.reasons[0]
