package io.github.diffusionhost.plugins.mlflow.store;

import io.github.diffusionhost.api.tracker.RunEnd;

/** The states of a run, with the numbers of MLflow's {@code RunStatus} in service.proto. */
public enum Status {
  RUNNING(1),
  FINISHED(3),
  FAILED(4),
  KILLED(5);

  public final int number;

  Status(int number) {
    this.number = number;
  }

  public static Status of(RunEnd.Outcome outcome) {
    return switch (outcome) {
      case FINISHED -> FINISHED;
      case INTERRUPTED -> KILLED;
      case FAILED -> FAILED;
    };
  }
}
