(use-modules (ice-9 exceptions))
(define (risky i) (if (= (modulo i 3) 0) (raise-exception (list "refused" i)) i))
(define (run n)
  (let loop ((i 0) (sum 0))
    (if (= i n)
        sum
        (loop (+ i 1)
              (+ sum (guard (refusal ((pair? refusal) (cadr refusal))) (* 2 (risky i))))))))
