# Writes expected_screens.json: which features of a table R's tests keep, and which caret drops for their correlation.
#   Rscript expected_screens.R expected_screens.json
# Needs r-cran-jsonlite, r-cran-car and r-cran-caret.
suppressMessages({
  library(jsonlite)
  library(car)
  library(caret)
})
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(7)
n <- 60
positive <- rep(c(0, 1), c(25, 35))
latent <- matrix(rnorm(n * 6), n)
x <- sapply(1:40, function(j) {
  noise <- if (j %% 3 == 0) 0.25 else 0.7
  value <- latent[, 1 + j %% 6] + noise * rnorm(n)
  value * (1 + (j %% 4) * 0.35 * positive) + (j %% 5) * 0.18 * positive
})
x[, 40] <- round(x[, 40])
x <- signif(x, 8)
test_of <- function(v, centre) {
  group <- factor(positive)
  list(
    levene = leveneTest(v, group, center = centre)[1, "Pr(>F)"],
    student = t.test(v ~ group, var.equal = TRUE)$p.value,
    welch = t.test(v ~ group)$p.value,
    mann_whitney = suppressWarnings(wilcox.test(v ~ group, exact = FALSE)$p.value)
  )
}
centred <- function(centre) lapply(seq_len(ncol(x)), function(j) test_of(x[, j], centre))
column <- function(tests, name) sapply(tests, function(t) t[[name]])
tests <- centred(mean)
levene <- list(mean = column(tests, "levene"), median = column(centred(median), "levene"))
dropped <- list()
for (method in c("pearson", "spearman")) {
  for (threshold in c(0.6, 0.8, 0.9)) {
    r <- cor(x, method = method)
    dropped[[length(dropped) + 1]] <- list(
      kind = unbox(method),
      threshold = unbox(threshold),
      mean = sort(findCorrelation(r, threshold, exact = FALSE)) - 1,
      mean_exact = sort(findCorrelation(r, threshold, exact = TRUE)) - 1
    )
  }
}
write(
  toJSON(
    list(
      made_by = unbox(paste0(
        R.version.string,
        ", car ",
        packageVersion("car"),
        ", caret ",
        packageVersion("caret"),
        ": leveneTest, t.test, wilcox.test(exact = FALSE), findCorrelation"
      )),
      columns = lapply(seq_len(ncol(x)), function(j) x[, j]),
      positive = positive,
      levene = levene,
      student = column(tests, "student"),
      welch = column(tests, "welch"),
      mann_whitney = column(tests, "mann_whitney"),
      dropped = dropped
    ),
    digits = NA
  ),
  arguments[1]
)
