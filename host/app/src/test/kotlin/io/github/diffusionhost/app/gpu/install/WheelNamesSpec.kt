package io.github.diffusionhost.app.gpu.install

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.net.URI

private val HASH = "0123456789abcdef".repeat(4)

/** What names, pages, `METADATA` and `RECORD` say, in the forms in which PyTorch, PyPI and NVIDIA write them. */
class WheelNamesSpec :
  FunSpec({
    test("the name of a wheel") {
      val torch = WheelName.parse("torch-2.7.1%2Bcu128-cp312-cp312-manylinux_2_28_x86_64.whl")
      torch shouldBe
        WheelName(
          "torch-2.7.1+cu128-cp312-cp312-manylinux_2_28_x86_64.whl",
          "torch",
          "2.7.1+cu128",
          "cp312",
          listOf("manylinux_2_28_x86_64"),
        )
      val cusparse = "nvidia_cusparse_cu12-12.5.7.53-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
      WheelName.parse(cusparse)?.distribution shouldBe "nvidia-cusparse-cu12"
      WheelName.parse(cusparse)?.fits shouldBe true
      WheelName.parse("a-1-7_build-py3-none-linux_x86_64.whl")?.version shouldBe "1"
      for (other in listOf("win_amd64", "manylinux_2_28_aarch64", "macosx_11_0_arm64", "musllinux_1_2_x86_64", "any")) {
        WheelName.parse("torch-2.7.1-cp312-none-$other.whl")?.fits shouldBe false
      }
      for (none in
        listOf(
          "torch-2.7.1.tar.gz",
          "torch.whl",
          "a-b-c-d-e-f-g.whl",
          "%zz-1-py3-none-any.whl",
          "a/../b-1-2-3-4.whl",
        )) {
        WheelName.parse(none) shouldBe null
      }
    }

    test("links of an index: absolute, relative, with metadata or without, and only those with a checksum") {
      val page =
        """
        <!DOCTYPE html><html><body><h1>Links for torch</h1>
        <a href="/whl/cu128/torch-2.7.1%2Bcu128-cp312-cp312-manylinux_2_28_x86_64.whl#sha256=$HASH" data-dist-info-metadata="sha256=$HASH" data-core-metadata="sha256=$HASH">torch</a><br/>
        <A class=x HREF='https://files.example.org/a/b-1-py3-none-linux_x86_64.whl#sha256=${HASH.uppercase()}' data-requires-python="&gt;=3.8" data-core-metadata>b</A>
        <a href="c-1-py3-none-linux_x86_64.whl?x=1&amp;y=2#sha256=$HASH" data-core-metadata=false>c</a>
        <a href="d-1-py3-none-linux_x86_64.whl">no checksum</a>
        <a href="e-1-py3-none-linux_x86_64.whl#md5=00">another checksum</a>
        <a href="f-1.tar.gz#sha256=$HASH">no wheel</a>
        <a href="ht tp://[#sha256=$HASH">no address</a><a>nothing</a>
        </body></html>
        """
      val links = wheelLinks(page, URI("https://download.pytorch.org/whl/cu128/torch/"))
      links.map { it.wheel.distribution } shouldContainExactly listOf("torch", "b", "c")
      val torch = "https://download.pytorch.org/whl/cu128/torch-2.7.1%2Bcu128-cp312-cp312-manylinux_2_28_x86_64.whl"
      links[0].address shouldBe URI(torch)
      links[0].metadata shouldBe URI("$torch.metadata")
      links[0].metadataSha256 shouldBe HASH
      links[1].sha256 shouldBe HASH
      links[1].metadata shouldBe URI("https://files.example.org/a/b-1-py3-none-linux_x86_64.whl.metadata")
      links[1].metadataSha256 shouldBe null
      links[2].address.query shouldBe "x=1&y=2"
      links[2].metadata shouldBe null
    }

    test("METADATA names the libraries that are needed on Linux x86-64") {
      val metadata =
        WheelMetadata.parse(
          """
          Metadata-Version: 2.1
          Name: torch
          Version: 2.7.1+cu128
          Requires-Dist: filelock
          Requires-Dist: nvidia-cublas-cu12==12.8.3.14; platform_system == "Linux" and platform_machine == "x86_64"
          Requires-Dist: nvidia_cudnn_cu12 (==9.7.1.26) ; (platform_system == 'Linux' and python_version >= '3.9')
          Requires-Dist: nvidia-jetson==1.0; platform_system == "Linux" and platform_machine == "aarch64"
          Requires-Dist: nvidia-windows==1.0; sys_platform != "linux"
          Requires-Dist: nvidia-optional==1.0; extra == "more"
          Requires-Dist: nvidia-cufile-cu12==1.13.0.11
          Requires-Dist: triton==3.3.1; platform_system == "Linux"

          Requires-Dist: nvidia-description==1.0
          """
            .trimIndent()
        )
      metadata?.distribution shouldBe "torch"
      metadata?.version shouldBe "2.7.1+cu128"
      metadata?.libraries shouldBe
        listOf(
          Requirement("nvidia-cublas-cu12", "12.8.3.14"),
          Requirement("nvidia-cudnn-cu12", "9.7.1.26"),
          Requirement("nvidia-cufile-cu12", "1.13.0.11"),
        )
      WheelMetadata.parse("Name: torch\n\nVersion: 1") shouldBe null
      WheelMetadata.parse("") shouldBe null
    }

    test("RECORD") {
      // SHA-256 of nothing, as FIPS 180-4's test vectors have it, in URL-safe base64.
      val empty = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
      val hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      recordedSha256(
        "a/b.so,sha256=$empty,0\r\n\"with,comma\"\"\",sha256=$empty,0\nx/RECORD,,\nodd\nm,md5=00,3\nn,sha256=$empty,"
      ) shouldBe mapOf("a/b.so" to hex, "with,comma\"" to hex, "n" to hex)
    }

    test("which files are installed") {
      for (wanted in
        listOf(
          "torch/lib/libc10.so",
          "nvidia/cudnn/lib/libcudnn_adv.so.9",
          "cusparselt/lib/libcusparseLt.so.0",
          "torch/lib/libgomp-98b21ff3.so.1",
        )) {
        LibraryNames.isWanted(wanted) shouldBe true
      }
      for (other in
        listOf(
          "torch/lib/libtorch_python.so",
          "torch/lib/libshm.so",
          "torch/lib/libtorch_global_deps.so",
          "torch/_C.cpython-312-x86_64-linux-gnu.so",
          "torch/lib/readme.txt",
          "nvidia/cublas/include/cublas.h",
          "nvidia/cublas/lib/stubs/libcublas.so",
          "lib/libc10.so",
          "torch/lib/.so",
        )) {
        LibraryNames.isWanted(other) shouldBe false
      }
    }
  })
