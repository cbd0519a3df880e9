// Asks Dawn for a WebGPU adapter. Prints its name and exits 0, or exits 1 where there is none.
// In a process of its own: a broken driver may take the process with it, and a driver that was
// installed a moment ago is only found by a new one.
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
// Dawn's instance must outlive every promise that it has given out.
globalThis.dawn = create([]);
const adapter = await globalThis.dawn.requestAdapter();
if (!adapter) process.exit(1);
const device = await adapter.requestDevice();
const { vendor, architecture, device: model, description } = adapter.info;
console.log([vendor, architecture, model, description].filter(Boolean).join(' '));
device.destroy();
