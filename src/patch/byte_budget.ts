/** Somebody who holds bytes that can be had again. */
export interface Evictable {
  /** Gives some of them back to the budget; false if there are none. */
  evict(): boolean;
}

/** Bytes in use against a limit. Several queues may share one. */
export class ByteBudget {
  readonly maxBytes: number;
  bytes = 0;
  peakBytes = 0;
  private readonly members = new Set<Evictable>();

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  take(bytes: number): void {
    this.bytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.bytes);
  }

  give(bytes: number): void {
    this.bytes -= bytes;
  }

  fits(bytes: number): boolean {
    return this.bytes + bytes <= this.maxBytes;
  }

  join(member: Evictable): void {
    this.members.add(member);
  }

  /** Makes one of the others give something back; false if none of them has anything. */
  evictOther(than: Evictable): boolean {
    for (const member of this.members) {
      if (member !== than && member.evict()) return true;
    }
    return false;
  }
}
