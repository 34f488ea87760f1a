package io.github.diffusionhost.plugins.fidelity.extract.inception;

import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Branches;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Chain;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Convolution;
import io.github.diffusionhost.plugins.fidelity.extract.inception.InceptionLayer.Pooling;

/**
 * The layers of TensorFlow's Inception network of 2015-12-05, as pytorch-fid and torch-fidelity
 * name them: Szegedy et al. 2015, arXiv 1512.00567, figures 5 to 7 and 10. It differs from the
 * Inception v3 of torchvision in its pools: means count no pixels beyond the edge, and the last
 * block has a maximum instead.
 */
final class InceptionLayers {
  /** Height and width of the images. */
  static final int EDGE = 299;

  /** How many features it has. */
  static final int FEATURES = 2048;

  /** How many classes it names; ImageNet's thousand and eight of TensorFlow's. */
  static final int CLASSES = 1008;

  private InceptionLayers() {}

  /** From images [N,3,299,299] to [N,2048,8,8]. */
  static Chain all() {
    return Chain.of(
        valid("Conv2d_1a_3x3", 3, 32, 3, 2),
        valid("Conv2d_2a_3x3", 32, 32, 3, 1),
        same("Conv2d_2b_3x3", 32, 64, 3, 3),
        Pooling.HALVING,
        same("Conv2d_3b_1x1", 64, 80, 1, 1),
        valid("Conv2d_4a_3x3", 80, 192, 3, 1),
        Pooling.HALVING,
        blockA("Mixed_5b.", 192, 32),
        blockA("Mixed_5c.", 256, 64),
        blockA("Mixed_5d.", 288, 64),
        halvingB("Mixed_6a.", 288),
        blockC("Mixed_6b.", 128),
        blockC("Mixed_6c.", 160),
        blockC("Mixed_6d.", 160),
        blockC("Mixed_6e.", 192),
        halvingD("Mixed_7a.", 768),
        blockE("Mixed_7b.", 1280, Pooling.MEAN),
        blockE("Mixed_7c.", 2048, Pooling.MAXIMUM));
  }

  private static Branches blockA(String name, int in, int pooled) {
    return Branches.of(
        same(name + "branch1x1", in, 64, 1, 1),
        Chain.of(
            same(name + "branch5x5_1", in, 48, 1, 1), same(name + "branch5x5_2", 48, 64, 5, 5)),
        Chain.of(
            same(name + "branch3x3dbl_1", in, 64, 1, 1),
            same(name + "branch3x3dbl_2", 64, 96, 3, 3),
            same(name + "branch3x3dbl_3", 96, 96, 3, 3)),
        Chain.of(Pooling.MEAN, same(name + "branch_pool", in, pooled, 1, 1)));
  }

  private static Branches halvingB(String name, int in) {
    return Branches.of(
        valid(name + "branch3x3", in, 384, 3, 2),
        Chain.of(
            same(name + "branch3x3dbl_1", in, 64, 1, 1),
            same(name + "branch3x3dbl_2", 64, 96, 3, 3),
            valid(name + "branch3x3dbl_3", 96, 96, 3, 2)),
        Pooling.HALVING);
  }

  private static Branches blockC(String name, int between) {
    return Branches.of(
        same(name + "branch1x1", 768, 192, 1, 1),
        Chain.of(
            same(name + "branch7x7_1", 768, between, 1, 1),
            same(name + "branch7x7_2", between, between, 1, 7),
            same(name + "branch7x7_3", between, 192, 7, 1)),
        Chain.of(
            same(name + "branch7x7dbl_1", 768, between, 1, 1),
            same(name + "branch7x7dbl_2", between, between, 7, 1),
            same(name + "branch7x7dbl_3", between, between, 1, 7),
            same(name + "branch7x7dbl_4", between, between, 7, 1),
            same(name + "branch7x7dbl_5", between, 192, 1, 7)),
        Chain.of(Pooling.MEAN, same(name + "branch_pool", 768, 192, 1, 1)));
  }

  private static Branches halvingD(String name, int in) {
    return Branches.of(
        Chain.of(
            same(name + "branch3x3_1", in, 192, 1, 1), valid(name + "branch3x3_2", 192, 320, 3, 2)),
        Chain.of(
            same(name + "branch7x7x3_1", in, 192, 1, 1),
            same(name + "branch7x7x3_2", 192, 192, 1, 7),
            same(name + "branch7x7x3_3", 192, 192, 7, 1),
            valid(name + "branch7x7x3_4", 192, 192, 3, 2)),
        Pooling.HALVING);
  }

  private static Branches blockE(String name, int in, Pooling pool) {
    return Branches.of(
        same(name + "branch1x1", in, 320, 1, 1),
        Chain.of(
            same(name + "branch3x3_1", in, 384, 1, 1),
            Branches.of(
                same(name + "branch3x3_2a", 384, 384, 1, 3),
                same(name + "branch3x3_2b", 384, 384, 3, 1))),
        Chain.of(
            same(name + "branch3x3dbl_1", in, 448, 1, 1),
            same(name + "branch3x3dbl_2", 448, 384, 3, 3),
            Branches.of(
                same(name + "branch3x3dbl_3a", 384, 384, 1, 3),
                same(name + "branch3x3dbl_3b", 384, 384, 3, 1))),
        Chain.of(pool, same(name + "branch_pool", in, 192, 1, 1)));
  }

  private static Convolution same(String name, int in, int out, int height, int width) {
    return new Convolution(name, in, out, height, width, 1, true);
  }

  private static Convolution valid(String name, int in, int out, int edge, int stride) {
    return new Convolution(name, in, out, edge, edge, stride, false);
  }
}
