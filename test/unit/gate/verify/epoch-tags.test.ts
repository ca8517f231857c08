import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EpochTags } from '../../../../server-helper/verify/epoch-tags.ts';

/** So many tags, one behind the other. */
const tagsOf = (id: string, count: number): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) => createHash('sha256').update(`${id} ${i}`).digest().subarray(0, 16)),
  );
const issued = (id: string) => ({ source: { id } });
const tagAt = (tags: Buffer, i: number): Buffer => tags.subarray(16 * i, 16 * i + 16);

describe('the tags of an epoch', () => {
  const many = Array.from({ length: 300 }, (_, i) => `source ${i}`);
  const filled = () => {
    const epoch = new EpochTags<{ source: { id: string } }>();
    for (const id of many) epoch.add(issued(id), tagsOf(id, 8));
    return epoch;
  };

  it('are found, each for its source', () => {
    const epoch = filled();
    for (const id of [many[0], many[17], many[299]])
      for (const i of [0, 3, 7]) expect(epoch.find(tagAt(tagsOf(id ?? '', 8), i))).toEqual(issued(id ?? ''));
  });

  it('are not found in the middle of two', () => {
    const tags = tagsOf('source 0', 8);
    expect(filled().find(tags.subarray(8, 24))).toBeUndefined();
  });

  it('are found and not found likewise after a flood, also those that are added then', () => {
    const epoch = filled();
    for (let i = 0; i < 500; i += 1) expect(epoch.find(tagsOf(`junk ${i}`, 1))).toBeUndefined();
    expect(epoch.find(tagAt(tagsOf('source 17', 8), 3))).toEqual(issued('source 17'));
    const late = tagsOf('late', 8);
    expect(epoch.find(tagAt(late, 5))).toBeUndefined();
    epoch.add(issued('late'), late);
    expect(epoch.find(tagAt(late, 5))).toEqual(issued('late'));
  });

  it('are gone once they are removed, and others of the same source are not', () => {
    const epoch = filled();
    const [before, after] = [issued('source 5'), issued('source 5')];
    epoch.add(before, tagsOf('source 5', 8));
    epoch.add(after, tagsOf('anew', 8));
    epoch.remove(before);
    expect(epoch.find(tagsOf('anew', 1))).toBe(after);
    epoch.remove(after);
    expect(epoch.find(tagsOf('anew', 1))).toBeUndefined();
  });
});
