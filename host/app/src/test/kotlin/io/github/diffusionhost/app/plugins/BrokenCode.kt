package io.github.diffusionhost.app.plugins

/** Jars whose code is wrong: the plugin's class, or its providers. */
internal val BROKEN_CODE: List<BrokenJar> =
  with(BrokenJars) {
    listOf(
      BrokenJar(
        "a plugin class without a usable constructor",
        "dots",
        "its Plugin-Class demo.Main has no public constructor that takes nothing or a PluginWrapper",
      ) {
        val main = "public class Main extends org.pf4j.Plugin { public Main(int port) {} }"
        it.jar(
          manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"),
          more = mapOf("demo.Main" to plain(main)),
        )
      },
      BrokenJar(
        "an exception in the plugin's start",
        "dots",
        "the plugin's start has thrown IllegalStateException: no luck",
      ) {
        val main =
          "public class Main extends org.pf4j.Plugin { " +
            "@Override public void start() { throw new IllegalStateException(\"no luck.\\n\\tsecond line\"); } }"
        it.jar(
          manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"),
          more = mapOf("demo.Main" to plain(main)),
        )
      },
      BrokenJar("an error in the plugin's constructor", "dots", "the plugin's start has thrown AssertionError: odd") {
        val main = "public class Main extends org.pf4j.Plugin { public Main() { throw new AssertionError(\"odd\"); } }"
        it.jar(
          manifest = manifestOf("dots") + ("Plugin-Class" to "demo.Main"),
          more = mapOf("demo.Main" to plain(main)),
        )
      },
      BrokenJar(
        "an exception in a static initializer",
        "dots",
        "the constructor of Dots has thrown ArithmeticException: / by zero",
      ) {
        it.dots("static final int ZERO = Integer.parseInt(\"0\"); static final int BAD = 1 / ZERO;")
      },
      BrokenJar(
        "an exception in the constructor",
        "dots",
        "the constructor of Dots has thrown UnsupportedOperationException",
      ) {
        it.dots("public Dots() { throw new UnsupportedOperationException(); }")
      },
      BrokenJar(
        "recursion without end in the constructor",
        "dots",
        "the constructor of Dots has thrown StackOverflowError",
      ) {
        it.dots("public Dots() { new Dots(); }")
      },
      BrokenJar("an exception that cannot even say its message", "dots", "the constructor of Dots has thrown Evil") {
        it.dots(
          "public Dots() { throw new Evil(); } static class Evil extends RuntimeException { " +
            "@Override public String getMessage() { throw this; } }"
        )
      },
      BrokenJar("an exception in name()", "dots", "name() of Dots has thrown IllegalStateException: nameless") {
        it.jar(good.values.single().replace("return \"dots\"", "throw new IllegalStateException(\"nameless\")"))
      },
      BrokenJar("no name", "dots", "name() of Dots returned null") {
        it.jar(good.values.single().replace("return \"dots\"", "return null"))
      },
      BrokenJar(
        "a name that configs cannot hold",
        "dots",
        "calls itself \"My Dots\"",
        "lower-case letters, digits and dashes",
      ) {
        it.jar(datasetSource("Dots", "My Dots"))
      },
      BrokenJar("a kind that it is not", "dots", "says that it is a model and does not implement ModelProvider") {
        it.dots("@Override public ProviderKind kind() { return ProviderKind.MODEL; }")
      },
      BrokenJar("no kind", "dots", "kind() of Dots returned null") {
        it.dots("@Override public ProviderKind kind() { return null; }")
      },
      BrokenJar("no summary", "dots", "summary() of Dots returned null") {
        it.jar(good.values.single().replace("return \"A test of loading\"", "return null"))
      },
      BrokenJar(
        "defaults that their record refuses",
        "dots",
        "defaults() of Dots has thrown IllegalArgumentException: none",
      ) {
        it.jar(
          good.values
            .single()
            .replace(
              "int count) {}",
              "int count) { public Options { " + "throw new IllegalArgumentException(\"none\"); } }",
            )
        )
      },
      BrokenJar("no defaults", "dots", "defaults() of Dots returned null") {
        it.jar(good.values.single().replace("return new Options(4)", "return null"))
      },
      BrokenJar(
        "an option without a line of documentation",
        "dots",
        "demo.Dots\$Options.count has no @Option line",
        "Annotate",
      ) {
        it.jar(good.values.single().replace("@Option(value = \"how many images\", min = 1)", ""))
      },
      BrokenJar(
        "an option of a type that configs cannot hold",
        "dots",
        "Options.count has a type that configs cannot hold",
      ) {
        it.jar(good.values.single().replace("int count", "Thread count").replace("new Options(4)", "new Options(null)"))
      },
      BrokenJar("an exception in presets()", "dots", "presets() of Dots has thrown IllegalStateException: later") {
        it.dots(presets("throw new IllegalStateException(\"later\");"))
      },
      BrokenJar("no presets", "dots", "presets() of Dots returned null") { it.dots(presets("return null;")) },
      BrokenJar("a preset that is null", "dots", "the preset small of demo.Dots is no Options") {
        it.dots(presets("return java.util.Collections.singletonMap(\"small\", null);"))
      },
      BrokenJar("a preset of another record", "dots", "the preset small of demo.Dots is no Options") {
        it.dots(
          "record Other(int count) {} @SuppressWarnings({\"unchecked\", \"rawtypes\"}) " +
            presets("return (java.util.Map) java.util.Map.of(\"small\", new Other(1));")
        )
      },
    )
  }
