import { describe, expect, it } from 'vitest';
import { whatToDo } from '../../web/app/no_gpu.ts';
import { plainMessage } from '../../web/app/plain_message.ts';

describe('plain messages', () => {
  it('begin with what is wrong, without names of functions and of the scan', () => {
    const message = 'a_1: readNifti: the file is cut off. 3 bytes. Fetch it again.';
    expect(plainMessage(new Error(message), 'a_1')).toBe(
      'The file is cut off. 3 bytes. Fetch it again.',
    );
    expect(plainMessage(new Error('prediction of a: readNifti: no image.'))).toBe(
      'Prediction of a: no image.',
    );
  });

  it('are a sentence for anything that is thrown', () => {
    expect(plainMessage('broken')).toBe('Broken');
    expect(plainMessage(new Error(''))).toBe('Something failed without a message.');
  });
});

describe('help without WebGPU', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36';
  const facts = { userAgent: chrome, isSecure: true, hasWebGpu: true };

  it('is about the address first where the page came over plain http', () => {
    expect(whatToDo({ ...facts, isSecure: false }).join()).toContain('https');
  });

  it('is about the browser in use', () => {
    const help = (userAgent: string) => whatToDo({ ...facts, userAgent })[0];
    expect(help('Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0')).toMatch(
      /^Firefox/,
    );
    const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) CriOS/120 Safari/604.1';
    expect(help(iphone)).toMatch(/^Safari/);
    expect(help('Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/17.0 Safari/605')).toMatch(
      /^Safari/,
    );
    expect(help('Lynx/2.8')).toContain('current Chrome');
  });

  it('starts with the version where Chrome knows no WebGPU, and with the flags where it has no adapter', () => {
    expect(whatToDo({ ...facts, hasWebGpu: false })[0]).toContain('version 113');
    expect(whatToDo(facts)[0]).toContain('chrome://flags');
  });
});
