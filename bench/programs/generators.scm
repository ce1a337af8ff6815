(define (generator n)
  (define back #f)
  (define resume
    (lambda ()
      (let loop ((i 0))
        (if (< i n)
            (begin
              (call/cc (lambda (here) (set! resume (lambda () (here #f))) (back i)))
              (loop (+ i 1)))))
      (back #f)))
  (lambda () (call/cc (lambda (k) (set! back k) (resume)))))
(define (run n)
  (let ((next (generator n)))
    (let loop ((sum 0)) (let ((item (next))) (if item (loop (+ sum item)) sum)))))
