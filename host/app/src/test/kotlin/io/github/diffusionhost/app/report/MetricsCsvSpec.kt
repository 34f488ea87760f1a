package io.github.diffusionhost.app.report

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlin.io.path.readText

class MetricsCsvSpec :
  FunSpec({
    val root = tempdir().toPath()

    test("a heading, a row for each step, quotes where RFC 4180 wants them, and empty fields for no value") {
      val run = PlayedRun(root.resolve("run"))
      run.metrics(
        """{"step":5,"images":320,"seconds":1.5,"train/loss":0.25,"a,b":1,"say \"so\"":2}""" + "\n",
        """{"step":10,"images":640,"seconds":3,"train/loss":"NaN"}""" + "\n",
      )
      writeCsv(readMetrics(run.folder), root.resolve("out.csv"))
      root.resolve("out.csv").readText() shouldBe
        "step,images,seconds,train/loss,\"a,b\",\"say \"\"so\"\"\"\r\n" +
          "5,320,1.5,0.25,1,2\r\n" +
          "10,640,3,NaN,,\r\n"
    }

    test("what a spreadsheet would take for a formula says that it is text, and numbers stay numbers") {
      val run = PlayedRun(root.resolve("formula"))
      run.metrics(
        """{"step":5,"images":320,"seconds":0,"=cmd|'/c calc'!A0":-0.5,"+1":1,"-x":2,"@sum":3,"a=b":4}""" + "\n"
      )
      writeCsv(readMetrics(run.folder), root.resolve("formula.csv"))
      root.resolve("formula.csv").readText() shouldBe
        "step,images,seconds,\"'=cmd|'/c calc'!A0\",+1,\"'-x\",\"'@sum\",a=b\r\n5,320,0,-0.5,1,2,3,4\r\n"
    }

    test("numbers are read back to the same bits") {
      val value = 0.1 + 0.2
      val run = PlayedRun(root.resolve("bits"))
      run.metrics("""{"step":5,"images":320,"seconds":0,"a":$value,"b":1e-12,"c":123456789012345680}""" + "\n")
      writeCsv(readMetrics(run.folder), root.resolve("bits.csv"))
      val fields = root.resolve("bits.csv").readText().lines()[1].trim().split(",").drop(3)
      fields.map(String::toDouble) shouldBe listOf(value, 1e-12, 123456789012345680.0)
    }
  })
