// From sums to the loss and to the numbers that its gradient needs.
//   per (n, c), or per c over all n if batch_dice:  I, P, G = sums 0, 1, 2
//   D = P + G, or 2 (P + G - I) for jaccard;  f = class weight * (1 - (2 I + nr) / (D + dr))
//   dice = mean or sum of f over c >= first_class;  ce = cross-entropy / sum of w[t], or the plain sum
//   loss = lambda_dice * dice + lambda_ce * ce
//   slopes[n, c] = lambda_dice * d dice / d I,   slopes[n, C + c] = lambda_dice * d dice / d P
//   slopes[2 N C] = d loss / d cross-entropy sum
// sums: [N, 3 C + 1] of dice_ce_partial   weight: [C]   loss, dice, ce: [1]   slopes: [2 N C + 1]
// One thread does it all: N C is small. MONAI DiceLoss, DiceCELoss.

struct Params {
  batch: u32,
  classes: u32,
  first_class: u32,
  batch_dice: u32,
  jaccard: u32,
  reduce_sum: u32,
  weighted: u32,
  dice_weighted: u32,
  smooth_nr: f32,
  smooth_dr: f32,
  lambda_dice: f32,
  lambda_ce: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> dice: array<f32>;
@group(0) @binding(5) var<storage, read_write> ce: array<f32>;
@group(0) @binding(6) var<storage, read_write> slopes: array<f32>;

@compute @workgroup_size(1)
fn main() {
  let classes = params.classes;
  let row = 3u * classes + 1u;
  let groups = select(params.batch, 1u, params.batch_dice != 0u);
  let samples = params.batch / groups;
  let is_sum = params.reduce_sum != 0u;
  let share = select(1.0 / f32(groups * (classes - params.first_class)), 1.0, is_sum);
  var dice_sum = 0.0;
  for (var group = 0u; group < groups; group++) {
    for (var c = 0u; c < classes; c++) {
      var intersection = 0.0;
      var prediction = 0.0;
      var ground_truth = 0.0;
      for (var n = group * samples; n < (group + 1u) * samples; n++) {
        intersection += sums[n * row + c];
        prediction += sums[n * row + classes + c];
        ground_truth += sums[n * row + 2u * classes + c];
      }
      var denominator = prediction + ground_truth;
      var per_intersection = 0.0; // d denominator / d intersection
      var per_prediction = 1.0;
      if (params.jaccard != 0u) {
        denominator = 2.0 * (denominator - intersection);
        per_intersection = -2.0;
        per_prediction = 2.0;
      }
      denominator += params.smooth_dr;
      let ratio = (2.0 * intersection + params.smooth_nr) / denominator;
      var w = 0.0;
      if (c >= params.first_class) {
        w = share;
        if (params.dice_weighted != 0u) {
          w *= weight[c];
        }
        dice_sum += w * (1.0 - ratio);
      }
      let slope = params.lambda_dice * w / denominator;
      for (var n = group * samples; n < (group + 1u) * samples; n++) {
        slopes[n * 2u * classes + c] = slope * (ratio * per_intersection - 2.0);
        slopes[(n * 2u + 1u) * classes + c] = slope * ratio * per_prediction;
      }
    }
  }
  var cross_entropy = 0.0;
  var weights = 0.0;
  for (var n = 0u; n < params.batch; n++) {
    cross_entropy += sums[n * row + 3u * classes];
    for (var c = 0u; c < classes; c++) {
      var w = 1.0;
      if (params.weighted != 0u) {
        w = weight[c];
      }
      weights += w * sums[n * row + 2u * classes + c];
    }
  }
  let divisor = select(weights, 1.0, is_sum);
  let ce_term = cross_entropy / divisor;
  loss[0] = params.lambda_dice * dice_sum + params.lambda_ce * ce_term;
  dice[0] = dice_sum;
  ce[0] = ce_term;
  slopes[2u * params.batch * classes] = params.lambda_ce / divisor;
}
