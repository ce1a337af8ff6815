(defn squares [n]
  (setv made [])
  (for [i (range n)] (.append made (* i i)))
  made)
(defn stacked [n]
  (setv made [])
  (for [i (range n)] (.append made i))
  made)
(defn total [items]
  (setv found 0)
  (for [item (reversed items)] (+= found item))
  found)
(defn run [n]
  (+ (sum (lfor x (squares n) :if (% x 2) (+ x 1))) (total (stacked n))))
