# Log-rank tests with entry times, for libs/survival/tests/survival_frame_test.cpp: survdiff() refuses them, the score
# test of the exact partial likelihood is the same.
# It is taken at 0: whether the fit converges does not matter.
library(survival)
s <- c(0, 2, 1, 0, 3, 1, 0, 4, 2, 1, 0, 3)
t <- c(5, 6, 5, 8, 9, 4, 3, 9, 6, 7, 5, 8)
e <- c(1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1)
g <- c(0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1)
h <- rep(0:1, 6)
suppressWarnings(print(coxph(Surv(s, t, e) ~ g, ties = "exact")$score, digits = 15))
suppressWarnings(print(coxph(Surv(s, t, e) ~ g + strata(h), ties = "exact")$score, digits = 15))
print(survdiff(Surv(t, e) ~ g)$chisq, digits = 15)
curve <- survfit(Surv(s - 4, t - 4, e) ~ 1) # a scale that begins below 0
print(survival:::survmean(curve, rmean = 4)$matrix[c("rmean", "se(rmean)", "median")], digits = 15)
