# survival 3.5-3: figures of NegativeTimes in tests/cli/test_survival.py (with an entry, times may lie below 0).
library(survival)
d <- data.frame(
  start = c(-90, -80, -120, -60, -40, -100, -30, -75),
  stop = c(-20, -10, -70, 30, 55, -5, 80, -50),
  event = c(1, 0, 1, 1, 0, 1, 1, 1),
  age = c(60, 52, 71, 49, 55, 66, 41, 58)
)
options(digits = 12)
for (until in c(-8, 0, Inf)) {
  print(concordance(Surv(start, stop, event) ~ age, d, reverse = TRUE, ymax = until)$concordance)
}
print(summary(survfit(Surv(start, stop, event) ~ 1, d), rmean = -8)$table)
