/** Which patch comes when, while subjects may turn out to be unreadable. */
import type { PlannedPatch } from './queue_plan.ts';

/** An epoch's plan, in which the patches of unreadable subjects go to others. */
export class ReadingPlan {
  private readonly patches: PlannedPatch[];
  private readonly samplesPerVolume: number;
  private readonly subjects: number;
  /** Positions of each subject's patches, ascending. */
  private readonly positions = new Map<number, number[]>();

  /** @param subjects of the whole list, planned or not */
  constructor(patches: readonly PlannedPatch[], samplesPerVolume: number, subjects: number) {
    this.patches = [...patches];
    this.samplesPerVolume = samplesPerVolume;
    this.subjects = subjects;
    for (const [position, { subject }] of patches.entries()) this.add(subject, position);
  }

  get length(): number {
    return this.patches.length;
  }

  at(position: number): PlannedPatch {
    return this.patches[position]!;
  }

  /** Positions of a subject's patches from `from` on, ascending. */
  positionsOf(subject: number, from: number): number[] {
    return this.positions.get(subject)?.filter((position) => position >= from) ?? [];
  }

  /**
   * Gives patches of an unreadable subject to the next readable one in the list, as samples of their
   * own. In which order subjects turn out to be unreadable makes no difference.
   *
   * @returns false if no subject is left
   */
  replace(
    subject: number,
    positions: readonly number[],
    isReadable: (subject: number) => boolean,
  ): boolean {
    let other = (subject + 1) % this.subjects;
    while (other !== subject && !isReadable(other)) other = (other + 1) % this.subjects;
    if (other === subject) return false;
    for (const position of positions) {
      const { sample } = this.at(position);
      const isOwn = sample < this.samplesPerVolume;
      this.patches[position] = {
        subject: other,
        sample: isOwn ? this.samplesPerVolume * (subject + 1) + sample : sample,
      };
      this.add(other, position);
    }
    const moved = new Set(positions);
    this.positions.set(
      subject,
      this.positions.get(subject)!.filter((position) => !moved.has(position)),
    );
    this.positions.get(other)!.sort((a, b) => a - b);
    return true;
  }

  private add(subject: number, position: number): void {
    const list = this.positions.get(subject);
    if (list) list.push(position);
    else this.positions.set(subject, [position]);
  }
}
