import { TAG_LENGTH } from '../../src/spa/tags.ts';

/** Tags of a source, one behind the other from `start` on. */
interface Block<Issued> {
  readonly start: number;
  /** Undefined once they are removed. */
  issued: Issued | undefined;
}

/** Searches in vain after which an epoch notes the first bytes of its tags: somebody floods a gate whose kernel drops no junk. */
const MOST_VAIN = 200;
/** Bytes of the first tags of an epoch. */
const FIRST_SIZE = 4096;

/**
 * The tags of an epoch, behind one another in one piece of memory. With thousands of clients there are as many tags as a map would
 * take a second to fill and 100 bytes each to hold; they are searched for a few times a second at most.
 */
export class EpochTags<Issued extends { readonly source: { readonly id: string } }> {
  private bytes = Buffer.alloc(FIRST_SIZE);
  private length = 0;
  /** In the order of their starts. */
  private readonly blocks: Block<Issued>[] = [];
  private readonly bySource = new Map<string, Block<Issued>>();
  private vain = 0;
  /** The first four bytes of each tag; undefined as long as a search costs less than that. */
  private firsts: Set<number> | undefined;

  /** Adds tags, instead of those that the same source had before. */
  add(issued: Issued, tags: Uint8Array): void {
    const before = this.bySource.get(issued.source.id);
    if (before !== undefined) before.issued = undefined;
    const end = this.length + tags.length;
    if (end > this.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.bytes.length));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    this.bytes.set(tags, this.length);
    const block = { start: this.length, issued };
    this.blocks.push(block);
    this.bySource.set(issued.source.id, block);
    if (this.firsts !== undefined) this.noteFirsts(this.firsts, this.length, end);
    this.length = end;
  }

  /** Removes tags, unless the source has others by now. */
  remove(issued: Issued): void {
    const block = this.bySource.get(issued.source.id);
    if (block?.issued !== issued) return;
    block.issued = undefined;
    this.bySource.delete(issued.source.id);
  }

  /** Finds the source of a tag. */
  find(tag: Uint8Array): Issued | undefined {
    if (this.firsts?.has(Buffer.from(tag.buffer, tag.byteOffset, TAG_LENGTH).readUInt32LE(0)) === false)
      return undefined;
    const bytes = this.bytes.subarray(0, this.length);
    for (let at = bytes.indexOf(tag); at >= 0; at = bytes.indexOf(tag, at + 1)) {
      const issued = at % TAG_LENGTH === 0 ? this.blockAt(at)?.issued : undefined;
      if (issued !== undefined) return issued;
    }
    this.vain += 1;
    if (this.vain === MOST_VAIN) {
      this.firsts = new Set();
      this.noteFirsts(this.firsts, 0, this.length);
    }
    return undefined;
  }

  private noteFirsts(firsts: Set<number>, from: number, to: number): void {
    for (let at = from; at < to; at += TAG_LENGTH) firsts.add(this.bytes.readUInt32LE(at));
  }

  /** The block that a place belongs to. */
  private blockAt(at: number): Block<Issued> | undefined {
    let [low, high] = [0, this.blocks.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.blocks[middle]?.start ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return this.blocks[low];
  }
}
