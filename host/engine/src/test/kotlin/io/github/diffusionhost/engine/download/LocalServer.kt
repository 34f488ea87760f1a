package io.github.diffusionhost.engine.download

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors

/** A web server on this machine that answers each path as told and remembers what it was asked. */
class LocalServer : AutoCloseable {
  /** Path and Range header of every request. */
  val requests = CopyOnWriteArrayList<String>()

  private val threads = Executors.newCachedThreadPool()
  private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

  init {
    server.executor = threads
    server.start()
  }

  /** Answers requests for [path]; the handler is told how many there were before. */
  fun on(path: String, handler: HttpExchange.(before: Int) -> Unit): URI {
    var count = 0
    server.createContext(path) { exchange ->
      exchange.use {
        requests += path + (it.requestHeaders.getFirst("Range")?.let { range -> " $range" } ?: "")
        it.handler(count++)
      }
    }
    return URI("http://127.0.0.1:${server.address.port}$path")
  }

  override fun close() {
    server.stop(0)
    threads.shutdownNow()
  }
}

fun HttpExchange.status(code: Int) = sendResponseHeaders(code, -1)

/** Sends [content], or what the request's Range asks for of it. */
fun HttpExchange.send(content: ByteArray) {
  val from = requestHeaders.getFirst("Range")?.removePrefix("bytes=")?.removeSuffix("-")?.toInt()
  if (from == null) {
    sendResponseHeaders(200, content.size.toLong())
    responseBody.write(content)
  } else if (from >= content.size) {
    status(416)
  } else {
    responseHeaders.add("Content-Range", "bytes $from-${content.size - 1}/${content.size}")
    sendResponseHeaders(206, (content.size - from).toLong())
    responseBody.write(content, from, content.size - from)
  }
}

/** Promises all of [content], sends its first [bytes] and hangs up. */
fun HttpExchange.sendCut(content: ByteArray, bytes: Int) {
  sendResponseHeaders(200, content.size.toLong())
  responseBody.write(content, 0, bytes)
  responseBody.flush()
}
