# Partial likelihoods of given linear predictors, for prognosis_oracle_test.cpp. Run: Rscript cox_loss.R > cox_loss.json
# survival 3.5-3: coxph(Surv(time, event) ~ eta, ties = "efron", init = 1, iter.max = 0)$loglik[1]
library(survival)
set.seed(4)
case <- function(n, times, censored) {
  d <- data.frame(
    time = sample(times, n, replace = TRUE),
    event = as.integer(runif(n) > censored),
    eta = round(rnorm(n, 0, 1.5), 3)
  )
  fit <- coxph(Surv(time, event) ~ eta, d, ties = "efron", init = 1, control = coxph.control(iter.max = 0))
  sprintf(
    '{"time": [%s], "event": [%s], "eta": [%s], "loglik": %.15g}',
    toString(d$time),
    toString(d$event),
    toString(d$eta),
    fit$loglik[1]
  )
}
cat(
  '{"source": "R survival ',
  as.character(packageVersion("survival")),
  ': coxph, ties efron, init 1, iter.max 0",\n',
  ' "cases": [\n  ',
  paste(c(case(8, 1:100, 0), case(20, 1:6, 0.4), case(40, 1:9, 0.7), case(5, 3, 0.3)), collapse = ",\n  "),
  "\n]}\n",
  sep = ""
)
