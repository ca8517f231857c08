import { createSocket } from 'node:dgram';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { run as runCommandLine } from '../../../../src/cli/run.ts';
import { probeTcp } from '../../../../src/client/network/probe.ts';
import { systemClock } from '../../../../src/os/clock.ts';
import { configuration, documents, resetEditor, workspace } from '../../../rig/fake-vscode.ts';
import { collectingShell } from '../../cli/support.ts';
import { loopbackDoor } from '../../loopback-door.ts';
import { lock, messages, run, startEditor } from '../../vscode/editor.ts';
import { temporaryFolder } from '../support.ts';
import { WORD } from './kind.ts';

/* The one line of the registry. */
vi.mock('../../../../src/client/hosts/registry.ts', async (original) => {
  const [{ KINDS }, { toyKind }] = await Promise.all([
    original<typeof import('../../../../src/client/hosts/registry.ts')>(),
    import('./kind.ts'),
  ]);
  return { KINDS: [...KINDS, toyKind] };
});

beforeEach(resetEditor);

/** A real listener on loopback that opens a port to the word. */
async function server() {
  const door = await loopbackDoor();
  const heard: string[] = [];
  const udp = createSocket('udp4', (datagram) => {
    heard.push(datagram.toString());
    if (datagram.toString() === WORD) void door.open();
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void udp.close());
  return { heard, port: door.port, knockPort: udp.address().port };
}

describe('a fourth kind of server', () => {
  it('is listed and knocked at from the command line', async () => {
    const { heard, port, knockPort } = await server();
    const home = temporaryFolder();
    mkdirSync(join(home, '.config/knockgate'), { recursive: true, mode: 0o700 });
    const table = `[cave]\nkind = "toy"\naddress = "127.0.0.1"\nknockPort = ${knockPort}\nports = ["tcp/${port}"]\n`;
    writeFileSync(join(home, '.config/knockgate/hosts.toml'), table);
    const { shell, said } = collectingShell(home, systemClock, { probe: probeTcp });
    expect(await runCommandLine(['list'], shell)).toBe(0);
    expect(await runCommandLine(['knock', 'cave'], shell)).toBe(0);
    expect(said().out).toMatch(/^cave {2}toy at 127\.0\.0\.1\ncave: open after \d+ ms \(127\.0\.0\.1 tcp\/\d+\)\n$/);
    expect(heard).toEqual([WORD]);
  });

  it('is knocked at by a window of the editor, shown by the lock, and diagnosed', async () => {
    const { heard, port, knockPort } = await server();
    const fields = { kind: 'toy', address: '127.0.0.1', knockPort, ports: [`tcp/${port}`] };
    configuration.set('knockgate.hosts', { cave: fields });
    workspace.workspaceFolders = [{ uri: { authority: 'ssh-remote+cave' } }];
    await startEditor();
    expect(heard).toEqual([WORD]);
    expect(lock()?.text).toMatch(/^\$\(unlock\) cave: open (30|29) s$/);
    expect(lock()?.tooltip).toMatchObject({ value: expect.stringContaining(`toy\\, UDP ${knockPort}`) });
    await run('diagnoseHost', [], 'cave');
    const [show] = [...documents.values()];
    expect(String(show?.({ path: '/1/cave.md' }) ?? '')).toContain('It takes none.');
    expect(messages('information').at(-1)).toMatch(/cave/);
  });
});
