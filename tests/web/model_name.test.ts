import { describe, expect, it } from 'vitest';
import { modelFileName, nameOfNow } from '../../web/app/train/model_name.ts';

describe('names of model files', () => {
  it('are the day and the minute where nobody has typed one', () => {
    const name = nameOfNow(new Date(2026, 0, 4, 9, 5));
    expect(name).toBe('model_2026-01-04_09-05');
    expect(modelFileName('  ', name)).toBe('model_2026-01-04_09-05.safetensors');
  });

  it('keep letters of any language, and nothing that a file system forbids', () => {
    expect(modelFileName('Hüfte 3T', 'x')).toBe('Hüfte 3T.safetensors');
    expect(modelFileName('../a/b:c', 'x')).toBe('_a_b_c.safetensors');
    expect(modelFileName('mine.safetensors', 'x')).toBe('mine.safetensors');
  });
});
