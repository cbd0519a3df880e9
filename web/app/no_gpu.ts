/** What to do where there is no WebGPU, by browser. */
import { GpuError } from '../../src/index.ts';
import { element } from '../common/element.ts';
import { plainMessage } from './plain_message.ts';

export interface BrowserFacts {
  readonly userAgent: string;
  /** Whether the page came over https or from this machine. */
  readonly isSecure: boolean;
  /** Whether the browser knows WebGPU at all, be there an adapter or not. */
  readonly hasWebGpu: boolean;
}

const CHROME = [
  'Chrome and Edge have WebGPU from version 113 on (Android 121). Under Settings, System, switch on "Use graphics acceleration", and start the browser anew.',
  'On Linux, or where the graphics processor is on the browser\'s block list, open chrome://flags, enable "Unsafe WebGPU Support" and "Vulkan", and start the browser anew. chrome://gpu tells what it found.',
];
const FIREFOX = [
  'Firefox has WebGPU from version 141 on Windows and 145 on Macs with Apple silicon. Elsewhere set dom.webgpu.enabled to true in about:config, or take Firefox Nightly, Chrome or Edge.',
];
const SAFARI = [
  'Safari has WebGPU from version 26 on (macOS, iOS and iPadOS). Before that, take Chrome or Edge on a Mac, or update the iPhone or iPad: there every browser depends on the system.',
];
const OTHERS = ['Take a current Chrome, Edge, Firefox or Safari.'];

/** Sentences, the most likely help first. */
export function whatToDo({ userAgent, isSecure, hasWebGpu }: BrowserFacts): readonly string[] {
  if (!isSecure) {
    return [
      'This page came over plain http. Browsers offer WebGPU only to pages from https addresses and from the machine itself: open it as https, or from http://localhost.',
    ];
  }
  if (/Firefox\//.test(userAgent)) return FIREFOX;
  if (/(iPhone|iPad)/.test(userAgent)) return SAFARI;
  if (/(Chrome|Chromium|Edg)\//.test(userAgent)) return hasWebGpu ? [...CHROME].reverse() : CHROME;
  return /Safari\//.test(userAgent) ? SAFARI : OTHERS;
}

/** `It is so. It has this. Do that.` -> `It is so.` */
const firstSentence = (text: string): string => text.replace(/([.!?])\s.*$/s, '$1');

/**
 * Shows on the page why nothing can be computed here, and what to do.
 *
 * @returns the same in one line
 */
export function showNoGpu(place: HTMLElement, error: unknown): string {
  const reason = plainMessage(error);
  // A worker that does not start is no matter of browsers.
  const isAboutGpu = error instanceof GpuError;
  const advice = isAboutGpu
    ? whatToDo({
        userAgent: navigator.userAgent,
        isSecure: isSecureContext,
        hasWebGpu: 'gpu' in navigator,
      })
    : ['Load the page again. If that does not help, start the browser anew.'];
  const shown = isAboutGpu ? firstSentence(reason) : reason;
  place.replaceChildren(
    element('h2', {}, 'Nothing can be computed here yet'),
    element('p', {}, shown),
    element('ul', {}, ...advice.map((sentence) => element('li', {}, sentence))),
  );
  place.hidden = false;
  return `${shown} ${advice[0]}`;
}
