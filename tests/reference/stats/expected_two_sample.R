# Writes expected_two_sample.json: R's t tests, Levene's test and Mann–Whitney of random samples, and adjusted P.
#   Rscript expected_two_sample.R expected_two_sample.json
# Needs r-cran-jsonlite and r-cran-car.
suppressMessages({
  library(jsonlite)
  library(car)
})
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(31)
draw <- function(n, kind) {
  switch(
    kind,
    normal = rnorm(n, 3, 2),
    skewed = exp(rnorm(n)),
    tied = as.numeric(rpois(n, 3)),
    far = 1e6 + rnorm(n),
    wide = 1e-9 * rnorm(n, 0.4, 5)
  )
}
levene_of <- function(groups, centre) {
  y <- unlist(groups)
  group <- factor(rep(seq_along(groups), lengths(groups)))
  leveneTest(y, group, center = centre)
}
cases <- list()
for (kind in c("normal", "skewed", "tied", "far", "wide")) {
  for (n in list(c(2, 3), c(7, 5), c(30, 18), c(60, 75), c(177, 107))) {
    a <- signif(draw(n[1], kind), 12)
    b <- signif(draw(n[2], kind) * runif(1, 0.7, 2), 12)
    if (kind == "tied" && n[1] < 7) {
      next
    }
    student <- t.test(a, b, var.equal = TRUE)
    welch <- t.test(a, b)
    mean_centred <- levene_of(list(a, b), mean)
    median_centred <- levene_of(list(a, b), median)
    three <- levene_of(list(a, b, a[-1] * 1.5), median)
    rank <- suppressWarnings(wilcox.test(a, b, exact = FALSE))
    cases[[length(cases) + 1]] <- list(
      a = a,
      b = b,
      student = c(student$statistic, student$parameter, student$p.value),
      welch = c(welch$statistic, welch$parameter, welch$p.value),
      levene_mean = c(mean_centred[1, "F value"], mean_centred[1, "Df"], mean_centred[1, "Pr(>F)"]),
      levene_median = c(median_centred[1, "F value"], median_centred[1, "Df"], median_centred[1, "Pr(>F)"]),
      levene_three = c(three[1, "F value"], three[1, "Df"], three[1, "Pr(>F)"]),
      mann_whitney = c(rank$statistic, rank$p.value)
    )
  }
}
p <- signif(c(runif(20)^3, 0.04, 0.04, NA, 1, 0, 1e-12), 12)
adjusted <- sapply(c("none", "bonferroni", "holm", "BH", "BY"), function(m) p.adjust(p, m), simplify = FALSE)
write(
  toJSON(
    list(
      made_by = unbox(paste0(
        R.version.string,
        ", car ",
        packageVersion("car"),
        ": t.test, leveneTest, wilcox.test(exact = FALSE), p.adjust"
      )),
      cases = lapply(cases, function(x) lapply(x, unname)),
      p = p,
      adjusted = adjusted
    ),
    digits = NA,
    na = "null"
  ),
  arguments[1]
)
