(define (growing n)
  (with-output-to-string
    (lambda () (let loop ((i 0)) (if (< i n) (begin (display i) (display ",") (loop (+ i 1))))))))
(define (joined n)
  (string-join (map (lambda (i) (string-append "<" (number->string i) ">")) (iota n)) ","))
(define (run n) (+ (string-length (growing n)) (string-length (joined n))))
