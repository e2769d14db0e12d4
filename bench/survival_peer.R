# Times R's survival on the tables of bench_survival, in one run with it, and prints the ratios.
#   Rscript bench/survival_peer.R build/bin/bench_survival FOLDER
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
ours <- read.delim(
  text = system2(arguments[1], arguments[2], stdout = TRUE),
  header = FALSE,
  col.names = c("name", "n", "seconds")
)
middle <- function(f) {
  median(replicate(3, {
    gc(FALSE)
    system.time(f())[["elapsed"]]
  }))
}
cat(sprintf("%-12s %8s %10s %10s %7s\n", "", "n", "R, s", "gliocast, s", "ratio"))
for (n in unique(ours$n[ours$name == "cox"])) {
  v <- readBin(file.path(arguments[2], paste0(sprintf("%d", as.integer(n)), ".bin")), "double", n * 22)
  time <- v[1:n]
  event <- v[n + 1:n]
  x <- matrix(v[-(1:(2 * n))], n)
  y <- Surv(time, event)
  score <- x[, 1]
  group <- score > 0
  peer <- list(
    cox = function() coxph(y ~ x),
    km = function() survfit(y ~ 1),
    logrank = function() survdiff(y ~ group),
    concordance = function() concordance(y ~ score)
  )
  for (k in names(peer)) {
    r <- middle(peer[[k]])
    o <- ours$seconds[ours$name == k & ours$n == n]
    cat(sprintf("%-12s %8d %10.4f %10.4f %7.1f\n", k, as.integer(n), r, o, r / o))
  }
}
cat(sprintf(
  "bootstrap of 1,000 samples, 500 patients, 5 columns: %.2f s\n",
  ours$seconds[ours$name == "bootstrap_1000"]
))
