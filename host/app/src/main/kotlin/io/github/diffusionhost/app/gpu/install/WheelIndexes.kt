package io.github.diffusionhost.app.gpu.install

import io.github.diffusionhost.api.dataset.RemoteFile
import io.github.diffusionhost.app.gpu.CudaBuild
import io.github.diffusionhost.app.words.UserError
import io.github.diffusionhost.engine.download.DownloadException
import io.github.diffusionhost.engine.download.Inquiry
import io.github.diffusionhost.engine.files.Sha256
import java.net.URI
import org.slf4j.Logger
import org.slf4j.LoggerFactory

/** What has to be downloaded for a build: [torch], and what that needs, null while only torch itself knows it. */
internal data class WheelDownloads(val torch: RemoteFile, val libraries: List<RemoteFile>?) {
  val all: List<RemoteFile>
    get() = listOf(torch) + libraries.orEmpty()
}

/**
 * The indexes that wheels come from.
 *
 * @param torch an address that ends in `/`: below it each distribution has a page of its own, PyTorch's first
 * @param others mirrors of NVIDIA's wheels, asked in their order
 */
internal class WheelIndexes(
  private val inquiry: Inquiry,
  val torch: URI = URI("https://download.pytorch.org/whl/cu128/"),
  private val others: List<URI> = listOf(URI("https://pypi.org/simple/")),
) {
  /**
   * Looks up what has to be downloaded, and how large it is.
   *
   * @throws UserError if an index cannot be reached, or does not have a wheel
   */
  fun downloads(build: CudaBuild): WheelDownloads {
    val offered = offered("torch", torch).filter { it.wheel.version == build.wheelVersion && it.wheel.fits }
    // The libraries are the same for each Python.
    val link =
      offered.minByOrNull { if (it.wheel.python == PYTHON) "" else it.wheel.python }
        ?: throw UserError("${torch}torch/ has no wheel of torch ${build.wheelVersion} for Linux x86-64; $OFFLINE")
    val remote = remote(listOf(link))
    val metadata = metadata(link) ?: return WheelDownloads(remote, null)
    return WheelDownloads(remote, libraries(metadata))
  }

  /**
   * The wheels of the libraries that torch needs.
   *
   * @throws UserError if no index has one of them; the message names them all
   */
  fun libraries(torch: WheelMetadata): List<RemoteFile> {
    val found = torch.libraries.map { it to find(it) }
    val missing = found.filter { (_, links) -> links.isEmpty() }.map { (wanted, _) -> wanted }
    if (missing.isNotEmpty()) {
      val indexes = (listOf(this.torch) + others).joinToString(" and ")
      throw UserError("$indexes have no wheel of ${missing.joinToString(", ")} for Linux x86-64; $OFFLINE")
    }
    return found.map { (_, links) -> remote(links) }
  }

  /** The same file wherever it is offered. */
  private fun find(wanted: Requirement): List<WheelLink> {
    val links =
      (listOf(torch) + others).flatMap { index ->
        try {
          offered(wanted.distribution, index).filter { it.wheel.version == wanted.version && it.wheel.fits }.take(1)
        } catch (e: UserError) {
          log.debug("{} is looked for elsewhere", wanted, e)
          emptyList()
        }
      }
    return links.filter { it.sha256 == links.first().sha256 }
  }

  private fun offered(distribution: String, index: URI): List<WheelLink> =
    try {
      inquiry.page(index.resolve("$distribution/")).let { wheelLinks(it.text(), it.address()) }
    } catch (e: DownloadException) {
      throw UserError("${e.message}; try again later, or $OFFLINE", cause = e)
    }

  private fun metadata(link: WheelLink): WheelMetadata? {
    val address = link.metadata ?: return null
    val text =
      try {
        inquiry.page(address).text()
      } catch (e: DownloadException) {
        log.debug("{} is read from the wheel itself", address, e)
        return null
      }
    if (link.metadataSha256 != null && Sha256.of(text.toByteArray()) != link.metadataSha256) {
      throw UserError("$address is not what its index promises: wrong content; try again later, or $OFFLINE")
    }
    return WheelMetadata.parse(text)
  }

  private fun remote(links: List<WheelLink>): RemoteFile {
    val bytes =
      try {
        links.firstNotNullOfOrNull { sizeOrNull(it.address, last = it == links.last()) }
      } catch (e: DownloadException) {
        throw UserError("${e.message}; try again later, or $OFFLINE", cause = e)
      }
    return RemoteFile(links[0].wheel.file, links.map { it.address }, checkNotNull(bytes), links[0].sha256)
  }

  private fun sizeOrNull(address: URI, last: Boolean): Long? =
    try {
      inquiry.bytes(address)
    } catch (e: DownloadException) {
      if (last) throw e
      log.debug("the size is asked elsewhere", e)
      null
    }

  private companion object {
    /** Any would do. */
    const val PYTHON = "cp312"
    const val OFFLINE = "host gpu install --from FOLDER takes files that are there already"
    val log: Logger = LoggerFactory.getLogger(WheelIndexes::class.java)
  }
}
