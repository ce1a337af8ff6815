(defn even-number [n] (if (= n 0) True (odd-number (- n 1))))
(defn odd-number [n] (if (= n 0) False (even-number (- n 1))))
(defn run [n]
  (setv evens 0)
  (for [i (range n)]
    (when (even-number (+ 200 (% i 2))) (+= evens 1)))
  evens)
