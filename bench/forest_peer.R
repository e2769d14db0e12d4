# Times ranger's forests on the tables of bench_forest, in one run with it; prints ratios of processor time.
#   Rscript bench/forest_peer.R build/bin/bench_forest FOLDER
library(ranger)
arguments <- commandArgs(trailingOnly = TRUE)
ours <- read.delim(
  text = system2(arguments[1], arguments[2], stdout = TRUE),
  header = FALSE,
  col.names = c("name", "rows", "columns", "seconds")
)
middle <- function(f) {
  median(replicate(5, {
    gc(FALSE)
    sum(system.time(f())[c("user.self", "sys.self")])
  }))
}
cat(sprintf("%-14s %12s %10s %12s %7s\n", "", "table", "ranger, s", "gliocast, s", "ratio"))
for (i in seq_len(nrow(ours))) {
  o <- ours[i, ]
  v <- readBin(file.path(arguments[2], paste0(o$rows, ".bin")), "double", o$rows * (o$columns + 1))
  x <- matrix(v[-seq_len(o$rows)], o$rows, dimnames = list(NULL, paste0("x", seq_len(o$columns))))
  y <- factor(v[seq_len(o$rows)])
  r <- middle(function() {
    ranger(
      x = x,
      y = y,
      num.trees = 100,
      probability = TRUE,
      min.node.size = 1,
      importance = o$name,
      num.threads = 1,
      seed = 1
    )
  })
  cat(sprintf("%-14s %12s %10.4f %12.4f %7.1f\n", o$name, paste0(o$rows, "×", o$columns), r, o$seconds, r / o$seconds))
}
