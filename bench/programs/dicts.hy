(setv words (lfor i (range 97) f"word{i}"))
(defn counted [n]
  (setv counts {})
  (for [i (range n)]
    (setv word (get words (% i 97)))
    (setv (get counts word) (+ 1 (.get counts word 0))))
  counts)
(defn run [n] (+ (get (counted n) "word5") (get (counted n) "word5")))
