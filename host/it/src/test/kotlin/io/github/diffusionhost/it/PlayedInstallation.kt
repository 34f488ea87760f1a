package io.github.diffusionhost.it

import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** What the launcher left behind. */
data class Ended(val code: Int, val out: String, val err: String)

// What the launcher and the scripts here call.
private val TOOLS =
  listOf(
    "cat",
    "env",
    "find",
    "flock",
    "grep",
    "head",
    "locale",
    "mkdir",
    "mv",
    "readlink",
    "rm",
    "sed",
    "sleep",
    "uname",
  )

/**
 * An installation of scripts that play java and mvn: java prints its arguments, one a line, and mvn writes the jar and
 * notes that it ran. The system's tools are scripts that call them, never links: whoever clears the folder away could
 * follow a link out of it.
 */
class PlayedInstallation(folder: Path) {
  val root: Path = folder.resolve("a clone with spaces").createDirectories()
  val program: Path = root.resolve("host/bin/host")
  val target: Path = root.resolve("host/app/target")
  val jar: Path = target.resolve("host.jar")
  val archive: Path = target.resolve("host-17.0.15.jsa")
  val source: Path = root.resolve("plugin-api/src/main/java/A.java")
  private val jdk = folder.resolve("the jdk")
  private val tools = folder.resolve("tools")
  private val built = folder.resolve("built")

  /** How often mvn ran. */
  val builds: Int
    get() = if (built.exists()) built.readLines().size else 0

  init {
    val launcher = Path.of(System.getProperty("repository.root"), "host/bin/host")
    script(program, launcher.readText())
    for (folderOfSources in listOf("host/engine", "plugins", "plugin-api/src/main/java")) {
      root.resolve(folderOfSources).createDirectories()
    }
    root.resolve("pom.xml").writeText("<project/>")
    source.writeText("class A {}")
    for (tool in TOOLS) script(tools.resolve(tool), "#!/bin/sh\nPATH=/usr/bin:/bin exec $tool \"$@\"\n")
    java("17.0.15")
    mvn(
      "sleep 1; mkdir -p host/app/target/lib; echo jar > host/app/target/host.jar; echo built >> '$built'; echo noise"
    )
  }

  /** Installs a JDK of a version; it writes a class archive where it is asked to. */
  fun java(version: String) {
    val play =
      """
      #!/bin/sh
      for argument; do
        case ${'$'}argument in -XX:ArchiveClassesAtExit=*) echo x >"${'$'}{argument#*=}" ;; esac
      done
      printf '%s\n' "${'$'}@"
      env | grep -e ^MALLOC_ -e ^LC_
      exit ${'$'}{JAVA_EXIT:-0}
      """
    script(jdk.resolve("bin/java"), play.trimIndent() + "\n")
    script(jdk.resolve("bin/javac"), "#!/bin/sh\n")
    jdk.resolve("release").writeText("IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"$version\"\n")
  }

  /** Installs an mvn that runs this; null: none. */
  fun mvn(commands: String?) {
    val mvn = tools.resolve("mvn")
    if (commands == null) mvn.deleteIfExists() else script(mvn, "#!/bin/sh\n$commands\n")
  }

  /** Takes a tool of the system away. */
  fun without(tool: String) {
    tools.resolve(tool).deleteIfExists()
  }

  /** Starts the launcher from another folder. */
  fun start(
    vararg arguments: String,
    program: Path = this.program,
    environment: Map<String, String> = emptyMap(),
  ): Process {
    val builder = ProcessBuilder(program.toString(), *arguments).directory(root.parent.toFile())
    builder.environment().clear()
    builder.environment() += mapOf("JAVA_HOME" to "$jdk", "PATH" to "$tools") + environment
    return builder.start()
  }

  fun run(vararg arguments: String, program: Path = this.program, environment: Map<String, String> = emptyMap()) =
    end(start(*arguments, program = program, environment = environment))

  fun end(process: Process): Ended {
    val out = process.inputStream.readAllBytes().decodeToString()
    val err = process.errorStream.readAllBytes().decodeToString()
    check(process.waitFor(20, TimeUnit.SECONDS)) { "the launcher does not end" }
    return Ended(process.exitValue(), out, err)
  }

  private fun script(file: Path, text: String) {
    file.parent.createDirectories()
    file.writeText(text)
    check(file.toFile().setExecutable(true))
  }
}
