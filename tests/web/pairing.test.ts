import { describe, expect, it } from 'vitest';
import { looksLikeLabel } from '../../web/app/scans/names.ts';
import { pairLabels, unpairedLabels } from '../../web/app/scans/pairing.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const pairsOf = (scans: string[], labels: string[]): Record<string, string> =>
  Object.fromEntries(
    [...pairLabels(named(...scans), named(...labels))].map(([scan, { name }]) => [scan, name]),
  );

describe('pairing of label maps with scans', () => {
  it('pairs the same names, whatever the order', () => {
    expect(pairsOf(['a', 'b'], ['b', 'a'])).toEqual({ a: 'a', b: 'b' });
  });

  it('knows usual endings of label maps, and the channel number of nnU-Net', () => {
    expect(pairsOf(['a', 'b'], ['b_seg', 'a-mask'])).toEqual({ a: 'a-mask', b: 'b_seg' });
    expect(pairsOf(['case_1_0000', 'x'], ['case_1'])).toEqual({ case_1_0000: 'case_1' });
  });

  it('takes the same name before one with an ending', () => {
    expect(pairsOf(['a', 'b'], ['a_seg', 'a'])).toEqual({ a: 'a' });
  });

  it('pairs a single scan with a single label map of any name, and only then', () => {
    expect(pairsOf(['scan'], ['drawn by hand'])).toEqual({ scan: 'drawn by hand' });
    expect(pairsOf(['scan', 'other'], ['drawn by hand'])).toEqual({});
    expect(pairsOf(['scan'], ['drawn by hand', 'other'])).toEqual({});
  });

  it('names label maps that belong to no scan', () => {
    const labels = named('a', 'stray');
    const pairs = pairLabels(named('a', 'b'), labels);
    expect(unpairedLabels(labels, pairs)).toEqual([{ name: 'stray' }]);
  });
});

describe('label maps by their names', () => {
  it('are those with a usual ending or in a folder of labels', () => {
    for (const path of ['a_seg.nii.gz', 'A_LABEL.nii', 'task/labelsTr/a.nii.gz', 'masks/x.nii']) {
      expect(looksLikeLabel(path), path).toBe(true);
    }
  });

  it('are not scans whose names only hold such a word', () => {
    for (const path of ['a.nii.gz', 'imagesTr/a.nii.gz', 'segovia_01.nii', 'labels.nii/a.nii']) {
      expect(looksLikeLabel(path), path).toBe(false);
    }
  });
});
