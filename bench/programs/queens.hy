(defn safe [column board]
  (for [[distance other] (enumerate board 1)]
    (when (or (= other column) (= (abs (- other column)) distance))
      (return False)))
  True)
(defn ways [left columns board]
  (if (= left 0)
    1
    (sum (lfor column columns :if (safe column board)
           (ways (- left 1) columns #(column #* board))))))
(defn run [n] (ways n (range n) #()))
