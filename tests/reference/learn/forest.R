# Writes forest_ranger.json: what ranger makes of the table "continuous" of forest.json, means and sds over 200 seeds.
#   Rscript forest.R forest.json forest_ranger.json
# Needs ranger (0.14) and jsonlite.
library(jsonlite)
library(ranger)
arguments <- commandArgs(trailingOnly = TRUE)
table <- fromJSON(arguments[1])$tables$continuous
x <- t(table$columns)
colnames(x) <- paste0("x", seq_len(ncol(x)))
# ranger seeds tree i of a forest by i * seed: small seeds in a row would share trees.
set.seed(1)
seeds <- sample.int(.Machine$integer.max, 200)
spread <- function(fits) {
  m <- do.call(rbind, fits)
  list(mean = unname(colMeans(m)), sd = unname(apply(m, 2, sd)))
}
describe <- function(y, calls) {
  out <- list()
  for (name in names(calls)) {
    fits <- lapply(seeds, calls[[name]])
    out[[name]] <- list(
      call = unbox(paste(deparse(body(calls[[name]])[[2]]), collapse = "")),
      importance = spread(lapply(fits, function(f) f$variable.importance)),
      error = spread(lapply(fits, function(f) f$prediction.error))
    )
  }
  out
}
y <- factor(table$class)
number <- table$number
d <- as.data.frame(x)
classes <- cbind(d, y = y)
numbers <- cbind(d, y = number)
calls <- list(
  impurity = function(s) {
    ranger(y ~ ., classes, 100, probability = TRUE, min.node.size = 1, importance = "impurity", seed = s)
  },
  permutation = function(s) {
    ranger(y ~ ., classes, 100, probability = TRUE, min.node.size = 1, importance = "permutation", seed = s)
  },
  permutation_scaled = function(s) {
    ranger(
      y ~ .,
      classes,
      100,
      probability = TRUE,
      min.node.size = 1,
      importance = "permutation",
      scale.permutation.importance = TRUE,
      seed = s
    )
  },
  permutation_misclassified = function(s) {
    ranger(y ~ ., classes, 100, min.node.size = 1, importance = "permutation", seed = s)
  },
  numbers_impurity = function(s) {
    ranger(y ~ ., numbers, 100, mtry = 3, min.node.size = 1, importance = "impurity", seed = s)
  },
  numbers_permutation = function(s) {
    ranger(y ~ ., numbers, 100, mtry = 3, min.node.size = 1, importance = "permutation", seed = s)
  }
)
out <- c(list(ranger = unbox(as.character(packageVersion("ranger"))), seeds = unbox(length(seeds))), describe(y, calls))
write(toJSON(out, digits = NA), arguments[2])
