package io.github.diffusionhost.plugins.cifar;

import io.github.diffusionhost.api.DatasetProvider;
import io.github.diffusionhost.api.dataset.DatasetContext;
import io.github.diffusionhost.api.dataset.ImageDataset;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pf4j.Extension;

/** CIFAR-10 and CIFAR-100 (Krizhevsky, 2009): 50,000 and 10,000 photographs of 32×32 pixels. */
@Extension
public final class CifarProvider implements DatasetProvider<CifarOptions> {
  @Override
  public String name() {
    return "cifar";
  }

  @Override
  public String summary() {
    return "CIFAR-10 and CIFAR-100, binary files or their .tar.gz; downloads it if there is none";
  }

  @Override
  public CifarOptions defaults() {
    return of(CifarVariant.CIFAR10);
  }

  /** {@code cifar10} and {@code cifar100}, with the labels of their classes. */
  @Override
  public Map<String, CifarOptions> presets() {
    Map<String, CifarOptions> presets =
        new LinkedHashMap<>(); // in this order wherever they are listed
    presets.put("cifar10", of(CifarVariant.CIFAR10));
    presets.put("cifar100", of(CifarVariant.CIFAR100));
    return presets;
  }

  private static CifarOptions of(CifarVariant variant) {
    return new CifarOptions(variant, CifarLabels.FINE, false, 0.5f, 0.5f, null, null);
  }

  @Override
  public ImageDataset open(CifarOptions options, DatasetContext context) throws IOException {
    CifarVariant variant = options.variant();
    CifarStore store = new CifarSource(variant, context).locate(options.path());
    LabelKind kind = kind(options);
    int limit = options.limit() == null ? Integer.MAX_VALUE : options.limit();
    CifarRecords records = new CifarReader(store, variant, context.split()).read(kind, limit);
    return new CifarDataset(records, kind, options, Math.min(limit, records.count()));
  }

  private static @Nullable LabelKind kind(CifarOptions options) {
    return switch (options.labels()) {
      case FINE -> options.variant().fine();
      case COARSE -> options.variant().coarse();
      case NONE -> null;
    };
  }
}
