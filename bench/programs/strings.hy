(defn growing [n]
  (setv text "")
  (for [i (range n)] (+= text f"{i},"))
  text)
(defn joined [n] (.join "," (lfor i (range n) f"<{i}>")))
(defn run [n] (+ (len (growing n)) (len (joined n))))
