/**
 * The factor that keeps gradients in half precision: as large as they allow, and halved when one of
 * them overflows. A power of two costs no digits.
 */

/** What a resumed run needs, and how it went. */
export interface LossScale {
  readonly scale: number;
  /** Steps since the scale changed. */
  readonly goodSteps: number;
  /** Steps that changed nothing, as a gradient had overflowed. */
  readonly skippedSteps: number;
}

const FIRST_SCALE = 2 ** 16;
const GROWTH = 2;
const BACKOFF = 0.5;
const GROWTH_INTERVAL = 2000;

/** @see torch.amp.GradScaler, with its defaults; Micikevicius et al. 2018, "Mixed precision training" */
export class LossScaler {
  private current: LossScale = { scale: FIRST_SCALE, goodSteps: 0, skippedSteps: 0 };

  get state(): LossScale {
    return this.current;
  }

  /** Continues from `state`. */
  load(state: LossScale): void {
    this.current = state;
  }

  /** Learns whether a gradient of the last step has overflowed, so that it was skipped. */
  update(overflowed: boolean): void {
    const { scale, goodSteps, skippedSteps } = this.current;
    if (overflowed) {
      this.current = { scale: scale * BACKOFF, goodSteps: 0, skippedSteps: skippedSteps + 1 };
    } else if (goodSteps + 1 === GROWTH_INTERVAL) {
      this.current = { scale: scale * GROWTH, goodSteps: 0, skippedSteps };
    } else {
      this.current = { scale, goodSteps: goodSteps + 1, skippedSteps };
    }
  }
}
