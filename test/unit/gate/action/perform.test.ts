import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { perform } from '../../../../server-helper/action/perform.ts';
import type { GateConfig } from '../../../../server-helper/config/gate-config.ts';

const ACTION = {
  name: 'lamp',
  open: ['/bin/sh', '-c', 'exit 3'],
  close: ['/bin/sh', '-c', 'exit 4'],
  user: userInfo().username,
  timeout: 10,
};
/** alice may ask, bob may not. */
const CONFIG = {
  actions: [ACTION],
  clients: [
    { name: 'alice', actions: ['lamp'] },
    { name: 'bob', actions: [] },
  ],
  fwknop: [],
  sequences: [],
} as unknown as GateConfig;

describe('an action of gate.toml', () => {
  it.each([
    ['open', 'alice', 3],
    ['close', 'alice', 4],
    ['open', 'bob', undefined],
    ['open', 'nobody', undefined],
    // bob may not ask any more, but opened it earlier.
    ['close', 'bob', 4],
    ['close', 'nobody', 4],
  ] as const)('runs only for those who may ask for it: %s for %s', async (phase, client, code) => {
    const request = { action: 'lamp', phase, client, source: '192.0.2.1', seconds: 30 };
    expect(await perform(CONFIG, request)).toEqual(
      code === undefined
        ? { kind: 'refused', why: 'gate.toml has no such action for this client' }
        : { kind: 'exit', code },
    );
  });
});
