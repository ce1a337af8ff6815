(defclass Refused [Exception])
(defn risky [i]
  (when (= (% i 3) 0) (raise (Refused "refused" i)))
  i)
(defn run [n]
  (setv total 0)
  (for [i (range n)]
    (try
      (+= total (* 2 (risky i)))
      (except [refusal Refused]
        (+= total (get refusal.args 1)))))
  total)
