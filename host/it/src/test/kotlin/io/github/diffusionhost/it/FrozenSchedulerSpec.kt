package io.github.diffusionhost.it

import io.github.diffusionhost.app.plugins.compileJava
import io.github.diffusionhost.app.plugins.indexOf
import io.github.diffusionhost.app.plugins.manifestOf
import io.github.diffusionhost.app.plugins.writeJar
import io.github.diffusionhost.app.run.HostProcess
import io.github.diffusionhost.app.run.TINY_RUN
import io.github.diffusionhost.app.run.host
import io.github.diffusionhost.engine.log.MetricsLog
import io.github.diffusionhost.engine.train.RunDirectory
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.writeText

/**
 * The source of a scheduler `ect` whose losses have a weight.
 *
 * @param weight an expression for it
 */
private fun scheduler(weight: String) =
  """
  package demo;
  import ai.djl.ndarray.NDArray;
  import ai.djl.ndarray.types.Shape;
  import io.github.diffusionhost.api.*;
  import io.github.diffusionhost.api.model.Forward;
  import io.github.diffusionhost.api.options.Option;
  import io.github.diffusionhost.api.scheduler.*;
  import java.util.List;
  public class Ect implements SchedulerProvider<Ect.Options> {
    public record Options(@Option("a share") double share) {}
    @Override public String name() { return "ect"; }
    @Override public String summary() { return "A flow whose losses have a weight"; }
    @Override public Options defaults() { return new Options(1); }
    @Override public Scheduler create(Options options, SchedulerContext context) { return new Flow(); }
    static final class Flow implements Scheduler {
      private int calls;
      @Override public TrainingLoss loss(DenoisingNetwork network, NDArray images, Forward pass) {
        NDArray t = pass.noise().uniform(new Shape(images.getShape().get(0)));
        NDArray eps = pass.noise().normal(images.getShape());
        NDArray part = t.reshape(-1, 1, 1, 1);
        NDArray error = network.predict(eps.mul(part).add(images.mul(part.neg().add(1))), t).sub(eps.sub(images));
        NDArray squared = error.mul(error).reshape(t.getShape().get(0), -1).mean(new int[] {1});
        return new TrainingLoss(squared.mul($weight), squared, t);
      }
      @Override public double[] levelEdges() { return new double[] {0, 0.5, 1}; }
      @Override public NoiseLevel at(double level) { return new NoiseLevel(1 - level, level, -1, 1); }
      @Override public double conditionAt(double level) { return level; }
      @Override public List<SamplerFactory<?>> samplers() { return List.of(new Euler()); }
    }
    static final class Euler implements SamplerFactory<Euler.Options> {
      public record Options(@Option("a share") double share) {}
      @Override public String name() { return "euler"; }
      @Override public String summary() { return "Euler steps"; }
      @Override public Options defaults() { return new Options(1); }
      @Override public int defaultSteps() { return 3; }
      @Override public Sampler create(Options options) {
        return (network, noise, sampling) -> {
          NDArray x = noise;
          for (int i = 0; i < sampling.steps(); i++) {
            NDArray t = x.getManager().full(new Shape(x.getShape().get(0)), 1f - (float) i / sampling.steps());
            x = x.sub(network.predict(x, t).mul(1f / sampling.steps()));
          }
          return x;
        };
      }
    }
  }
  """

/** A plugin's Java state through the command line: the run trains as its code says, or says that it does not. */
class FrozenSchedulerSpec :
  FunSpec({
    val folder = tempdir().toPath()
    val config = folder.resolve("ect.yaml").apply { writeText(TINY_RUN.replace("flowmatch", "ect")) }

    fun plugins(name: String, weight: String): Path {
      val plugins = folder.resolve(name).createDirectories()
      writeJar(
        plugins.resolve("ect-1.0.0.jar"),
        manifestOf("ect"),
        compileJava(mapOf("demo.Ect" to scheduler(weight))) + indexOf("demo.Ect"),
      )
      return plugins
    }

    fun run(plugins: Path, name: String, vararg more: String) =
      host("--plugins-dir", "$plugins", "run", "--config", "$config", "--run-dir", "${folder.resolve(name)}", *more)

    fun lastLoss(name: String) =
      MetricsLog.read(RunDirectory(folder.resolve(name)).metrics()).last().values.getValue("train/loss")

    test("a scheduler that counts its calls trains as it does operation by operation, and the run says so") {
      val plugins = plugins("counting", "calls++ < 20 ? 1 : 10")
      val compiled = run(plugins, "compiled", "--set", "train.steps=40")
      compiled.exit shouldBe 0
      compiled.err shouldContain "training runs operation by operation"
      compiled.err shouldContain "demo.Ect\$Flow.calls (plugin ect 1.0.0) went from "
      run(plugins, "eager", "--set", "train.steps=40", "--set", "train.compile=false").exit shouldBe 0
      (lastLoss("compiled") / lastLoss("eager")).shouldBeBetween(0.9, 1.1, 0.0)
    }

    test("a weight that changes from outside stops the run before a checkpoint of steps in doubt") {
      val flag = folder.resolve("flag")
      val plugins = plugins("flagged", "new java.io.File(\"$flag\").exists() ? 10 : 1")
      val place = folder.resolve("stopped")
      val steps = arrayOf("--set", "train.steps=100000", "--set", "train.sampleEvery=0")
      val run = HostProcess("--plugins-dir", "$plugins", "run", "--config", "$config", "--run-dir", "$place", *steps)
      run.awaitOutput("step ")
      flag.writeText("")
      val ended = run.finish()
      ended.exit shouldBe 1
      ended.err shouldContain "the number given to mul at demo.Ect\$Flow.loss(Ect.java:"
      ended.err shouldContain "was 1 and is 10"
      ended.err shouldContain "train.compile=false"
      val last = place.resolve("checkpoints").listDirectoryEntries("step-*").maxOf { it.name.drop(5).toInt() }
      val doubted = Regex("so that steps (\\d+) to \\d+ are in doubt").find(ended.err).shouldNotBeNull()
      doubted.groupValues[1].toInt() shouldBeGreaterThan last
      ended.err shouldContain "the last good checkpoint is $place/checkpoints/step-"
    }
  })
