import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Chain, hashOfLine, readChainEnd } from '../../../../server-helper/audit/chain.ts';
import { temporaryFolder } from '../support.ts';

const TIME = '2026-11-30T12:00:00.000Z';

it('a chain numbers the lines, and ties each to the one before', () => {
  const chain = new Chain(join(temporaryFolder(), 'audit-end'));
  const first = chain.line(TIME, { event: 'armed' });
  const second = chain.line(TIME, { event: 'granted', client: 'alice' });
  expect(first).toBe(`{"time":"${TIME}","seq":1,"prev":null,"event":"armed"}`);
  expect(JSON.parse(second)).toEqual({
    time: TIME,
    seq: 2,
    prev: hashOfLine(first),
    event: 'granted',
    client: 'alice',
  });
});

it('a chain goes on after its daemon was killed, whatever it wrote in its last second', () => {
  const path = join(temporaryFolder(), 'audit-end');
  const killed = new Chain(path);
  killed.line(TIME, { event: 'armed' });
  killed.second();
  const lines = ['granted', 'refused'].map((event) => killed.line(TIME, { event }));
  const next = JSON.parse(new Chain(path).line(TIME, { event: 'armed' }));
  expect(next).toMatchObject({ seq: 4, prev: hashOfLine(lines[1] ?? '') });
});

it('a chain goes on after a restart', () => {
  const path = join(temporaryFolder(), 'audit-end');
  const chain = new Chain(path);
  const last = chain.line(TIME, { event: 'stopped' });
  chain.second();
  expect(readChainEnd(path)).toEqual({ seq: 1, hash: hashOfLine(last) });
  expect(JSON.parse(new Chain(path).line(TIME, { event: 'armed' }))).toMatchObject({ seq: 2, prev: hashOfLine(last) });
});

it.each(['', '1', 'x y\n', '-1 aaaa\n', `1 ${'a'.repeat(42)}\n`])('a damaged end %j begins a new chain', (text) => {
  const path = join(temporaryFolder(), 'audit-end');
  writeFileSync(path, text);
  expect(JSON.parse(new Chain(path).line(TIME, { event: 'armed' }))).toMatchObject({ seq: 1, prev: null });
});

it('a file that cannot be written breaks nothing', () => {
  const path = join(temporaryFolder(), 'audit-end');
  mkdirSync(`${path}.new/in-the-way`, { recursive: true });
  const chain = new Chain(path);
  chain.line(TIME, { event: 'armed' });
  chain.second();
  expect(() => readFileSync(path)).toThrow('ENOENT');
  expect(JSON.parse(chain.line(TIME, { event: 'stopped' })).seq).toBe(2);
});
