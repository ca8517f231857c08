import { afterAll, beforeAll, expect, it } from 'vitest';
import { Gate } from '../rig/gate.ts';
import { createPair, type Pair } from '../rig/netns.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';

let pair: Pair;
let sshd: Sshd;
let gate: Gate;

beforeAll(async () => {
  pair = await createPair({ name: 'listening' });
  sshd = await startSshd(pair.target, { port: 2222 });
  gate = new Gate(pair.target);
  await gate.enrolmentLine();
});
afterAll(async () => {
  await gate?.dispose();
  await sshd?.stop();
  pair?.destroy();
});

it.each([['check'], ['trial', '60']])(
  '%s says that sshd is at another port than the hidden one',
  async (...command) => {
    const { code, stdout } = await gate.cli(command, { asRoot: true });
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing listens on tcp/22.');
    expect(stdout).toContain('sshd listens on tcp/2222, which is not hidden');
  },
);
