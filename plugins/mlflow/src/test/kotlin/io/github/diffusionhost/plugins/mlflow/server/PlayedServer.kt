package io.github.diffusionhost.plugins.mlflow.server

import com.google.gson.JsonArray
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URLDecoder
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import org.mlflow.api.proto.Service
import org.mlflow_project.google.protobuf.Message
import org.mlflow_project.google.protobuf.util.JsonFormat

/**
 * MLflow's REST API as far as a tracker needs it. Bodies are read into the messages of MLflow's own client, which
 * refuses what is not in the protocol, and the limits of mlflow/utils/validation.py hold.
 */
class PlayedServer(private val artifactRoot: String = "mlflow-artifacts:/7/abc/artifacts") : AutoCloseable {
  class Answer(val status: Int, val body: String)

  val parameters = linkedMapOf<String, String>()
  val tags = linkedMapOf<String, String>()
  val metrics = CopyOnWriteArrayList<Service.Metric>()
  val artifacts = linkedMapOf<String, String>()
  val calls = CopyOnWriteArrayList<String>()
  val authorizations = CopyOnWriteArrayList<String?>()
  var experiment: String? = null
  var experimentStage = "active"
  var runs = 0
  var status: Service.RunStatus? = null
  var endTime = 0L
  var runName = ""
  var deleted = false

  /** Answers instead of the server; null leaves the call to it. */
  @Volatile var instead: (String) -> Answer? = { null }

  private val threads = Executors.newCachedThreadPool()
  private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
  val uri = "http://127.0.0.1:${server.address.port}"

  init {
    server.createContext("/") { exchange -> exchange.use(::serve) }
    server.executor = threads
    server.start()
  }

  override fun close() {
    server.stop(0)
    threads.shutdownNow()
  }

  private fun serve(exchange: HttpExchange) {
    val body = exchange.requestBody.readAllBytes().decodeToString()
    val call = "${exchange.requestMethod} ${exchange.requestURI.path}"
    calls += call
    authorizations += exchange.requestHeaders.getFirst("Authorization")
    val answer = instead(call) ?: answer(call, exchange.requestURI.rawQuery.orEmpty(), body)
    val bytes = answer.body.toByteArray()
    exchange.sendResponseHeaders(answer.status, if (bytes.isEmpty()) -1 else bytes.size.toLong())
    if (bytes.isNotEmpty()) exchange.responseBody.write(bytes)
  }

  @Synchronized
  private fun answer(call: String, query: String, body: String): Answer {
    val asked =
      query.split('&').associate {
        URLDecoder.decode(it, Charsets.UTF_8).run { substringBefore('=') to substringAfter('=', "") }
      }
    val value = asked.values.first()
    val api = "/api/2.0/mlflow"
    return try {
      when {
        call == "GET $api/experiments/get-by-name" -> byName(query.substringBefore('='), value)
        call == "POST $api/experiments/create" -> {
          experiment = message(body, Service.CreateExperiment.newBuilder()).build().name
          Answer(200, """{"experiment_id": "7"}""")
        }
        call == "POST $api/runs/create" -> create(message(body, Service.CreateRun.newBuilder()).build())
        call == "GET $api/runs/get" -> get(query.substringBefore('='), value)
        call == "POST $api/runs/search" -> search(message(body, Service.SearchRuns.newBuilder()).build())
        call == "GET $api/metrics/get-history" -> history(asked)
        call == "GET $api/artifacts/list" -> list(asked)
        call == "POST $api/runs/update" -> update(message(body, Service.UpdateRun.newBuilder()).build())
        call == "POST $api/runs/log-batch" -> log(body, message(body, Service.LogBatch.newBuilder()).build())
        call.startsWith("PUT /api/2.0/mlflow-artifacts/artifacts/") -> {
          artifacts[call.removePrefix("PUT /api/2.0/mlflow-artifacts/artifacts/")] = body
          Answer(200, "{}")
        }
        else -> Answer(404, "<html>no such page</html>")
      }
    } catch (e: IllegalArgumentException) {
      error(400, "INVALID_PARAMETER_VALUE", e.message.orEmpty())
    }
  }

  private fun byName(key: String, name: String): Answer {
    require(key == "experiment_name") { key }
    if (name != experiment) return notThere("Could not find experiment with name '$name'")
    return Answer(200, """{"experiment": {"experiment_id": "7", "lifecycle_stage": "$experimentStage"}}""")
  }

  private fun create(run: Service.CreateRun): Answer {
    require(run.experimentId == "7" && run.startTime > 0) { "experiment ${run.experimentId}" }
    runs++
    deleted = false
    status = Service.RunStatus.RUNNING
    runName = run.runName
    run.tagsList.forEach { tags[it.key] = it.value }
    return Answer(200, run())
  }

  private fun search(search: Service.SearchRuns): Answer {
    require(search.experimentIdsList == listOf("7")) { "experiments ${search.experimentIdsList}" }
    val (tag, value) =
      requireNotNull(Regex("tags\\.`([^`]+)` = '([^']+)'").matchEntire(search.filter)) { search.filter }.destructured
    if (runs == 0 || deleted || tags[tag] != value) return Answer(200, "{}")
    val found = JsonArray().also { it.add(JsonParser.parseString(run()).asJsonObject.get("run")) }
    return Answer(200, JsonObject().also { it.add("runs", found) }.toString())
  }

  /** A page has two points; numbers of 64 bits are texts, as protobuf's JSON has them, and zeros are left out. */
  private fun history(asked: Map<String, String>): Answer {
    require(asked.keys - "page_token" == setOf("run_id", "metric_key")) { "${asked.keys}" }
    require(asked["run_id"] == "r$runs") { "run ${asked["run_id"]}" }
    val all = metrics.filter { it.key == asked["metric_key"] }
    val start = asked["page_token"]?.toInt() ?: 0
    val answer = Service.GetMetricHistory.Response.newBuilder()
    all.drop(start).take(2).forEach(answer::addMetrics)
    if (start + 2 < all.size) answer.nextPageToken = "${start + 2}"
    return Answer(200, JsonFormat.printer().preservingProtoFieldNames().print(answer))
  }

  private fun list(asked: Map<String, String>): Answer {
    require(asked.keys == setOf("run_id", "path")) { "${asked.keys}" }
    val files = JsonArray()
    for (name in
      artifacts.keys.map { it.removePrefix("7/abc/artifacts/") }.filter { it.startsWith("${asked["path"]}/") }) {
      files.add(JsonObject().also { it.addProperty("path", name) })
    }
    return Answer(200, JsonObject().also { if (!files.isEmpty) it.add("files", files) }.toString())
  }

  private fun get(key: String, id: String): Answer {
    require(key == "run_id") { key }
    return if (id == "r$runs") Answer(200, run()) else notThere("Run with id=$id not found")
  }

  private fun update(run: Service.UpdateRun): Answer {
    require(run.runId == "r$runs") { "run ${run.runId}" }
    status = run.status
    endTime = run.endTime
    return Answer(200, """{"run_info": {"run_id": "${run.runId}"}}""")
  }

  private fun log(body: String, batch: Service.LogBatch): Answer {
    require(batch.runId == "r$runs") { "run ${batch.runId}" }
    require(body.length <= 1_000_000) { "a request of ${body.length} bytes" }
    require(batch.metricsCount <= 1000) { "${batch.metricsCount} metrics" }
    require(batch.paramsCount <= 100 && batch.tagsCount <= 100) { "${batch.paramsCount} params" }
    require(batch.metricsCount + batch.paramsCount + batch.tagsCount in 1..1000) { "entities" }
    val keys = batch.metricsList.map { it.key } + batch.paramsList.map { it.key } + batch.tagsList.map { it.key }
    keys.forEach { require(it.length <= 250 && Regex("[/\\w.\\- ]+").matches(it)) { "Invalid name: '$it'" } }
    for (param in batch.paramsList) {
      require(param.value.length <= 500) { "a value of ${param.value.length}" }
      require(parameters.getOrDefault(param.key, param.value) == param.value) { "Changing param values is not allowed" }
      parameters[param.key] = param.value
    }
    batch.tagsList.forEach { tags[it.key] = it.value }
    batch.metricsList.forEach { require(it.hasValue() && it.hasStep() && it.timestamp > 0) { "a metric" } }
    metrics += batch.metricsList
    return Answer(200, "{}")
  }

  private fun run(): String {
    val info = JsonObject()
    info.addProperty("run_id", "r$runs")
    info.addProperty("experiment_id", "7")
    info.addProperty("artifact_uri", artifactRoot.replace("SERVER", uri))
    info.addProperty("lifecycle_stage", if (deleted) "deleted" else "active")
    val data = JsonObject()
    if (parameters.isNotEmpty()) data.add("params", ServerRun.pairs(parameters) as JsonArray)
    val run = JsonObject()
    run.add("info", info)
    run.add("data", data)
    return JsonObject().also { it.add("run", run) }.toString()
  }

  private fun notThere(message: String) = error(404, "RESOURCE_DOES_NOT_EXIST", message)

  private fun error(status: Int, code: String, message: String): Answer {
    val body = JsonObject()
    body.addProperty("error_code", code)
    body.addProperty("message", message)
    return Answer(status, body.toString())
  }

  private fun <B : Message.Builder> message(body: String, builder: B): B {
    JsonParser.parseString(body)
    try {
      JsonFormat.parser().merge(body, builder)
    } catch (e: java.io.IOException) {
      throw IllegalArgumentException("not in the protocol: ${e.message}", e)
    }
    return builder
  }
}

private fun HttpExchange.use(block: (HttpExchange) -> Unit) =
  try {
    block(this)
  } finally {
    close()
  }
