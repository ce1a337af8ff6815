(defn tak [x y z]
  (if (>= y x) z (tak (tak (- x 1) y z) (tak (- y 1) z x) (tak (- z 1) x y))))
(defn run [n] (tak (* 3 n) (* 2 n) n))
