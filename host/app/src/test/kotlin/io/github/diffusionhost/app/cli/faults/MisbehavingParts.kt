package io.github.diffusionhost.app.cli.faults

/** Faults of datasets, schedulers and models. */
internal val MISBEHAVING_PARTS =
  listOf(
    Misbehaviour(
      "throws in its provider's constructor",
      mapOf("dataset.provider" to THROW),
      2,
      null,
      listOf("Plugin left out: played-dataset.jar: the constructor of Dataset has thrown $NIGHT"),
    ),
    Misbehaviour(
      "throws in its options",
      mapOf("dataset.options" to THROW),
      1,
      null,
      listOf("$PLAYED_DATASET, constructor of Options: $NIGHT"),
      listOf("dataset.count=7"),
    ),
    Misbehaviour(
      "throws when it is opened",
      mapOf("dataset.open" to THROW),
      1,
      null,
      listOf("$PLAYED_DATASET, open: $NIGHT"),
    ),
    Misbehaviour(
      "cannot read an image",
      mapOf("dataset.read" to "if (index == 3) throw new IOException(\"image 3 is torn\");"),
      1,
      null,
      listOf("$PLAYED_DATASET: image 3 is torn"),
    ),
    Misbehaviour(
      "refuses what it finds when it is opened",
      mapOf(
        "dataset.open" to "if (true) throw new IllegalArgumentException(\"there are 8 images, and 9 are wanted\");"
      ),
      2,
      null,
      listOf("$PLAYED_DATASET: there are 8 images, and 9 are wanted"),
    ),
    Misbehaviour(
      "interrupts the thread that reads",
      mapOf("dataset.read" to "if (index == 3) Thread.currentThread().interrupt();"),
      1,
      null,
      listOf("$PLAYED_DATASET, read: it has interrupted the thread that called it"),
    ),
    Misbehaviour(
      "interrupts the thread that trains",
      mapOf("scheduler.loss" to "if (calls == 11) Thread.currentThread().interrupt();"),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: it has interrupted the thread that called it"),
    ),
    Misbehaviour(
      "writes beside the place of an image",
      mapOf("dataset.read" to "if (index == 3) target[offset + 16] = 1;"),
      1,
      null,
      listOf("$PLAYED_DATASET, read: of image 3 it wrote beside the 16 bytes from the offset that it was given"),
    ),
    Misbehaviour(
      "has a class without a name",
      mapOf("dataset.classes" to "if (true) return Arrays.asList(\"zero\", null);"),
      1,
      null,
      listOf("$PLAYED_DATASET, classNames: it returned null as the name of class 1"),
    ),
    Misbehaviour(
      "does not say how its pixels are normalised",
      mapOf("dataset.normalization" to "if (true) return null;"),
      1,
      null,
      listOf("$PLAYED_DATASET, normalization: it returned null"),
    ),
    Misbehaviour(
      "says that its levels fall",
      mapOf("scheduler.edges" to "if (true) return new double[] {1, 0.5, 0};"),
      1,
      null,
      listOf("$PLAYED_SCHEDULER, levelEdges: it returned [1.0, 0.5, 0.0], which must be at least two rising numbers"),
    ),
    Misbehaviour(
      "does not say what happens at a level",
      mapOf("scheduler.at" to "if (true) return null;"),
      1,
      null,
      listOf("$PLAYED_SCHEDULER, at: it returned null"),
    ),
    Misbehaviour(
      "has no number for the condition of a level",
      mapOf("scheduler.condition" to "if (true) return Double.NaN;"),
      1,
      null,
      listOf("$PLAYED_SCHEDULER, conditionAt: it returned NaN for level 0.0, which must be a finite number"),
    ),
    Misbehaviour(
      "has a curve of one number",
      mapOf("scheduler.curves" to "if (true) return Map.of(\"u\", levels.mean());"),
      1,
      4,
      listOf("$PLAYED_SCHEDULER, curves: it returned as u an array of shape (), which must be (2)"),
    ),
    Misbehaviour(
      "needs a class that is not there",
      mapOf("scheduler.create" to "if (true) throw new NoClassDefFoundError(\"org/lost/Words\");"),
      1,
      null,
      listOf("$PLAYED_SCHEDULER, create needs the class org.lost.Words, which is not in the jar", "Pack the library"),
    ),
    Misbehaviour(
      "throws in the loss of step 9",
      mapOf("scheduler.loss" to "if (calls == 11) throw new IllegalStateException(\"it is night\");"),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: $NIGHT"),
    ),
    Misbehaviour(
      "recurses without end in the network",
      mapOf("model.predict" to "if (calls == 14) return predict(pass, x.add(calls--), condition, labels);"),
      1,
      6,
      listOf("$PLAYED_MODEL, predict: StackOverflowError"),
    ),
    Misbehaviour(
      "predicts one row for an image, which would fit all of them",
      mapOf("model.predict" to "if (true) return x.mean(new int[] {2}, true);"),
      1,
      null,
      listOf("$PLAYED_MODEL, predict: it returned an array of shape (1, 1, 1, 4), which must be (1, 1, 4, 4)"),
    ),
    Misbehaviour(
      "returns one loss for all images",
      mapOf(
        "scheduler.loss" to "if (calls == 11) return new TrainingLoss(images.mean(), images.mean(), images.mean());"
      ),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: it returned as perImage an array of shape (), which must be (4)"),
    ),
    Misbehaviour(
      "has levels that are no numbers",
      mapOf(
        "scheduler.loss" to
          "NDArray zero = images.reshape(4, -1).mean(new int[] {1}).mul(0);" +
            "if (calls == 11) return new TrainingLoss(zero, zero, zero.div(zero));"
      ),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: it returned NaN in level, which must be a finite number"),
    ),
    Misbehaviour(
      "has a squared error below zero",
      mapOf(
        "scheduler.loss" to
          "NDArray one = images.reshape(4, -1).mean(new int[] {1}).mul(0).add(1);" +
            "if (calls == 11) return new TrainingLoss(one, one.neg(), one);"
      ),
      1,
      8,
      listOf("$PLAYED_SCHEDULER, loss: it returned -1.0 in squaredError, which must be 0 or more"),
    ),
    Misbehaviour(
      "returns a loss in which the network has no part",
      mapOf(
        "scheduler.loss" to
          "NDArray each0 = images.reshape(4, -1).mean(new int[] {1}).abs();" +
            "if (calls == 11) return new TrainingLoss(each0, each0, each0);"
      ),
      1,
      8,
      listOf(
        "$PLAYED_SCHEDULER, loss: it returned a loss that does not depend on the network, so that nothing is trained"
      ),
    ),
    Misbehaviour(
      "samples what are no numbers",
      mapOf("scheduler.samples" to "if (samples == 2) return x.mul(Float.NaN);"),
      0,
      12,
      listOf("2 of 2 sampled images hold values that are not numbers, or infinite, the first of them image 0"),
    ),
    Misbehaviour(
      "closes what it has sampled",
      mapOf("scheduler.samples" to "if (samples == 2) x.close();"),
      0,
      12,
      listOf(
        "no samples after step 8; the training goes on: sampler euler-played: $PLAYED_SCHEDULER, sample: it returned " +
          "an array that was closed"
      ),
    ),
    Misbehaviour(
      "samples null",
      mapOf("scheduler.samples" to "if (samples == 2) return null;"),
      0,
      12,
      listOf(
        "no samples after step 8; the training goes on: sampler euler-played: $PLAYED_SCHEDULER, sample: it returned null"
      ),
    ),
    Misbehaviour(
      "cuts its images when it augments them",
      mapOf("dataset.augment" to "if (calls == 18) return images.get(\":, :, 1:, :\");"),
      1,
      8,
      listOf("$PLAYED_DATASET, augment: it returned an array of shape (4, 1, 3, 4), which must be (4, 1, 4, 4)"),
    ),
    Misbehaviour(
      "counts its calls, and is to be compiled",
      mapOf(),
      0,
      12,
      listOf(
        "training runs operation by operation, more slowly than compiled: ",
        "Model.calls (plugin played-model 1.0.0) went from ",
        " when the code ran once more, and what it does may depend on that",
      ),
      listOf("train.compile=true"),
    ),
    Misbehaviour(
      "cannot sample at all",
      mapOf("scheduler.sample" to THROW),
      1,
      null,
      listOf("sampler euler-played, tried for two steps before the training: $PLAYED_SCHEDULER, sample: $NIGHT"),
    ),
    Misbehaviour(
      "cannot sample during the training",
      mapOf("scheduler.samples" to "if (samples == 2) throw new IllegalStateException(\"it is night\");"),
      0,
      12,
      listOf("no samples after step 8; the training goes on: sampler euler-played: $PLAYED_SCHEDULER, sample: $NIGHT"),
    ),
  )
