import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseAddress } from '../../../src/base/addresses.ts';
import golden from '../../vectors/datagram.json';
import { readDatagram } from './independent.ts';
import { hex } from './support.ts';

it('the worked example of docs/protocol.md is the golden vector', () => {
  const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
  const example = page.slice(page.indexOf('## Worked example')).replace(/\s+/g, '');
  const vector = golden.vectors.find(({ name }) => page.includes(`vector \`${name}\``));
  if (vector === undefined) throw new Error('the page names no vector');
  const { request, payload, kind, epoch, slot, name, ...values } = vector;
  for (const value of Object.values(values)) expect(example).toContain(value);
  for (const value of [request.unixMs, epoch]) expect(example).toContain(String(value));
  const address = hex(parseAddress(request.source ?? '') ?? new Uint8Array());
  const { steps } = readDatagram(vector, { kind, epoch, slot, address }, Buffer.from(vector.datagram, 'hex'));
  for (const value of Object.values(steps)) expect(example).toContain(value);
  // The page shows the payload field by field, and counts the zeros behind them.
  const fields = /version, flags(?:.|\n)*?(?=padding)/.exec(page)?.[0] ?? '';
  const shown = fields.replace(/^.{17}/gm, '').replace(/\s+/g, '');
  expect(payload).toBe(shown.padEnd(payload.length, '0'));
  expect(example).toContain(`${(payload.length - shown.length) / 2}zerobytes`);
});
