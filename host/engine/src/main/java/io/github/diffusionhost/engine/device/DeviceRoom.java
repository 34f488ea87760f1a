package io.github.diffusionhost.engine.device;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.util.cuda.CudaUtils;
import java.util.function.ToLongFunction;
import org.slf4j.LoggerFactory;

/** How much of a device's memory the arrays of a training may take. */
@FunctionalInterface
public interface DeviceRoom {
  /**
   * What a GPU has for arrays; the rest is for CUDA's context, what cuDNN and cuBLAS take for
   * themselves, and holes.
   */
  double SHARE_OF_GPU = 0.85;

  /**
   * The room in bytes. Of a GPU it is a share of all that it has, whoever uses it at the moment:
   * the same today and tomorrow, so that what follows from it is, too.
   *
   * @param held bytes of arrays that are there already and stay
   */
  long bytes(Device device, long held);

  /** Of this machine; {@link Long#MAX_VALUE} of a GPU that does not say. */
  static DeviceRoom ofMachine() {
    return of(DeviceRoom::gpuBytes);
  }

  /**
   * Of a machine.
   *
   * @param gpu all memory of a GPU, see {@link #gpuBytes}
   */
  static DeviceRoom of(ToLongFunction<Device> gpu) {
    return (device, held) -> {
      if (!device.isGpu()) {
        return available() + held;
      }
      return ofGpu(gpu.applyAsLong(device));
    };
  }

  /** The room of a GPU that has so many bytes in all; of {@link Long#MAX_VALUE} that. */
  static long ofGpu(long all) {
    return all == Long.MAX_VALUE ? all : (long) (SHARE_OF_GPU * all);
  }

  /** All memory of a GPU in bytes; {@link Long#MAX_VALUE} if it does not say. */
  static long gpuBytes(Device device) {
    try {
      return CudaUtils.getGpuMemory(device).getMax();
    } catch (EngineException | IllegalArgumentException e) {
      LoggerFactory.getLogger(DeviceRoom.class).debug("how much memory {} has", device, e);
      return Long.MAX_VALUE;
    }
  }

  /**
   * Bytes that the system could give this process, its file cache included; without Linux's
   * figures, what is unused.
   */
  static long available() {
    return HostMemory.ofSystem().available();
  }
}
