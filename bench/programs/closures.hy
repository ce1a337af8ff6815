(defn adder [n] (fn [x] (+ x n)))
(defn compose [f g] (fn [x] (f (g x))))
(defn counter []
  (setv count 0)
  (fn []
    (nonlocal count)
    (+= count 1)
    count))
(defn run [n]
  (setv tick (counter) total 0)
  (for [i (range n)]
    (setv total (+ ((compose (adder i) (adder 1)) (tick)) (- total i))))
  total)
