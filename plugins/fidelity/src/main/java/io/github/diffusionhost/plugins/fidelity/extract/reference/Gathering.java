package io.github.diffusionhost.plugins.fidelity.extract.reference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.diffusionhost.api.arrays.ArrayScope;
import io.github.diffusionhost.plugins.fidelity.kept.KeptFile;
import io.github.diffusionhost.plugins.fidelity.stats.FeatureTable;
import io.github.diffusionhost.plugins.fidelity.stats.Gaussian;
import io.github.diffusionhost.plugins.fidelity.stats.Moments;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;

/** What is made of the features of reference images, batch by batch, and kept in a file. */
sealed interface Gathering extends AutoCloseable {
  /** Takes the features [N,D] of some of the images. */
  void add(NDArray features);

  /** Writes what was found of all of them. */
  void write(KeptFile file) throws IOException;

  @Override
  void close();

  /** Nothing gathered yet. */
  static Gathering of(ReferenceWish.Kind kind, NDManager manager) {
    return switch (kind) {
      case MOMENTS -> new OfMoments(new Moments(manager), manager);
      case FEATURES -> new OfFeatures(new FeatureTable(manager));
    };
  }

  /** Mean and covariance. */
  record OfMoments(Moments moments, NDManager manager) implements Gathering {
    private static final String MEAN = "mean";
    private static final String COVARIANCE = "covariance";
    private static final String COUNT = "count";

    @Override
    public void add(NDArray features) {
      moments.add(features);
    }

    @Override
    public void write(KeptFile file) throws IOException {
      Gaussian found = moments.gaussian();
      int dimension = found.dimension();
      Shape square = new Shape(dimension, dimension);
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      ArrayScope.run(
          () -> {
            arrays.put(COUNT, manager.create(new long[] {found.count()}));
            arrays.put(MEAN, manager.create(found.mean().data, new Shape(dimension)));
            arrays.put(COVARIANCE, manager.create(found.covariance().data, square));
            file.write(arrays);
          });
    }

    /** Reads what was written. */
    static Gaussian read(KeptFile file, NDManager manager) throws IOException {
      return ArrayScope.value(
          () -> {
            Map<String, NDArray> arrays = file.read(manager, Set.of(MEAN, COVARIANCE, COUNT));
            NDArray mean = arrays.get(MEAN);
            int dimension = Math.toIntExact(mean.size());
            return new Gaussian(
                arrays.get(COUNT).getLong(0),
                DMatrixRMaj.wrap(1, dimension, mean.toDoubleArray()),
                DMatrixRMaj.wrap(dimension, dimension, arrays.get(COVARIANCE).toDoubleArray()));
          });
    }

    @Override
    public void close() {
      moments.close();
    }
  }

  /** The features themselves. */
  record OfFeatures(FeatureTable table) implements Gathering {
    private static final String FEATURES = "features";

    @Override
    public void add(NDArray features) {
      table.add(features);
    }

    @Override
    public void write(KeptFile file) throws IOException {
      file.write(Map.of(FEATURES, table.rows()));
    }

    /** Reads what was written, [N,D] float32. */
    static NDArray read(KeptFile file, NDManager manager) throws IOException {
      return file.read(manager, Set.of(FEATURES)).get(FEATURES);
    }

    @Override
    public void close() {
      table.close();
    }
  }
}
