import { Tape } from '../../../src/autograd/tape.ts';
import { Variable } from '../../../src/autograd/variable.ts';
import { DiceCELoss } from '../../../src/nn/dice_ce_loss.ts';
import { Adam } from '../../../src/train/adam.ts';
import { oneCycle } from '../../../src/train/one_cycle.ts';
import type { GoldenHandler, GoldenResult } from '../case.ts';
import { goldenNetwork } from '../network.ts';

/** Some optimiser steps on one batch. */
export const handler: GoldenHandler = async (c) => {
  const { steps, lr: lrMax, wd, sqr_mom: sqrMomentum, eps, one_cycle: isOneCycle } = c.params;
  // '0.9 constant'
  const momentum = Number.parseFloat(c.params.mom ?? '0.9');
  const network = goldenNetwork(c);
  const parameters = network.namedParameters();
  const adam = new Adam(c.gpu, parameters, { weightDecay: wd, sqrMomentum, eps });
  try {
    const undecayed = parameters.filter(({ weightDecay }) => !weightDecay).map(({ name }) => name);
    if (c.params.no_wd && undecayed.join() !== c.params.no_wd.join()) {
      throw new Error(`without weight decay: got ${undecayed}, expected ${c.params.no_wd}`);
    }
    const [image, label] = [c.input('x'), c.input('target')];
    const losses: number[] = [];
    const rates: { lr: number; momentum: number }[] = [];
    for (let step = 0; step < steps; step++) {
      const rate = isOneCycle ? oneCycle(step / steps, { lrMax }) : { lr: lrMax, momentum };
      using tape = new Tape(c.gpu);
      const x = new Variable(tape.upload(Float32Array.from(image.data), image.shape));
      const target = tape.upload(Uint32Array.from(label.data), label.shape);
      const loss = new DiceCELoss().forward(tape, network.forward(tape, x), target);
      tape.backward(loss);
      losses.push((await c.gpu.read(loss.value))[0]!);
      rates.push(rate);
      adam.step(tape, rate);
    }
    const results: Record<string, GoldenResult> = {
      losses: { data: losses },
      lr: { data: rates.map(({ lr }) => lr) },
      mom: { data: rates.map(({ momentum }) => momentum) },
    };
    const final = await network.stateDict();
    for (const [name, { data }] of final) {
      // A bias in front of a norm has no gradient but rounding noise, which Adam scales up.
      const activation = name.replace(/conv\.bias$/, 'adn.A.weight');
      const isNoise = activation !== name && final.has(activation);
      results[`final:${name}`] = isNoise ? { data, where: () => false } : { data };
    }
    return results;
  } finally {
    adam.dispose();
    network.dispose();
  }
};
