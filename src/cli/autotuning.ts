/** Choosing kernels, as commands do it and tell about it. */
import { choiceFile } from '../node/choice_store.ts';
import { openGpu } from '../node/dawn.ts';
import type { TuneOptions, Tuning } from '../node.ts';
import { showDuration } from './terminal.ts';

export const AUTOTUNE_FLAG = '--no-autotune';
export const AUTOTUNE_HELP = 'take fixed kernels, not the fastest on this adapter';

/** How commands choose: on a device of its own, with a file of the user's to remember. */
export function autotuning(show: {
  readonly note: (note: string) => void;
  readonly line: (line: string) => void;
}): { readonly autotune: TuneOptions; readonly onTuned: (tuning: Tuning) => void } {
  const store = choiceFile();
  return {
    autotune: {
      open: openGpu,
      store,
      onProgress: (done, total) => {
        if (done < total) show.note(`choosing kernels ${done}/${total}`);
      },
      onNote: (note) => show.line(`note: ${note}`),
    },
    onTuned: ({ measured, seconds }) => {
      if (measured === 0) return;
      show.line(
        `chose the fastest kernels for ${measured} convolutions in ${showDuration(seconds)}, kept in ${store.place}`,
      );
    },
  };
}
