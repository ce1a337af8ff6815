(import (chicken port) (chicken string))
(define (growing n)
  (with-output-to-string
    (lambda () (let loop ((i 0)) (if (< i n) (begin (display i) (display ",") (loop (+ i 1))))))))
(define (count-from i n) (if (= i n) '() (cons i (count-from (+ i 1) n))))
(define (joined n)
  (string-intersperse (map (lambda (i) (string-append "<" (number->string i) ">")) (count-from 0 n)) ","))
(define (run n) (+ (string-length (growing n)) (string-length (joined n))))
