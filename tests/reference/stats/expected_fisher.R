# Writes expected_fisher.json: random tables of counts and R's exact P of each.
#   Rscript expected_fisher.R expected_fisher.json
# Tables for which R's workspace is too small are left out. Needs r-cran-jsonlite.
library(jsonlite)
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(20)
random_table <- function(rows, columns, n) {
  skew <- sample(c(0.4, 1, 4), 1)
  draw <- function(k) factor(sample(k, n, TRUE, rgamma(k, skew)), 1:k)
  a <- draw(rows)
  b <- draw(columns)
  if (runif(1) < 0.4) {
    # some depend on each other
    same <- runif(n) < 0.5
    b[same] <- pmin(as.integer(a[same]), columns)
  }
  t <- unclass(table(a, b))
  t[rowSums(t) > 0, colSums(t) > 0, drop = FALSE]
}
shapes <- rbind(
  expand.grid(rows = 2:6, columns = 2:6),
  cbind(rows = c(2, 3, 8, 12, 20, 2, 10), columns = c(12, 8, 2, 2, 2, 15, 3))
)
cases <- list()
for (round in 1:12) {
  for (k in seq_len(nrow(shapes))) {
    t <- random_table(shapes$rows[k], shapes$columns[k], sample(c(8, 15, 25, 40, 60, 90, 150, 300), 1))
    if (nrow(t) < 2 || ncol(t) < 2) {
      next
    }
    p <- tryCatch(fisher.test(t)$p.value, error = function(e) NULL)
    if (!is.null(p)) {
      cases[[length(cases) + 1]] <- list(table = lapply(seq_len(nrow(t)), function(i) as.integer(t[i, ])), p = unbox(p))
    }
  }
}
write(toJSON(list(r = unbox(R.version.string), cases = cases), digits = NA), arguments[1])
