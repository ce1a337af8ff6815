(define (safe? column board)
  (let loop ((board board) (distance 1))
    (if (null? board)
        #t
        (let ((other (car board)))
          (if (or (= other column) (= (abs (- other column)) distance))
              #f
              (loop (cdr board) (+ distance 1)))))))
(define (count-from column end) (if (= column end) '() (cons column (count-from (+ column 1) end))))
(define (ways left columns board)
  (if (= left 0)
      1
      (apply +
             (map (lambda (column)
                    (if (safe? column board) (ways (- left 1) columns (cons column board)) 0))
                  columns))))
(define (run n) (ways n (count-from 0 n) '()))
