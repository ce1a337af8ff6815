(defn run [n] (if (< n 2) n (+ (run (- n 1)) (run (- n 2)))))
