/** What the adapter's compiler says to a text, before anything runs. */
import type { Gpu } from '../../src/gpu/device.ts';
import { type Shader, sourceLine, specialisedCode } from '../../src/gpu/shader.ts';
import type { Dispatched, Edits } from './edited_scope.ts';
import { editedShader } from './shader_text.ts';

export interface CompilerMessage {
  readonly type: 'error' | 'warning' | 'info';
  /** `shaders/conv3d_forward_naive.wgsl`, or an included file. */
  readonly file: string;
  /** From 1 on; 0 where the compiler names none. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

async function messagesOf(device: GPUDevice, shader: Shader, code: string) {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: shader.name, code });
  const { messages } = await module.getCompilationInfo();
  const failure = await device.popErrorScope();
  const found = messages.map(({ type, lineNum, linePos, message }): CompilerMessage => {
    const [file = '', line = '0'] = lineNum > 0 ? sourceLine(code, lineNum).split(':') : [];
    return { type, file, line: Number(line) || 0, column: linePos, text: message };
  });
  if (failure && !found.some(({ type }) => type === 'error')) {
    found.push({ type: 'error', file: '', line: 0, column: 0, text: failure.message });
  }
  return found;
}

/**
 * Compiles the edited texts among the shaders that a launch dispatches. The device stays usable
 * whatever they hold.
 */
export async function compileEdits(
  { device }: Gpu,
  dispatched: readonly Dispatched[],
  edits: Edits,
  elem: 'f32' | 'f16',
): Promise<CompilerMessage[]> {
  const shaders = new Map(dispatched.map(({ shader }) => [shader.name, shader]));
  const messages: CompilerMessage[] = [];
  for (const [name, { code, consts = {} }] of Object.entries(edits)) {
    const shader = shaders.get(name);
    if (!shader || code === undefined) continue;
    const edited = editedShader(shader, code, 'edited');
    const known = Object.entries(consts).filter(([constant]) => constant in edited.consts);
    const usesElem = Object.values(shader.buffers).some(({ type }) => type === 'elem');
    const text = specialisedCode(edited, Object.fromEntries(known), usesElem ? elem : 'f32');
    messages.push(...(await messagesOf(device, edited, text)));
  }
  return messages;
}
