package io.github.diffusionhost.app.doctor

import io.github.diffusionhost.app.gpu.LibtorchChoice
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.createFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.writeText

private const val GIB = 1L shl 30
private val BROUGHT = LibtorchChoice(emptyMap(), "the one that the program brings along")

class ExaminationsSpec :
  FunSpec({
    val folder = tempdir().toPath()

    test("an examination that fails is a finding, and the others go on") {
      val fails =
        object : Examination {
          override val area = "tea"

          override fun findings(): List<Finding> = throw IOException("the pot is empty")
        }
      val works =
        object : Examination {
          override val area = "cake"

          override fun findings() = listOf(Finding(area, "slices", "3"))
        }
      val found = examine(listOf(fails, works)) { "in words" }
      found.map { it.area to it.verdict } shouldContainExactly listOf("tea" to Verdict.BROKEN, "cake" to Verdict.OK)
      found.first().found shouldBe "in words, since IOException: the pot is empty"
      doctorText(found) shouldContain "Broken: 1."
    }

    test("a folder is told with its free space, and nothing is left in it") {
      val where = folder.resolve("fine/deeper")
      val found = FolderExamination(listOf(WrittenFolder("runs", where, "Go away")), { 9 * GIB }).findings().single()
      found shouldBe Finding("disk", "runs", "$where, 9.0 GiB free")
      folder.listDirectoryEntries().shouldBeEmpty()
    }

    test("a folder that cannot be written says what to do; one that is needed is broken") {
      val file = folder.resolve("file").createFile()
      fun finding(needed: Boolean) =
        FolderExamination(listOf(WrittenFolder("data", file.resolve("in"), "Set IT", needed))).findings().single()
      finding(false).verdict shouldBe Verdict.NOTE
      finding(true).verdict shouldBe Verdict.BROKEN
      finding(true).found shouldBe "$file/in cannot be written: Not a directory"
      finding(true).remedy shouldBe "Set IT"
    }

    test("little room is a note") {
      val written = WrittenFolder("runs", folder, "Start in another folder")
      val found = FolderExamination(listOf(written)) { GIB }.findings().single()
      found.verdict shouldBe Verdict.NOTE
      found.remedy shouldBe "Make room, or start in another folder"
    }

    test("a JVM with a small heap, or with file names in ASCII alone, is a note") {
      val properties = mapOf("java.version" to "17.0.1", "java.vendor" to "V", "java.home" to "/j")
      fun verdicts(encoding: String, heap: Long) =
        JavaExamination({ (properties + ("sun.jnu.encoding" to encoding))[it] }, heap).findings().map { it.verdict }
      verdicts("UTF-8", 4 * GIB) shouldContainExactly listOf(Verdict.OK, Verdict.OK, Verdict.OK)
      verdicts("ANSI_X3.4-1968", GIB / 4) shouldContainExactly listOf(Verdict.OK, Verdict.NOTE, Verdict.NOTE)
    }

    test("little memory is a note, and a CPU without bfloat16 is told to use fp32") {
      fun found(flags: Set<String>?, free: Long) = MachineExamination("Toy", flags, 2, 8 * GIB, free).findings()
      val poor = found(setOf("fpu", "avx2"), GIB)
      poor.map { it.verdict } shouldContainExactly listOf(Verdict.OK, Verdict.OK, Verdict.NOTE, Verdict.OK)
      poor.last().found shouldBe "AVX2, without bfloat16; use fp32 here"
      found(setOf("avx2", "avx512f", "avx512_bf16"), 5 * GIB).last().found shouldBe "AVX-512, with bfloat16"
      found(null, 5 * GIB).map { it.what } shouldContainExactly listOf("system", "processor", "memory")
    }

    test("without the launcher's settings of memory the launcher is the remedy") {
      val set = listOf("ARENA_MAX", "MMAP_THRESHOLD_", "TOP_PAD_", "TRIM_THRESHOLD_").associate { "MALLOC_$it" to "1" }
      LauncherExamination(set, "/opt/host", "Linux").findings().map { it.verdict }.distinct() shouldBe
        listOf(Verdict.OK)
      val found = LauncherExamination(set - "MALLOC_TOP_PAD_" + ("OMP_NUM_THREADS" to "1"), null, "Linux").findings()
      found.map { it.verdict }.distinct() shouldBe listOf(Verdict.NOTE)
      found[1].remedy shouldContain "without MALLOC_TOP_PAD_ a training step"
      found[2].found shouldBe "OMP_NUM_THREADS=1"
      found[2].remedy shouldContain "how many cores"
      val rubbish = LauncherExamination(set + ("OMP_NUM_THREADS" to "many"), "/opt/host", "Linux").findings().last()
      rubbish.remedy shouldBe "That is no number of threads; unset it"
      LauncherExamination(emptyMap(), "/opt/host", "Mac OS X").findings().map { it.verdict }.distinct() shouldBe
        listOf(Verdict.OK)
    }

    test("libtorch is told with its files, its flavour and why it is this one") {
      val libraries = listOf("/t/libtorch_cpu.so", "/c/0.35.1-libdjl_torch.so").map(Path::of)
      val loaded = LoadedLibtorch("0.35.1", "2.7.1", 0, 2, libraries)
      val own = LibtorchExamination(emptyMap(), BROUGHT) { loaded }.findings()
      own.associate { it.what to it.found } shouldBe
        mapOf(
          "DJL" to "0.35.1",
          "version" to "2.7.1",
          "library" to "/t/libtorch_cpu.so",
          "JNI library" to "/c/0.35.1-libdjl_torch.so",
          "flavour" to "CPU, the one that the program brings along",
          "threads" to "2 for an operation",
        )
      val named = mapOf("PYTORCH_LIBRARY_PATH" to "$folder", "PYTORCH_VERSION" to "2.5.1")
      val other =
        LibtorchExamination(named, LibtorchChoice(emptyMap(), "since PYTORCH_LIBRARY_PATH is $folder")) {
            loaded.copy(libraries = listOf("libtorch_cpu.so", "libtorch_cuda.so").map(folder.toRealPath()::resolve))
          }
          .findings()
      other.single { it.what == "library" }.verdict shouldBe Verdict.OK
      other.single { it.what == "version" }.verdict shouldBe Verdict.BROKEN
      other.single { it.what == "flavour" }.found shouldBe "CUDA, since PYTORCH_LIBRARY_PATH is $folder"
    }

    test("an installed libtorch is told as such, and one that was not loaded is broken") {
      val properties = mapOf("PYTORCH_LIBRARY_PATH" to "/i/torch/lib", "PYTORCH_FLAVOR" to "cu128")
      val choice = LibtorchChoice(properties, "which host gpu install has brought, for gpu:0, H100")
      fun flavour(vararg libraries: String) =
        LibtorchExamination(emptyMap(), choice) {
            LoadedLibtorch("0.35.1", "2.7.1", 1, 2, libraries.map { Path.of("/i/torch/lib").resolve(it) })
          }
          .findings()
          .single { it.what == "flavour" }
      flavour("libtorch_cuda.so").found shouldBe "CUDA, which host gpu install has brought, for gpu:0, H100"
      flavour("libtorch_cpu.so").verdict shouldBe Verdict.OK // a device is counted
      val none =
        LibtorchExamination(emptyMap(), choice) { LoadedLibtorch("0.35.1", "2.7.1", 0, 2, listOf()) }
          .findings()
          .single { it.what == "flavour" }
      none.verdict shouldBe Verdict.BROKEN
      none.remedy shouldBe "host gpu remove, then host gpu install"
    }

    test("a libtorch that cannot be loaded is broken, with the cause and what to look at") {
      fun broken(variables: Map<String, String>): Finding {
        val examination =
          LibtorchExamination(variables, BROUGHT) {
            throw IllegalStateException("no engine", UnsatisfiedLinkError("libcudart.so.12: not found"))
          }
        return examine(listOf(examination)) { it.message.orEmpty() }.single()
      }
      broken(emptyMap()).found shouldBe "no engine, since UnsatisfiedLinkError: libcudart.so.12: not found"
      broken(emptyMap()).remedy shouldBe null
      broken(mapOf("PYTORCH_VERSION" to "9.9")).remedy shouldContain "Look at PYTORCH_VERSION, or unset all of"
      broken(mapOf("PYTORCH_LIBRARY_PATH" to "$folder")).remedy shouldContain "Look at PYTORCH_LIBRARY_PATH"
      broken(mapOf("PYTORCH_LIBRARY_PATH" to "/none")).found shouldBe
        "PYTORCH_LIBRARY_PATH is /none, where there is no folder"
    }

    test("a named folder or flavour that is not what is loaded is said") {
      val loaded = LoadedLibtorch("0.35.1", "2.7.1", 0, 2, listOf(Path.of("/c/libtorch_cpu.so")))
      fun found(what: String, vararg variables: Pair<String, String>) =
        LibtorchExamination(mapOf(*variables), BROUGHT) { loaded }.findings().single { it.what == what }
      val library = found("library", "PYTORCH_LIBRARY_PATH" to "$folder")
      library.verdict shouldBe Verdict.BROKEN
      library.found shouldBe "/c/libtorch_cpu.so, and not in ${folder.toRealPath()}, which PYTORCH_LIBRARY_PATH names"
      val flavour = found("flavour", "PYTORCH_FLAVOR" to "cu128")
      flavour.verdict shouldBe Verdict.NOTE
      flavour.found shouldBe "CPU, and PYTORCH_FLAVOR is cu128"
      found("flavour", "PYTORCH_FLAVOR" to "cpu").verdict shouldBe Verdict.OK
    }

    test("the libraries of a process are read from Linux's table, each once") {
      val maps = folder.resolve("maps")
      maps.writeText(
        "7f00-7f01 r-xp 00000000 08:01 12 /t/lib torch_cpu.so\n7f01-7f02 r--p 0000 08:01 12 /t/lib torch_cpu.so\n" +
          "7f02-7f03 rw-p 0000 00:00 0 [heap]\n7f03-7f04 r--p 0000 08:01 14 /usr/lib/x.jar\n7f05-7f06 r-xp 0 0 1 /c/libc.so.6\n"
      )
      LibtorchExamination.libraries(maps).map { "$it" } shouldContainExactly
        listOf("/t/lib torch_cpu.so", "/c/libc.so.6")
      LibtorchExamination.libraries(folder.resolve("none")).shouldBeEmpty()
    }

    test("the table shows the remedy in the row that needs it") {
      val rows = listOf(Finding("a", "b", "fine"), Finding("c", "d", "torn", Verdict.NOTE, "Sew it"))
      val text = doctorText(rows)
      text shouldContain "note  c     d     torn. Sew it"
      text.lines()[1] shouldNotContain "Sew"
      text shouldContain "Nothing is broken; 1 could be better."
    }
  })
