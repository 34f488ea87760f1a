package io.github.diffusionhost.app.plugins.jar

import io.github.diffusionhost.api.text.Utf8
import java.io.IOException
import java.nio.file.Path
import java.util.jar.Attributes
import java.util.jar.Manifest
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import org.pf4j.ManifestPluginDescriptorFinder
import org.pf4j.PluginDescriptor
import org.pf4j.processor.ExtensionStorage

/**
 * A jar that describes a plugin as it should; none of its code has run yet.
 *
 * @property found where it lies
 * @property stored the copy that its classes are read from
 * @property extensions the classes that its index names
 */
internal class PluginJar(
  val found: FoundJar,
  val stored: StoredJar,
  val descriptor: PluginDescriptor,
  val extensions: Set<String>,
) {
  val id: String
    get() = descriptor.pluginId

  val version: String
    get() = descriptor.version

  override fun toString() = "$id $version (${found.path})"
}

/** A jar that is open for reading what describes a plugin. Close it before the plugin runs. */
internal class PluginJarFile(private val found: FoundJar, private val stored: StoredJar) : AutoCloseable {
  private val zip = open(stored.path)

  /** The plugin's id; null before the manifest is read or if it names none. */
  var pluginId: String? = null
    private set

  /** @throws RefusedException if the jar is not a plugin for this version of the contract */
  fun read(contract: ContractVersion): PluginJar {
    val descriptor = readDescriptor()
    contract.check(descriptor)
    refuseCopiesOfTheHost()
    return PluginJar(found, stored, descriptor, readExtensions())
  }

  private fun readDescriptor(): PluginDescriptor {
    val bytes = readEntry(MANIFEST) ?: throw RefusedException("it has no $MANIFEST", ADD_MANIFEST)
    val manifest =
      try {
        Manifest(withoutMark(bytes).inputStream())
      } catch (e: IOException) {
        throw RefusedException("its manifest is broken: ${inWords(e)}", ADD_MANIFEST, e)
      }
    val attributes = manifest.mainAttributes
    pluginId = required(attributes, ManifestPluginDescriptorFinder.PLUGIN_ID, "my-plugin")
    required(attributes, ManifestPluginDescriptorFinder.PLUGIN_VERSION, "1.0.0")
    required(attributes, ManifestPluginDescriptorFinder.PLUGIN_REQUIRES, ContractVersion.EXAMPLE)
    if (!attributes.getValue(ManifestPluginDescriptorFinder.PLUGIN_DEPENDENCIES).isNullOrBlank()) {
      val remedy = "Pack what it needs into its own jar and drop the line Plugin-Dependencies from the manifest"
      throw RefusedException("it depends on other plugins, and a plugin sees no other plugin", remedy)
    }
    return DescriptorReader.read(manifest)
  }

  private fun required(attributes: Attributes, name: String, example: String): String =
    attributes.getValue(name)?.trim()?.ifEmpty { null }
      ?: throw RefusedException("its manifest has no $name", "Add the line \"$name: $example\" to the manifest")

  private fun refuseCopiesOfTheHost() {
    for (name in zip.stream().map { it.name.replace(VERSIONED, "") }.filter { it.endsWith(".class") }) {
      if (name.startsWith(HostPackages.DJL_FOLDER)) {
        val reason = "it brings DJL along ($name), whose native library can live in one class loader only, the host's"
        throw RefusedException(reason, "Mark the dependency on ai.djl as provided, so that it stays out of the jar")
      }
      if (name.startsWith(HostPackages.CONTRACT_FOLDER)) {
        val reason = "it brings the contract along ($name), and a provider of that copy is none to the host"
        throw RefusedException(reason, "Mark the dependency on plugin-api as provided, so that it stays out of the jar")
      }
    }
  }

  private fun readExtensions(): Set<String> {
    val index = readEntry(EXTENSIONS)
    val names = LinkedHashSet<String>()
    index?.let { ExtensionStorage.read(text(EXTENSIONS, it).reader(), names) }
    if (names.isEmpty()) {
      val what = if (index == null) "it has no $EXTENSIONS" else "its $EXTENSIONS is empty"
      val remedy =
        "Annotate the provider with @Extension and let PF4J's annotation processor write the file, or write it by " +
          "hand: one class name a line"
      throw RefusedException("it holds no provider: $what", remedy)
    }
    return names
  }

  /** Not as text: a line of a manifest may end within a character. */
  private fun withoutMark(bytes: ByteArray): ByteArray =
    if (bytes.take(MARK.size) == MARK) bytes.copyOfRange(MARK.size, bytes.size) else bytes

  private fun text(name: String, bytes: ByteArray): String =
    try {
      Utf8.decode("it", bytes)
    } catch (e: IOException) {
      throw RefusedException("its $name cannot be read: ${inWords(e)}", REPLACE, e)
    }

  /** The bytes of an entry, null if there is none. What describes a plugin is small; a megabyte is none of it. */
  private fun readEntry(name: String): ByteArray? {
    val entry: ZipEntry = zip.getEntry(name) ?: return null
    val bytes =
      try {
        zip.getInputStream(entry).use { it.readNBytes(LARGEST + 1) }
      } catch (e: IOException) {
        throw RefusedException("its $name cannot be read: ${inWords(e)}", REPLACE, e)
      }
    if (bytes.size > LARGEST) {
      throw RefusedException("its $name is larger than a megabyte", "Build the jar anew")
    }
    return bytes
  }

  override fun close() = zip.close()

  private companion object {
    const val MANIFEST = "META-INF/MANIFEST.MF"
    const val EXTENSIONS = "META-INF/extensions.idx"
    const val LARGEST = 1 shl 20
    /** UTF-8's byte-order mark. */
    val MARK = listOf(0xef.toByte(), 0xbb.toByte(), 0xbf.toByte())
    const val REPLACE = "Copy or build the jar anew"
    const val ADD_MANIFEST =
      "Write a manifest with Plugin-Id, Plugin-Version and Plugin-Requires: ${ContractVersion.EXAMPLE}"
    val VERSIONED = Regex("^META-INF/versions/\\d+/")

    fun open(jar: Path): ZipFile =
      try {
        ZipFile(jar.toFile())
      } catch (e: IOException) {
        throw RefusedException("it is not a complete jar: ${inWords(e)}", REPLACE, e)
      }
  }

  private object DescriptorReader : ManifestPluginDescriptorFinder() {
    fun read(manifest: Manifest): PluginDescriptor = createPluginDescriptor(manifest)
  }
}
