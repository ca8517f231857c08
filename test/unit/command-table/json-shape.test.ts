import { describe, expect, it } from 'vitest';
import { misfits } from '../../rig/json-shape.ts';

const about = 'a field';
const FIELDS = [
  { path: 'name', type: 'string', about },
  { path: 'until', type: 'string | null', about },
  { path: 'link', type: 'string', about, when: 'only with --link' },
  { path: 'ports[]', type: 'string', about },
  { path: 'hosts[].code', type: 'number', about },
  { path: 'hosts[].error', type: 'object', about, when: 'only then' },
  { path: 'hosts[].error.what', type: 'string', about },
  { path: 'counts.*', type: 'number', about },
];
const GOOD = { name: 'a', until: null, ports: ['tcp/22'], hosts: [{ code: 0 }], counts: { junk: 1 } };

describe('the shape of an output', () => {
  it.each([
    ['all that is always there', GOOD],
    ['what is there at times', { ...GOOD, link: 'x', hosts: [{ code: 1, error: { what: 'y' } }] }],
    ['empty lists and objects', { ...GOOD, ports: [], hosts: [], counts: {} }],
  ])('fits with %s', (_, value) => {
    expect(misfits(FIELDS, value)).toEqual([]);
  });

  it.each([
    ['a type', { ...GOOD, name: 1 }, '.name is number, not string'],
    ['an unknown field', { ...GOOD, more: 1 }, '.more is not documented'],
    ['a list', { ...GOOD, ports: 'tcp/22' }, '.ports is not a list'],
    ['an element', { ...GOOD, ports: [22] }, '.ports[0] is number, not string'],
    ['a field of an element', { ...GOOD, hosts: [{}] }, '.hosts[0].code is missing'],
    ['a field of an object', { ...GOOD, hosts: [{ code: 1, error: {} }] }, '.hosts[0].error.what is missing'],
    ['each field', { ...GOOD, counts: { junk: 'many' } }, '.counts.junk is string, not number'],
  ])('differs in %s', (_, value, misfit) => {
    expect(misfits(FIELDS, value)).toEqual([misfit]);
  });

  it('differs in what is missing', () => {
    const { name: _, ports: __, ...rest } = GOOD;
    expect(misfits(FIELDS, rest)).toEqual(['.name is missing', '.ports is missing']);
  });

  it('fits a single value', () => {
    expect(misfits([{ path: 'ok', type: 'true', about }], { ok: true })).toEqual([]);
    expect(misfits([{ path: 'ok', type: 'true', about }], { ok: false })).toEqual(['.ok is boolean, not true']);
    expect(misfits([{ path: '[].name', type: 'string', about }], [{ name: 'a' }, {}])).toEqual(['[1].name is missing']);
  });
});
