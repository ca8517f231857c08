import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import golden from '../../vectors/datagram.json';
import { readDatagram } from './independent.ts';

it('the worked example of docs/protocol.md is the golden vector', () => {
  const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
  const example = page.slice(page.indexOf('## Worked example')).replace(/\s+/g, '');
  const vector = golden.vectors.find(({ name }) => page.includes(`vector \`${name}\``));
  if (vector === undefined) throw new Error('the page names no vector');
  const { request, payload, epoch, slot, name, ...values } = vector;
  for (const value of Object.values(values)) expect(example).toContain(value);
  for (const value of [request.unixMs, epoch]) expect(example).toContain(String(value));
  const { steps } = readDatagram(vector, epoch, slot, Buffer.from(vector.datagram, 'hex'));
  for (const value of Object.values(steps)) expect(example).toContain(value);
});
