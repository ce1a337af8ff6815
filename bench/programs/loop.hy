(defn run [n]
  (setv acc 0)
  (while (!= n 0)
    (+= acc n)
    (-= n 1))
  acc)
