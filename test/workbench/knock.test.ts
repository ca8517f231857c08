import { dirname, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseClientLine } from '../../src/spa/enrolment.ts';
import { formatKey } from '../../src/spa/keys.ts';
import { figure, HOST, keyFile, Scene } from '../gate/scene.ts';
import { scratch } from '../rig/cleanup.ts';
import { TARGET4 } from '../rig/netns.ts';
import { setElements } from '../rig/nft.ts';
import { sleep } from '../rig/process.ts';
import { sshRun } from '../rig/sshd.ts';
import { searchPrivateKey } from './key-search.ts';
import { packRemoteSsh } from './remote-ssh.ts';
import { Workbench } from './workbench.ts';

/** Seconds: long enough for what is looked at while the door is open, short enough to wait for its end. */
const GRANT = 12;

/* The whole way: the extension as it is packed, the editor, a browser that a person would use, the gate, sshd. */
describe('the extension in a real workbench', () => {
  const { dir, discard } = scratch('stand-ins');
  let scene: Scene;
  let workbench: Workbench;
  let line: string;

  beforeAll(async () => {
    scene = await Scene.make({ name: 'wb' });
    const extensions = [await packRemoteSsh(dir), resolve('dist/knockgate.vsix')];
    const settings = { 'knockgate.hosts': { [HOST]: { gate: scene.line, duration: GRANT } } };
    const start = performance.now();
    workbench = await Workbench.open(scene.pair.client, { extensions, settings });
    figure(`installed two extensions and opened the workbench in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });

  afterAll(async () => {
    await workbench?.close();
    await scene?.end();
    discard();
  });

  it('makes a key at the first run, whose public half the gate enrols', async () => {
    await workbench.runCommand('Knock: Copy Public Key');
    await workbench.notified('The line that enrols this device is in the clipboard');
    line = await workbench.clipboard();
    const { key, name } = parseClientLine(line);
    await scene.reconfigure({ key: formatKey(key), name });
  });

  it('opens the gate from the palette: refused before, a real login after, refused again when the time is over', async () => {
    expect(await scene.isOpen()).toBe(false);
    const since = scene.gate.events.length;
    await workbench.runCommand('Knock: Knock…');
    await workbench.pick(HOST);
    await workbench.lockSays('open');

    const [text, spoken, grants] = await Promise.all([
      workbench.lockText(),
      workbench.lockSpoken(),
      setElements(scene.pair.target, 'grants4'),
    ]);
    const picture = await workbench.screenshot('workbench-open');
    const shown = Number(/open (\d+) s/.exec(text)?.[1]);
    const left = grants[0]?.expires ?? Number.NaN;
    figure(`the lock says "${text}", nft says that the grant has ${left} s left; picture in .cache/screens`);
    expect(picture).toMatch(/\.png$/);
    expect(spoken).toMatch(/^Knockgate, target: open, \d+ seconds left$/);
    expect(Math.abs(shown - left)).toBeLessThanOrEqual(1);

    const login = await sshRun(scene.pair.client, scene.sshd, { host: TARGET4 }, 'echo inside');
    expect(login).toMatchObject({ code: 0, stdout: 'inside\n' });
    const { source, client } = await scene.gate.audit(({ event }) => event === 'granted', 5000, since);
    expect({ source, client }).toEqual({ source: '192.0.2.1', client: parseClientLine(line).name });

    await workbench.lockSays('closed', (GRANT + 5) * 1000);
    await sleep(1000);
    expect(await scene.isOpen()).toBe(false);
  });

  it('keeps the key over a reload of the page', async () => {
    await workbench.reload();
    await workbench.runCommand('Knock: Copy Public Key');
    await workbench.notified('The line that enrols this device is in the clipboard');
    expect(await workbench.clipboard()).toBe(line);
  });

  it('knocks and opens a window of Remote - SSH', async () => {
    await workbench.runCommand('Knock: Knock and Connect…');
    await workbench.pick(HOST);
    await workbench.lockSays('open');
    expect(await scene.isOpen()).toBe(true);
    await expect.poll(() => workbench.otherWindows(), { timeout: 15_000 }).toHaveLength(1);
  });

  it('leaves the private key in no setting, log or file', async () => {
    const { key } = parseClientLine(line);
    const { files, found } = searchPrivateKey(workbench.server.written, key);
    figure(`looked for the private key in ${files} files of settings, logs, state and workspace: in ${found.length}`);
    expect(files).toBeGreaterThan(3);
    expect(found).toEqual([]);
    // The search does find one where there is one: that of the command line.
    const other = parseClientLine((await scene.client.run(['pubkey'])).stdout.trim());
    expect(searchPrivateKey([dirname(keyFile(scene.client))], other.key).found).toEqual([keyFile(scene.client)]);
  });
});
