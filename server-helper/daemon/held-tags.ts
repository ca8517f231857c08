import type { IssuedTags, TagSource } from '../verify/tags.ts';

/** The tags that the kernel was given: by epoch, and by the id of their source. */
export class HeldTags {
  private readonly epochs = new Map<number, Map<string, IssuedTags>>();

  add(issued: IssuedTags): void {
    const held = this.epochs.get(issued.epoch) ?? new Map<string, IssuedTags>();
    this.epochs.set(issued.epoch, held);
    held.set(issued.source.id, issued);
  }

  delete({ epoch, source }: IssuedTags): void {
    this.epochs.get(epoch)?.delete(source.id);
  }

  has(epoch: number, { id }: TagSource): boolean {
    return this.epochs.get(epoch)?.has(id) === true;
  }

  /** Tags by epoch, each by the id of their source. */
  entries(): Iterable<[number, ReadonlyMap<string, IssuedTags>]> {
    return this.epochs.entries();
  }

  forgetBefore(first: number): void {
    for (const epoch of this.epochs.keys()) if (epoch < first) this.epochs.delete(epoch);
  }

  clear(): void {
    this.epochs.clear();
  }
}
