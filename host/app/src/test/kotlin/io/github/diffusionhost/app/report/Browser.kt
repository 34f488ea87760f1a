package io.github.diffusionhost.app.report

import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.Base64
import java.util.logging.Level
import kotlin.io.path.createDirectories
import kotlin.io.path.writeBytes
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.openqa.selenium.Keys
import org.openqa.selenium.chrome.ChromeDriver
import org.openqa.selenium.chrome.ChromeDriverService
import org.openqa.selenium.chrome.ChromeOptions
import org.openqa.selenium.interactions.Actions
import org.openqa.selenium.logging.LogType

private val PROGRAMS = listOf("chromium", "google-chrome", "chrome")

/** A real Chromium without a window. */
class Browser private constructor(private val driver: ChromeDriver) : AutoCloseable {
  private val requests = mutableListOf<String>()
  private val complaints = mutableListOf<String>()

  /** Opens a file on a desktop's screen; what was noted of pages before is forgotten. */
  fun open(page: Path) {
    command("Emulation.setEmulatedMedia", mapOf("media" to "", "features" to listOf<Any>()))
    screen(1280, 900, phone = false)
    driver.get("about:blank")
    requests()
    complaints()
    requests.clear()
    complaints.clear()
    driver.get(page.toUri().toString())
  }

  /** Another screen. */
  fun screen(width: Int, height: Int, phone: Boolean) {
    command(
      "Emulation.setDeviceMetricsOverride",
      mapOf("width" to width, "height" to height, "deviceScaleFactor" to 1, "mobile" to phone),
    )
  }

  /** What the system prefers and the page is for. */
  fun media(dark: Boolean, print: Boolean = false) {
    val scheme = mapOf("name" to "prefers-color-scheme", "value" to if (dark) "dark" else "light")
    command(
      "Emulation.setEmulatedMedia",
      mapOf("media" to if (print) "print" else "screen", "features" to listOf(scheme)),
    )
  }

  /** What JavaScript gives back. */
  @Suppress("UNCHECKED_CAST") fun <T> ask(javaScript: String): T = driver.executeScript(javaScript) as T

  /** Presses keys one after the other, wherever the focus is. */
  fun press(vararg keys: Keys) = keys.forEach { Actions(driver).sendKeys(it).perform() }

  /** Puts the focus on an element. */
  fun focus(id: String) = ask<Unit?>("document.getElementById('$id').focus()")

  /** The addresses that the page has asked for since it was opened. */
  fun requests(): List<String> {
    requests +=
      driver.manage().logs().get(LogType.PERFORMANCE).mapNotNull { entry ->
        val message = Json.parseToJsonElement(entry.message).jsonObject.getValue("message").jsonObject
        val request = message["params"]?.jsonObject?.get("request")?.jsonObject
        request?.get("url")?.jsonPrimitive?.content?.takeIf { "requestWillBeSent" in message["method"].toString() }
      }
    return requests
  }

  /** The errors and warnings in the console since the page was opened. */
  fun complaints(): List<String> {
    complaints +=
      driver
        .manage()
        .logs()
        .get(LogType.BROWSER)
        .filter { it.level.intValue() >= Level.WARNING.intValue() }
        .map { it.message }
    return complaints
  }

  /** The page as it would be printed: the bytes of a PDF file. */
  fun printed(): ByteArray =
    Base64.getDecoder().decode(command("Page.printToPDF", mapOf("printBackground" to true))["data"] as String)

  /** A picture of the page's beginning. */
  fun picture(file: Path) {
    file.parent.createDirectories()
    val shot = command("Page.captureScreenshot", mapOf("format" to "png"))["data"] as String
    file.writeBytes(Base64.getDecoder().decode(shot))
  }

  override fun close() = driver.quit()

  private fun command(name: String, parameters: Map<String, Any>): Map<String, Any> =
    driver.executeCdpCommand(name, parameters)

  companion object {
    /** Whether there is a Chromium with its driver on the path. */
    val isInstalled: Boolean
      get() = program(PROGRAMS) != null && program(listOf("chromedriver")) != null

    /** Starts the installed one, with a profile of its own. */
    fun start(profile: Path): Browser {
      val options = ChromeOptions()
      options.setBinary(program(PROGRAMS)!!.toFile())
      options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=$profile",
      )
      options.setCapability("goog:loggingPrefs", mapOf(LogType.BROWSER to "ALL", LogType.PERFORMANCE to "ALL"))
      val service =
        ChromeDriverService.Builder()
          .usingDriverExecutable(program(listOf("chromedriver"))!!.toFile())
          .usingAnyFreePort()
          .build()
      val driver = ChromeDriver(service, options)
      driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(30))
      return Browser(driver)
    }

    private fun program(names: List<String>): Path? = names.firstNotNullOfOrNull { name ->
      System.getenv("PATH").split(':').map { Path.of(it, name) }.firstOrNull(Files::isExecutable)
    }
  }
}
