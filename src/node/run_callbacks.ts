/** The callbacks that the settings of a run ask for. */
import type { Callback } from '../train/callbacks/callback.ts';
import { earlyStopping } from '../train/callbacks/early_stopping.ts';
import { emaWeights } from '../train/callbacks/ema_weights.ts';
import { gradientClip } from '../train/callbacks/gradient_clip.ts';
import type { RunConfig } from '../train/run_config.ts';
import { csvLogger } from './callbacks/csv_logger.ts';
import { tensorBoard } from './callbacks/tensor_board.ts';
import type { RunFolder } from './run_folder.ts';

/** The same for the same settings; they write into the run's folder. */
export function runCallbacks({ training, tracking }: RunConfig, folder: RunFolder): Callback[] {
  const { earlyStopping: patience, ema, clipGrad } = training;
  return [
    csvLogger({ path: folder.historyCsv }),
    ...(tracking?.tensorBoard ? [tensorBoard({ logDir: folder.tensorBoard })] : []),
    ...(clipGrad === undefined ? [] : [gradientClip({ maxNorm: clipGrad })]),
    ...(ema === undefined ? [] : [emaWeights({ decay: ema })]),
    ...(patience === undefined ? [] : [earlyStopping({ monitor: 'accumulated_dice', patience })]),
  ];
}
