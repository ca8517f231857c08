import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesIn } from '../rig/netns.ts';
import { named } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

describe('the programs that the daemon needs', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'children' });
  });

  afterEach(async () => {
    await scene.end();
  });

  /** To the target's processes only: other tests may run beside this one. */
  function signal(program: string, signal: NodeJS.Signals): void {
    const pids = named(processesIn(scene.pair.target), program);
    expect(pids).not.toEqual([]);
    for (const pid of pids) process.kill(pid, signal);
  }

  it('tcpdump is started again when it dies, and the audit log says so', async () => {
    const since = scene.gate.events.length;
    signal('tcpdump', 'SIGKILL');
    await scene.gate.audit(({ event }) => event === 'capture-lost', 5000, since);
    await scene.gate.audit(({ event }) => event === 'capture-restored', 5000, since);
    expect((await scene.status()).capture).toBe('listening');
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('tcpdump is replaced when it hangs, before anybody has knocked', async () => {
    const since = scene.gate.events.length;
    signal('tcpdump', 'SIGSTOP');
    const { detail } = await scene.gate.audit(({ event }) => event === 'capture-lost', 30_000, since);
    expect(detail).toBe('tcpdump hung, and was ended');
    await scene.gate.audit(({ event }) => event === 'capture-restored', 30_000, since);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('nft is started again when it dies, and the audit log says so', async () => {
    const since = scene.gate.events.length;
    signal('nft', 'SIGKILL');
    await scene.gate.audit(({ event }) => event === 'firewall-program-lost', 5000, since);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
    // The table must survive this.
    expect(await scene.isOpen()).toBe(true);
    expect((await scene.status()).restored).toBe(0);
  });

  it('an nft that hangs is given up and replaced', async () => {
    signal('nft', 'SIGSTOP');
    const since = scene.gate.events.length;
    await scene.send(scene.seal());
    await scene.gate.audit(({ event }) => event === 'firewall-program-lost', 15_000, since);
    await scene.gate.audit(({ event }) => event === 'granted', 15_000, since);
    expect(await scene.isOpen()).toBe(true);
  });
});
