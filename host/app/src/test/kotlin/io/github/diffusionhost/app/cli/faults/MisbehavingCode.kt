package io.github.diffusionhost.app.cli.faults

private const val MAPPED = "if (true) return true;"

/** In the second thread, once eight steps are done: all images are read once before them. */
private const val AHEAD = "calls > 200 && Thread.currentThread().getName().equals(\"images ahead\")"

/** Faults of metrics and trackers, and of code that harms the process. */
internal val MISBEHAVING_CODE =
  listOf(
    Misbehaviour(
      "has a metric that does not start",
      mapOf("metric.create" to THROW),
      1,
      null,
      listOf("$PLAYED_METRIC, create: $NIGHT"),
      listOf("metrics=[{use: metric-played}]"),
    ),
    Misbehaviour(
      "has a metric with a fault",
      mapOf("metric.add" to "if (true) throw new IndexOutOfBoundsException(\"7 of 3\");"),
      0,
      12,
      listOf("step 12 is not measured; the training goes on: $PLAYED_METRIC, add: IndexOutOfBoundsException: 7 of 3"),
      listOf("metrics=[{use: metric-played, samples: 2}]"),
    ),
    Misbehaviour(
      "has a metric that reports null",
      mapOf("metric.report" to "if (true) return null;"),
      0,
      12,
      listOf("step 12 is not measured; the training goes on: $PLAYED_METRIC, report: it returned null"),
      listOf("metrics=[{use: metric-played, samples: 2}]"),
    ),
    Misbehaviour(
      "has a metric that reports nothing",
      mapOf("metric.report" to "if (true) return new MetricReport(Map.of(), List.of(), Map.of());"),
      0,
      12,
      listOf(
        "step 12 is not measured; the training goes on: $PLAYED_METRIC, report: it returned neither a number nor a figure"
      ),
      listOf("metrics=[{use: metric-played, samples: 2}]"),
    ),
    Misbehaviour(
      "has a metric that interrupts the thread",
      mapOf("metric.add" to "Thread.currentThread().interrupt();"),
      0,
      12,
      listOf(
        "step 12 is not measured; the training goes on: $PLAYED_METRIC, add: it has interrupted the thread that called it"
      ),
      listOf("metrics=[{use: metric-played, samples: 2}]"),
    ),
    Misbehaviour(
      "has a tracker with a fault",
      mapOf("tracker.log" to THROW),
      0,
      12,
      listOf("tracker tracker-played: it is night; the training goes on without it"),
      listOf("tracker=tracker-played"),
    ),
    Misbehaviour(
      "eats the heap",
      mapOf("dataset.augment" to "if (calls == 18) { $EAT }"),
      1,
      8,
      listOf(
        "$PLAYED_DATASET, augment: out of memory: Java heap space, of ",
        " of heap; more heap: DIFFUSIONHOST_JAVA_OPTS",
      ),
      process = true,
    ),
    Misbehaviour(
      "asks for an array that is larger than any memory",
      mapOf("scheduler.loss" to "if (calls == 11) images.getManager().zeros(new Shape(1L << 46));"),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: out of memory: 262144.0 GiB for an array"),
    ),
    Misbehaviour(
      "exits in its provider's constructor",
      mapOf("dataset.provider" to "System.exit(0);"),
      1,
      null,
      listOf("plugin played-dataset 1.0.0, constructor of Dataset: it called System.exit, which ends the host"),
      process = true,
    ),
    Misbehaviour(
      "exits in the middle of a step",
      mapOf("scheduler.loss" to "if (calls == 11) System.exit(0);"),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: it called System.exit", "the training is saved up to its last whole step"),
      process = true,
    ),
    Misbehaviour(
      "cannot read an image ahead of its step",
      mapOf(
        "dataset.mapped" to MAPPED,
        "dataset.read" to "if ($AHEAD) throw new IOException(\"image \" + index + \" is torn\");",
      ),
      1,
      SOME_STEP,
      listOf("$PLAYED_DATASET: image", "is torn"),
      listOf("train.steps=200"),
    ),
    Misbehaviour(
      "exits while it reads an image ahead",
      mapOf("dataset.mapped" to MAPPED, "dataset.read" to "if ($AHEAD) System.exit(0);"),
      1,
      SOME_STEP,
      listOf("$PLAYED_DATASET, read: it called System.exit", "the training is saved up to its last whole step"),
      listOf("train.steps=200"),
      process = true,
    ),
    Misbehaviour(
      "exits from a thread of its own",
      mapOf(
        "scheduler.loss" to
          "if (calls == 11) new Thread(() -> System.exit(0)).start(); if (calls > 11) Thread.sleep(100);"
            .replace("Thread.sleep(100);", "try { Thread.sleep(100); } catch (InterruptedException e) { }")
      ),
      1,
      SOME_STEP,
      listOf("$PLAYED_SCHEDULER, ", "it called System.exit", "the training is saved up to its last whole step"),
      process = true,
    ),
    Misbehaviour(
      "prints, and mutes the host",
      mapOf(
        "dataset.open" to
          "System.out.println(\"hello\"); System.out.close(); System.err.close();" +
            "System.setOut(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()));" +
            "System.setErr(System.out);",
        "scheduler.samples" to "if (samples == 2) throw new IllegalStateException(\"it is night\");",
      ),
      0,
      12,
      listOf("hello", "no samples after step 8"),
      process = true,
    ),
    Misbehaviour(
      "leaves a thread behind",
      mapOf(
        "dataset.open" to
          "new Thread(() -> { try { Thread.sleep(1000000); } catch (InterruptedException e) { } }).start();"
      ),
      0,
      12,
      listOf(),
      process = true,
    ),
  )
