import { stringify } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SLOTS } from '../../src/spa/tags.ts';
import { INNER4, INNER6, Inner, Line, ROUTER6 } from '../rig/inner.ts';
import { CLIENT4, run, TARGET4, TARGET6 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { HOST, Scene } from '../rig/scene.ts';

const MIRROR = 8022;

describe('a port that leads to another host', () => {
  let scene: Scene;
  let inner: Inner;
  const lines: Line[] = [];
  const connect = (host: string, port: number) => {
    const line = new Line(scene.pair.client, host, port);
    lines.push(line);
    return line;
  };
  const knock = (port: string) => scene.client.json(['knock', HOST, '--force', '--port', port]);

  beforeAll(async () => {
    scene = await Scene.make({ name: 'forward', start: false });
    inner = await Inner.make(scene.pair, MIRROR);
    scene.gate.configureText(configuration(true));
    await scene.gate.start();
  });
  afterAll(async () => {
    for (const line of lines) line.end();
    inner?.destroy();
    await scene?.end();
  });

  it('leads there with a grant and not without one, and a connection that is up outlives it', async () => {
    expect(await scene.isOpen(TARGET4, 2222)).toBe(false);
    expect(await knock('tcp/2222')).toMatchObject({ code: 0, json: { open: true, port: 'tcp/2222' } });
    const line = connect(TARGET4, 2222);
    // No masquerade: the inner host sees who comes.
    expect(await line.hear()).toBe(CLIENT4);
    await untilNobodyIsLetIn();
    line.say('still there');
    expect(await line.hear()).toBe('still there');
    expect(await scene.isOpen(TARGET4, 2222)).toBe(false);
  });

  it('leads there over IPv6 too, and hides who comes where it is to', async () => {
    expect(await scene.isOpen(TARGET6, 2222)).toBe(false);
    await scene.send(scene.seal({ to: TARGET6, ports: [{ protocol: 'tcp', port: 2222 }] }), { host: TARGET6 });
    await scene.gate.audit(({ forwards }) => forwards?.toString() === 'inner6', 10_000);
    expect(await connect(TARGET6, 2222).hear()).toBe(ROUTER6);
  });

  it('leads to another port of this host', async () => {
    expect(await scene.isOpen(TARGET4, 2224)).toBe(false);
    expect(await knock('tcp/2224')).toMatchObject({ code: 0, json: { open: true } });
    // sshd's own port stays shut.
    expect(await scene.isOpen(TARGET4, 22)).toBe(false);
  });

  it('leads nowhere else', async () => {
    const outcome = await scene.outcome(scene.seal({ ports: [{ protocol: 'tcp', port: 2223 }] }));
    expect(outcome).toMatchObject({ event: 'refused', reason: 'denied', detail: 'ports: tcp/2223' });
    expect(await scene.isOpen(TARGET4, 2223)).toBe(false);
    expect(await scene.isOpen(TARGET4, MIRROR)).toBe(false);
  });

  it('is put back after a flush, ended by a revocation, and gone with the configuration', async () => {
    await knockLong();
    const since = scene.gate.events.length;
    await run(scene.pair.target, ['nft', 'delete', 'table', 'inet', 'knockgate']);
    await scene.gate.audit(({ event }) => event === 'firewall-restored', 20_000, since);
    expect(await connect(TARGET4, 2222).hear()).toBe(CLIENT4);
    await scene.gate.cli(['flush']);
    expect(await leads()).toBe(false);
    expect(await scene.isOpen(TARGET4, 2222)).toBe(false);
    await knockLong();
    expect(await letIn()).toBe(true);
    scene.gate.configureText(configuration(false));
    const reload = scene.gate.events.length;
    scene.gate.reload();
    await scene.gate.audit(({ event }) => event === 'reloaded', 10_000, reload);
    const { stdout } = await run(scene.pair.target, ['nft', 'list', 'table', 'inet', 'knockgate']);
    expect(stdout).toContain('chain gate');
    expect(stdout).not.toMatch(/forward|redirect|nat hook/);
    // It would open this host's own port now.
    expect(await letIn()).toBe(false);
  });

  async function knockLong(): Promise<void> {
    const since = scene.gate.events.length;
    await scene.send(scene.seal({ ports: [{ protocol: 'tcp', port: 2222 }], duration: 60 }));
    await scene.gate.audit(({ forwards }) => forwards?.toString() === 'inner4', 10_000, since);
  }

  /** Whether anybody is led on by the kernel. */
  async function leads(): Promise<boolean> {
    return (await run(scene.pair.target, ['nft', 'list', 'map', 'inet', 'knockgate', 'forwards4'])).stdout.includes(
      'elements',
    );
  }

  const letIn = async () =>
    (await setElements(scene.pair.target, 'granted4')).some(({ key }) => String(key[2]) === '2222');

  async function untilNobodyIsLetIn(): Promise<void> {
    for (let tries = 0; (await leads()) || (await setElements(scene.pair.target, 'granted4')).length > 0; tries++) {
      if (tries > 200) throw new Error('the grant does not end');
      await sleep(50);
    }
  }

  function configuration(withForwards: boolean): string {
    const gate = { ports: ['tcp/22', 'tcp/2222-2224'], knock_ports: [443], slots: SLOTS.most, grant: 2 };
    const forward = [
      { name: 'inner4', port: 'tcp/2222', to: INNER4, to_port: MIRROR },
      { name: 'inner6', port: 'tcp/2222', to: INNER6, to_port: MIRROR, masquerade: true },
      { name: 'others', port: 'tcp/2223', to: INNER4, to_port: MIRROR },
      { name: 'local', port: 'tcp/2224', to_port: 22 },
    ];
    const forwards = withForwards ? ['inner4', 'inner6', 'local'] : [];
    const client = [{ ...scene.entry, ports: ['tcp/22'], forwards }];
    return stringify({ gate, client, ...(withForwards && { forward }) });
  }
});
