import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { CLIENT4, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft, setElements } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';
import { openSession, type Session } from '../rig/sshd.ts';

describe('connections older than the table', () => {
  let scene: Scene;
  let sessions: Session[];

  beforeEach(async () => {
    scene = await Scene.make({ name: 'adoption', settings: { ports: ['tcp/*', 'udp/*'] }, start: false });
    sessions = [];
    for (const host of [TARGET4, TARGET6]) sessions.push(await openSession(scene.pair.client, scene.sshd, { host }));
  });

  afterEach(async () => {
    for (const session of sessions) await session.close();
    await scene.end();
  });

  it('live on when the gate is armed, though the client types first', async () => {
    const armed = await scene.gate.start();
    expect(armed.detail).toBe('2 established flows adopted');
    expect(await setElements(scene.pair.target, 'prior4')).toHaveLength(1);
    expect(await setElements(scene.pair.target, 'prior6')).toHaveLength(1);
    expect(await scene.isOpen()).toBe(false);
    for (const session of sessions) expect(await session.type('still-here')).toBeLessThan(5000);
  });

  it('live on when a flushed ruleset is restored; what came in meanwhile is cut off and named', async () => {
    await scene.gate.start();
    for (const session of sessions) await session.type('before');
    const since = scene.gate.events.length;
    const flushedAt = performance.now();
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    // Like other people's rules: connection tracking goes on, and sees new connections.
    await loadNft(
      scene.pair.target,
      'table inet others { chain in { type filter hook input priority 0; ct state new; }; }',
    );
    const stranger = await openSession(scene.pair.client, scene.sshd, { host: TARGET4 });
    const restored = await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
    expect(restored.detail).toBe(`2 established flows adopted; cut off, since they came in meanwhile: ${CLIENT4}`);
    figure(`ruleset flushed: restored after ${((performance.now() - flushedAt) / 1000).toFixed(2)} s`);
    await expect(stranger.type('cut off', 1500)).rejects.toThrow();
    await stranger.close();
    expect(scene.gate.events.find(({ event }) => event === 'firewall-lost')?.detail).toBe('the table was flushed');
    expect(await scene.isOpen()).toBe(false);
    for (const session of sessions) expect(await session.type('after')).toBeLessThan(5000);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });
});

describe('a change of the table by somebody else', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'hand' });
  });

  afterEach(async () => {
    await scene.end();
  });

  it.each([
    ['a chain flushed', ['nft', 'flush', 'chain', 'inet', 'knockgate', 'gate']],
    ['the chain behind the translation flushed', ['nft', 'flush', 'chain', 'inet', 'knockgate', 'input']],
    ['nothing hidden any more', ['nft', 'flush', 'set', 'inet', 'knockgate', 'gated']],
    ['a rule put first', ['nft', 'insert', 'rule', 'inet', 'knockgate', 'gate', 'accept']],
    ['the knock ports taken away', ['nft', 'flush', 'set', 'inet', 'knockgate', 'knockports']],
    ['the tags flushed', ['nft', 'flush', 'map', 'inet', 'knockgate', 'tags']],
    ['the table flushed', ['nft', 'flush', 'table', 'inet', 'knockgate']],
    ['the table deleted', ['nft', 'delete', 'table', 'inet', 'knockgate']],
  ])('is noticed and undone: %s', async (_what, command) => {
    await scene.outcome(scene.seal({ duration: 100 }));
    const since = scene.gate.events.length;
    expect((await run(scene.pair.target, command)).code).toBe(0);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
    // The grant that was live is live again, and everybody else is kept out.
    expect((await setElements(scene.pair.target, 'granted4')).map(({ key }) => key)).toHaveLength(1);
    expect(await scene.isOpen()).toBe(true);
    expect(await scene.isOpen(TARGET6)).toBe(false);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('is left alone outside our table', async () => {
    const rules = 'table ip other { chain input { type filter hook input priority 0; tcp dport 9 drop; } }';
    await run(scene.pair.target, ['nft', '-f', '-'], { input: rules });
    const before = (await run(scene.pair.target, ['nft', 'list', 'table', 'ip', 'other'])).stdout;
    await run(scene.pair.target, ['nft', 'delete', 'table', 'inet', 'knockgate']);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000);
    await scene.outcome(scene.seal());
    await scene.gate.stop();
    await sleep(0);
    expect((await run(scene.pair.target, ['nft', 'list', 'table', 'ip', 'other'])).stdout).toBe(before);
  });
});
