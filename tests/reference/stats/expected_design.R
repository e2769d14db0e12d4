# Writes expected_design.json: R's terms, design matrices (without the intercept), splines, round numbers and tests of
# groups.
#   Rscript expected_design.R expected_design.json
# Needs r-cran-jsonlite and r-cran-rms. Levels are in byte order, as gliocast sorts them.
suppressMessages({
  library(jsonlite)
  library(rms)
})
arguments <- commandArgs(trailingOnly = TRUE)
invisible(Sys.setlocale("LC_COLLATE", "C"))
set.seed(4)
n <- 16
table <- data.frame(
  age = c(34, 51, 47, 62, 29, 58, 71, 44, 39, 66, 53, 48, 60, 36, 55, 42),
  volume = round(exp(rnorm(n, 3, 0.8)), 2),
  sex = rep(c("male", "female"), length.out = n),
  grade = rep(c("B", "A", "C", "a"), each = 4),
  code = rep(c(2, 10, 1), length.out = n)
)
formulas <- c(
  "age",
  "age + sex",
  "sex * age",
  "age:sex",
  "sex:grade",
  "grade + sex:grade",
  "age * sex * grade - age:sex:grade",
  "(age + sex + grade)^2",
  "sex / age",
  "grade:age + age",
  "b ~ log(volume) + I(age / 10) + I(age^2)",
  "age + sex - age",
  "factor(code) + age",
  "sex * factor(code)",
  "rcs(age, 4)",
  "rcs(age, 3) * sex",
  "log(volume + 1):sex",
  "sqrt(volume) + exp(age / 100) + grade",
  "volume + age:volume + age"
)
formulas <- sub("^b ~ ", "", formulas)
models <- lapply(formulas, function(f) {
  formula <- as.formula(paste("~", f))
  x <- model.matrix(formula, table)
  list(
    formula = unbox(f),
    terms = I(attr(terms(formula), "term.labels")),
    columns = I(colnames(x)[-1]),
    values = unname(lapply(seq_len(ncol(x))[-1], function(c) unname(x[, c])))
  )
})
samples <- list(table$age, c(table$age, NA), seq(1, 240, by = 2.3)^1.5, c(1, 1, 1, 2, 3, 4, 5, 6, 7, 8))
splines <- list()
for (s in samples) {
  for (k in 3:5) {
    knots <- rcspline.eval(s, nk = k, knots.only = TRUE)
    at <- c(min(s, na.rm = TRUE) - 1, median(s, na.rm = TRUE), max(s, na.rm = TRUE) + 5)
    terms <- rcspline.eval(at, knots = knots)
    splines[[length(splines) + 1]] <- list(
      values = s,
      k = unbox(k),
      knots = knots,
      at = at,
      terms = unname(lapply(seq_along(at), function(i) I(unname(terms[i, ]))))
    )
  }
}
ranges <- list(
  c(0, 1),
  c(0, 97),
  c(-3.2, 8.9),
  c(1e-5, 3.3e-5),
  c(5, 5),
  c(0, 0),
  c(99.5, 100.5),
  c(-1e6, 2),
  c(1.1, 1.10001)
)
round_numbers <- list()
for (r in ranges) {
  for (k in c(1, 3, 5, 10)) {
    round_numbers[[length(round_numbers) + 1]] <- list(
      low = unbox(r[1]),
      high = unbox(r[2]),
      intervals = unbox(k),
      values = I(pretty(r, k))
    )
  }
}
two <- list(
  list(c(1.1, 2.2, 3.3, 4.4), c(0.5, 2.5, 6)),
  list(c(1, 2, 2, 3), c(2, 4, 5)),
  list(rnorm(60), rnorm(55, 0.3)),
  list(c(5, 6, 7), c(1, 2, 3, 4))
)
ranks <- lapply(two, function(g) {
  w <- suppressWarnings(wilcox.test(g[[1]], g[[2]]))
  list(a = g[[1]], b = g[[2]], statistic = unbox(unname(w$statistic)), p = unbox(w$p.value))
})
many <- list(
  list(c(1, 3, 5), c(2, 4, 6, 8), c(7, 9)),
  list(c(1, 1, 2), c(2, 2, 3), c(3, 3)),
  list(rnorm(10), rnorm(10, 1), rnorm(10))
)
rank_sums <- lapply(many, function(g) {
  k <- kruskal.test(g)
  list(groups = g, statistic = unbox(unname(k$statistic)), df = unbox(unname(k$parameter)), p = unbox(k$p.value))
})
counts <- list(
  matrix(c(10, 20, 30, 40), 2),
  matrix(c(12, 5, 7, 9, 14, 3), 2),
  matrix(c(1, 1, 1, 1), 2),
  matrix(c(8, 12, 9, 11, 30, 4, 6, 7, 3), 3)
)
chi <- lapply(counts, function(m) {
  t <- suppressWarnings(chisq.test(m))
  list(
    table = lapply(seq_len(nrow(m)), function(i) m[i, ]),
    statistic = unbox(unname(t$statistic)),
    df = unbox(unname(t$parameter)),
    p = unbox(t$p.value),
    expected = unbox(min(t$expected))
  )
})
write(
  toJSON(
    list(
      r = unbox(R.version.string),
      table = table,
      models = models,
      splines = splines,
      pretty = round_numbers,
      mann_whitney = ranks,
      kruskal_wallis = rank_sums,
      chi_square = chi
    ),
    digits = NA,
    dataframe = "columns",
    na = "null"
  ),
  arguments[1]
)
