(define (total n acc) (if (= n 0) acc (total (- n 1) (+ acc n))))
(define (run n) (total n 0))
