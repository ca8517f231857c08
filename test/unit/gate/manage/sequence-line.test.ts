import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sequenceLine } from '../../../../server-helper/manage/sequence-line.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { temporaryFolder } from '../support.ts';

const SEQUENCES = `
[[sequence]]
name = "door"
steps = ["tcp/7000", "udp/8000:length=32:sport=4000", "icmp:length=99:after=1s"]
[[sequence]]
name = "waker"
steps = ["tcp/7001", "tcp/8001", "tcp/9001"]
action = "wake"
[[action]]
name = "wake"
open = ["/bin/true"]
user = "nobody"
`;

describe('knockgated sequence', () => {
  let paths: Paths;
  const configure = (text: string) => writeFileSync(paths.config, `[gate]\n${text}`);
  const lineOf = (name: string, options: { address?: string; name?: string } = {}) =>
    sequenceLine(paths, name, { address: '192.0.2.9', name: undefined, ...options }).line;
  beforeEach(() => {
    paths = pathsFrom({}, join(temporaryFolder(), 'gate.toml'));
    configure(SEQUENCES);
  });

  it('prints where to knock, the steps with their conditions, what they open, and a name', () => {
    const steps = 'tcp/7000,udp/8000:length=32:sport=4000,icmp:length=99:after=1s';
    expect(lineOf('door')).toBe(`knockgate1 sequence 192.0.2.9 ${steps} tcp/22 door`);
    expect(lineOf('door', { address: 'a.example', name: 'prod' })).toMatch(/sequence a\.example .* tcp\/22 prod$/);
    expect(() => lineOf('door', { address: 'a b' })).toThrow('address');
  });

  it.each([
    ['nobody', SEQUENCES, 'There are door, waker.'],
    ['door', '', 'gate.toml has none'],
    ['waker', SEQUENCES, 'waker opens no port'],
  ])('says why it prints nothing for %s', (name, text, words) => {
    configure(text);
    expect(() => lineOf(name)).toThrow(words);
  });
});
