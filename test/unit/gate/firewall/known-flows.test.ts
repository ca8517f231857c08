import { describe, expect, it } from 'vitest';
import type { Flow } from '../../../../server-helper/firewall/flows.ts';
import { KnownFlows } from '../../../../server-helper/firewall/known-flows.ts';
import { parseAddress } from '../../../../src/base/addresses.ts';

const SSH = [{ protocol: 'tcp', first: 22, last: 22 }] as const;

function flow(text: string, port = 50_000): Flow {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(text);
  return { address, port, localPort: 22 };
}

/** Known flows over connections that a test changes. */
function flowsOf(...first: Flow[]) {
  let present = first;
  const known = new KnownFlows(async () => present);
  return {
    known,
    become: async (...flows: Flow[]) => {
      present = flows;
      await known.look(SSH);
    },
  };
}

const OWNER = flow('192.0.2.1');
const OWNER6 = flow('2001:db8::1');
const STRANGER = flow('203.0.113.9');
const nobody = () => false;

describe('connections to hidden ports', () => {
  it('all live on when the table is armed', async () => {
    const { known, become } = flowsOf();
    await become(OWNER, OWNER6);
    const { commands, adopted, strangers } = known.adoptAll();
    expect([adopted, strangers]).toEqual([2, []]);
    expect(commands.split('\n')).toEqual([
      'flush set inet knockgate prior4',
      'flush set inet knockgate prior6',
      'add element inet knockgate prior4 { 192.0.2.1 . 50000 . 22 timeout 86400s }',
      'add element inet knockgate prior6 { 2001:db8::1 . 50000 . 22 timeout 86400s }',
      '',
    ]);
  });

  it('that came in while the table was gone are cut off when it is put back', async () => {
    const { known, become } = flowsOf();
    await become(OWNER);
    known.adoptAll();
    await become(OWNER, STRANGER, flow('203.0.113.9', 50_001));
    const { commands, adopted, strangers } = known.adoptKnown(nobody);
    expect([adopted, strangers]).toEqual([1, ['203.0.113.9']]);
    expect(commands).toContain('prior4 { 192.0.2.1 . 50000 . 22 ');
    expect(commands).toContain('shut4 { 203.0.113.9 . 50000 . 22 timeout 86400s, 203.0.113.9 . 50001 . 22 ');
  });

  it('are known from the last look at an intact table, and from arming before the first', async () => {
    const { known, become } = flowsOf();
    await become(OWNER);
    known.adoptAll();
    expect(known.adoptKnown(nobody).adopted).toBe(1);
    await become(OWNER, OWNER6);
    expect(known.settle(false)).toBe('');
    expect(known.adoptKnown(nobody).adopted).toBe(2);
  });

  it('of somebody who has a grant live on though nobody has seen them before', async () => {
    const { known, become } = flowsOf();
    await become(STRANGER, OWNER);
    expect(known.adoptKnown((found) => found === OWNER)).toMatchObject({ adopted: 1, strangers: ['203.0.113.9'] });
  });

  it('that were cut off stay so, at a reload and at the next restoring', async () => {
    const { known, become } = flowsOf();
    await become(STRANGER);
    known.adoptKnown(nobody);
    expect(known.adoptAll()).toMatchObject({ adopted: 0, strangers: ['203.0.113.9'] });
    expect(known.settle(true)).toBe('');
    expect(known.adoptKnown(nobody)).toMatchObject({ adopted: 0, strangers: ['203.0.113.9'] });
  });

  it('are forgotten when they end, adopted or cut off', async () => {
    const { known, become } = flowsOf();
    await become(OWNER);
    known.adoptAll();
    await become(OWNER, STRANGER);
    known.adoptKnown(nobody);
    await become();
    expect(known.settle(false).split('\n')).toEqual(
      ['prior4 { 192.0.2.1 . 50000 . 22 }', 'shut4 { 203.0.113.9 . 50000 . 22 }'].map(
        (element) => `add element inet knockgate ${element}; delete element inet knockgate ${element}`,
      ),
    );
    expect(known.settle(false)).toBe('');
  });

  it('are noted one by one where connection tracking does not follow them', async () => {
    const { known, become } = flowsOf();
    await become(OWNER);
    expect(known.settle(false)).toBe('');
    expect(known.settle(true)).toBe('add element inet knockgate prior4 { 192.0.2.1 . 50000 . 22 timeout 86400s }');
    expect(known.settle(true)).toBe('');
  });

  it('may be many', async () => {
    const { known, become } = flowsOf();
    const many = Array.from({ length: 20_000 }, (_, i) => flow(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`));
    await become(...many);
    expect(known.adoptAll().adopted).toBe(20_000);
    expect(known.settle(true)).toBe('');
  });
});
