import { Gpu } from '../../src/gpu/device.ts';
import { requestAdapter } from '../../src/node/dawn.ts';

/** A device of its own that works as any, and says that it can do no more than these limits. */
export async function limitedGpu(limits: Partial<GPUSupportedLimits>): Promise<Gpu> {
  const adapter = await requestAdapter();
  const requestDevice = async (descriptor: GPUDeviceDescriptor): Promise<GPUDevice> => {
    const device = await adapter.requestDevice(descriptor);
    const own = new Proxy(device.limits, {
      get: (target, name) => Reflect.get(limits, name) ?? Reflect.get(target, name, target),
    });
    return new Proxy(device, {
      get(target, name) {
        if (name === 'limits') return own;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    });
  };
  const { info, features } = adapter;
  const source = { info, features, limits: adapter.limits, requestDevice };
  return Gpu.create(source as unknown as GPUAdapter);
}
