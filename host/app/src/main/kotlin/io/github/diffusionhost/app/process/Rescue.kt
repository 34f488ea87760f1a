package io.github.diffusionhost.app.process

/** What is saved of a training when a plugin's code ends the process in the middle of it. */
class Rescue {
  private class Training(val thread: Thread, val save: () -> Boolean?)

  @Volatile private var training: Training? = null

  /** Whether the training is to save a checkpoint after the step at hand and end. */
  @Volatile
  var stopping = false
    private set

  /**
   * Trains, on this thread.
   *
   * @param save saves what is there, called from another thread while this one stands still; false if it cannot be,
   *   null if there is nothing
   */
  fun <T> training(save: () -> Boolean?, block: () -> T): T {
    training = Training(Thread.currentThread(), save)
    try {
      return block()
    } finally {
      training = null
    }
  }

  /**
   * Saves the training, if there is one.
   *
   * @param standing the thread that will never go on
   * @param awaitEnd waits until the command has ended, for a training on another thread
   * @return whether it is saved; null if there is nothing to save
   */
  fun save(standing: Thread, awaitEnd: () -> Unit): Boolean? {
    val now = training ?: return null
    if (now.thread === standing) return now.save()
    stopping = true
    awaitEnd()
    return training == null
  }
}
