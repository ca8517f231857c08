import { chmodSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLIENT4, run, TARGET4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { Scene } from '../rig/scene.ts';

describe('reading the configuration again', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'reload' });
  });

  afterEach(async () => {
    await scene.end();
  });

  it('swaps what is hidden and leaves live grants and used tags as they are', async () => {
    const datagram = scene.seal();
    await scene.outcome(datagram);
    const before = await setElements(scene.pair.target, 'granted4');
    await scene.reconfigure({}, { ports: ['tcp/22', 'tcp/80'] });
    expect((await setElements(scene.pair.target, 'granted4')).map(({ key }) => key)).toEqual(
      before.map(({ key }) => key),
    );
    expect(await scene.isOpen()).toBe(true);
    expect(await scene.isOpen(TARGET4, 80)).toBe(false);
    const { packets } = await scene.status();
    await scene.send(datagram);
    await vi.waitFor(async () =>
      expect((await scene.status()).packets).toEqual({
        ...packets,
        received: packets.received + 1,
        unmatched: packets.unmatched + 1,
      }),
    );
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted', ports: ['tcp/22', 'tcp/80'] });
  });

  it('a bad file changes nothing and the audit log names its line', async () => {
    scene.gate.configureText(`${readFileSync(scene.gate.configFile, 'utf8')}\nnonsense = 1\n`);
    const since = scene.gate.events.length;
    scene.gate.reload();
    const failed = await scene.gate.audit(({ event }) => event === 'reload-failed', 5000, since);
    expect(failed.detail).toMatch(/gate\.toml:\d+: unknown key nonsense/);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted', client: 'alice-laptop' });
    expect((await scene.gate.cli(['check'])).code).toBe(3);
  });

  it('a start with a bad file goes on with the last good one, and says so', async () => {
    await scene.gate.stop();
    scene.gate.configureText('[gate]\nports = ["tcp/99999"]\n');
    await scene.gate.start();
    const said = scene.gate.events.find(({ event }) => event === 'config-invalid');
    expect(said?.detail).toContain('gate.toml:2');
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('enrols and removes clients while the daemon runs', async () => {
    const line = `knockgate1 client ${scene.entry.key} again`;
    const taken = await scene.gate.cli(['client', 'add', line], { asRoot: true });
    expect(taken).toMatchObject({ code: 6 });
    expect(taken.stderr).toContain('already enrolled, as alice-laptop');
    await scene.outcome(scene.seal());
    const removed = await scene.gate.cli(['client', 'remove', 'alice-laptop'], { asRoot: true });
    expect(removed.stdout).toContain('in force now');
    expect(await setElements(scene.pair.target, 'granted4')).toEqual([]);
    const before = await scene.status();
    await scene.send(scene.seal());
    expect((await scene.status()).kernel.junk).toBe(before.kernel.junk + 1);
    const added = await scene.gate.cli(['client', 'add', ...line.split(' ')], { asRoot: true });
    expect(added.stdout).toContain('again may knock: in force now');
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted', client: 'again', source: CLIENT4 });
    expect(await scene.gate.cli(['client', 'list'], { asRoot: true })).toMatchObject({ code: 0 });
  });

  it('refuses a key file that has become readable by everybody', async () => {
    chmodSync(`${scene.gate.dir}/gate.key`, 0o644);
    const since = scene.gate.events.length;
    scene.gate.reload();
    const failed = await scene.gate.audit(({ event }) => event === 'reload-failed', 5000, since);
    expect(failed.detail).toContain('chmod 0640');
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });

  it('without a range that is granted at the moment leaves the gate able to restore itself', async () => {
    await scene.reconfigure({}, { ports: ['tcp/22', 'tcp/8000-8100'] });
    expect(await scene.outcome(scene.seal({ duration: 100 }))).toMatchObject({ event: 'granted' });
    await scene.reconfigure({}, { ports: ['tcp/22'] });
    const since = scene.gate.events.length;
    await run(scene.pair.target, ['nft', 'flush', 'ruleset']);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
    expect(scene.gate.events.slice(since).map(({ event }) => event)).not.toContain('fault');
    // The grant that can be restored is, and others can knock.
    expect(await scene.isOpen()).toBe(true);
    expect(await scene.outcome(scene.seal())).toMatchObject({ event: 'granted' });
  });
});
