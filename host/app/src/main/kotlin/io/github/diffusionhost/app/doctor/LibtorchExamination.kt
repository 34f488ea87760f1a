package io.github.diffusionhost.app.doctor

import ai.djl.engine.Engine
import ai.djl.pytorch.jni.JniUtils
import io.github.diffusionhost.app.gpu.LibtorchChoice
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.name
import kotlin.io.path.readLines

/**
 * What the process has loaded of PyTorch.
 *
 * @property version of libtorch, as DJL was told or has found
 * @property libraries the files that are loaded
 */
internal data class LoadedLibtorch(
  val djl: String,
  val version: String,
  val gpus: Int,
  val threads: Int,
  val libraries: List<Path>,
)

/**
 * DJL, libtorch and the JNI library between them: which files, which flavour, and why these.
 *
 * @property choice of libtorch, made before anything is loaded
 */
internal class LibtorchExamination(
  private val variables: Map<String, String>,
  private val choice: LibtorchChoice,
  private val loaded: () -> LoadedLibtorch = ::load,
) : Examination {
  override val area = "libtorch"

  private val given = NAMES.filter(variables::containsKey)

  override val remedy =
    when {
      given.isNotEmpty() -> "Look at ${given.joinToString(", ")}, or unset all of $ALL to use the CPU's own"
      choice.installed -> "host gpu remove, and the CPU's own is used; host gpu install brings it anew"
      else -> null
    }

  override fun findings(): List<Finding> {
    val named = variables[FOLDER]
    if (named != null && !Path.of(named).isDirectory()) {
      val remedy = "Name a folder with libtorch's libraries, or unset it to use the CPU's own"
      return listOf(Finding(area, "library", "$FOLDER is $named, where there is no folder", Verdict.BROKEN, remedy))
    }
    val found = loaded()
    return listOf(
      Finding(area, "DJL", found.djl),
      version(found),
      library(found),
      Finding(area, "JNI library", file("djl_torch", found)?.toString() ?: UNKNOWN),
      flavour(found),
      Finding(area, "threads", "${found.threads} for an operation"),
    )
  }

  private fun version(found: LoadedLibtorch): Finding {
    val named = variables["PYTORCH_VERSION"]
    if (named == null || found.version.startsWith(named)) return Finding(area, "version", found.version)
    val remedy = "Name the version that lies in $FOLDER, or unset both"
    return Finding(area, "version", "${found.version}, and PYTORCH_VERSION is $named", Verdict.BROKEN, remedy)
  }

  private fun library(found: LoadedLibtorch): Finding {
    val file = file("torch_cpu", found) ?: return Finding(area, "library", UNKNOWN)
    val named = variables[FOLDER]?.let { Path.of(it).toRealPath() }
    if (named == null || file.startsWith(named)) return Finding(area, "library", "$file")
    val remedy = "Name the folder in which libtorch_cpu.so lies, with PYTORCH_VERSION, or unset both"
    return Finding(area, "library", "$file, and not in $named, which $FOLDER names", Verdict.BROKEN, remedy)
  }

  private fun file(name: String, found: LoadedLibtorch) = found.libraries.firstOrNull { name in it.name }

  private fun flavour(found: LoadedLibtorch): Finding {
    val flavour = if (found.libraries.any { "torch_cuda" in it.name } || found.gpus > 0) "CUDA" else "CPU"
    if (choice.installed && flavour == "CPU") {
      val remedy = "host gpu remove, then host gpu install"
      return Finding(area, "flavour", "CPU, and not the one ${choice.why}", Verdict.BROKEN, remedy)
    }
    val wanted = variables[FLAVOUR]
    if (wanted != null && (wanted.startsWith("cu") != (flavour == "CUDA"))) {
      val remedy = "Set $ALL together (docs/guides/GPU.md), or unset $FLAVOUR"
      return Finding(area, "flavour", "$flavour, and $FLAVOUR is $wanted", Verdict.NOTE, remedy)
    }
    return Finding(area, "flavour", "$flavour, ${choice.why}")
  }

  internal companion object {
    const val FOLDER = "PYTORCH_LIBRARY_PATH"
    private const val FLAVOUR = "PYTORCH_FLAVOR"
    private val NAMES = listOf(FOLDER, "PYTORCH_VERSION", FLAVOUR)
    private val ALL = NAMES.joinToString(", ")
    private const val UNKNOWN = "loaded; this system does not say from where"

    fun load(): LoadedLibtorch {
      val engine = Engine.getEngine("PyTorch")
      return LoadedLibtorch(
        Engine.getDjlVersion(),
        engine.version,
        engine.gpuCount,
        JniUtils.getNumThreads(),
        libraries(Path.of("/proc/self/maps")),
      )
    }

    /** The shared libraries that a process has mapped, in the order of their addresses. */
    fun libraries(maps: Path): List<Path> =
      if (!maps.exists()) emptyList()
      else
        maps
          .readLines()
          .mapNotNull { line -> line.indexOf('/').takeIf { it >= 0 }?.let(line::substring) }
          .filter { ".so" in it }
          .distinct()
          .map(Path::of)
  }
}
