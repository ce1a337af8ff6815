(import sys)
(sys.setrecursionlimit 20000)
(defn ack [m n]
  (cond (= m 0) (+ n 1) (= n 0) (ack (- m 1) 1) True (ack (- m 1) (ack m (- n 1)))))
(defn run [n] (ack 3 n))
