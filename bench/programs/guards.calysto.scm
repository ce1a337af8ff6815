; What is raised here must be a string or an exception, so the number comes from outside.
(define (risky i) (if (= (modulo i 3) 0) (raise "refused") i))
(define (run n)
  (let loop ((i 0) (sum 0))
    (if (= i n)
        sum
        (loop (+ i 1) (+ sum (try (* 2 (risky i)) (catch refusal i)))))))
