(import (chicken condition))
(define (risky i) (if (= (modulo i 3) 0) (abort (list "refused" i)) i))
(define (run n)
  (let loop ((i 0) (sum 0))
    (if (= i n)
        sum
        (loop (+ i 1) (+ sum (handle-exceptions refusal (cadr refusal) (* 2 (risky i))))))))
