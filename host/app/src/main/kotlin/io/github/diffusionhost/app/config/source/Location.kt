package io.github.diffusionhost.app.config.source

/** Where a part of a config was written, from the weakest source to the strongest. */
sealed interface Location {
  /** Nobody wrote it: a default, a preset, a model's recommendation. */
  data class BuiltIn(val source: String) : Location {
    override fun toString() = source
  }

  /** A file; lines and columns count from 1, and line 0 is the file as a whole. */
  data class InFile(val file: String, val line: Int, val column: Int) : Location {
    override fun toString() = if (line == 0) file else "$file:$line:$column"
  }

  /** An option of the command line, as it was typed. */
  data class CommandLine(val option: String) : Location {
    override fun toString() = option
  }

  /** How strong the source is: a person's words count more than defaults, the command line more than the file. */
  val rank: Int
    get() =
      when (this) {
        is BuiltIn -> 0
        is InFile -> 1
        is CommandLine -> 2
      }
}
