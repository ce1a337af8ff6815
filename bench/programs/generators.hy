(defn generator [n]
  (setv i 0)
  (while (< i n)
    (yield i)
    (+= i 1)))
(defn run [n]
  (setv items (generator n) total 0)
  (while True
    (setv item (next items None))
    (when (is item None) (return total))
    (+= total item)))
