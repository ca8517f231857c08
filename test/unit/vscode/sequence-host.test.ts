import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { formatKey } from '../../../src/spa/keys.ts';
import { configuration, documents, resetEditor, shown, Uri, workspace } from '../../rig/fake-vscode.ts';
import { temporaryFolder } from '../client/support.ts';
import { loopbackDoor } from '../loopback-door.ts';
import { hosts, lock, messages, run, startEditor } from './editor.ts';

beforeEach(resetEditor);

const KEY = formatKey(new Uint8Array(32).fill(1));

/** A server on loopback that opens a port to three datagrams in their order. */
async function server() {
  const door = await loopbackDoor();
  const heard: number[] = [];
  const sockets = [0, 1, 2].map((step) =>
    createSocket('udp4', () => {
      heard.push(step);
      if (heard.slice(-3).join() === '0,1,2') void door.open();
    }),
  );
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))));
  onTestFinished(() => {
    for (const socket of sockets) socket.close();
  });
  const steps = sockets.map((socket) => `${socket.address().port}:udp`).join(' ');
  const fields = { kind: 'sequence', address: '127.0.0.1', steps, delay: 20, ports: [`tcp/${door.port}`] };
  configuration.set('knockgate.hosts', { door: fields });
  return { heard, port: door.port, steps };
}

describe('a host that opens to a sequence of ports', () => {
  it('is knocked at when a window is about to connect to it', async () => {
    const { heard } = await server();
    workspace.workspaceFolders = [{ uri: { authority: 'ssh-remote+door' } }];
    await startEditor();
    expect(lock()?.text).toMatch(/^\$\(unlock\) door: open (30|29) s$/);
    expect(heard).toEqual([0, 1, 2]);
    expect(lock()?.tooltip).toMatchObject({
      value: expect.stringMatching(/Knocks at `127.*\(fixed sequence of 3 ports\)/),
    });
  });

  it('is diagnosed, which opens it', async () => {
    await server();
    await startEditor();
    await run('diagnoseHost', [], 'door');
    const [show] = [...documents.values()];
    expect(String(show?.({ path: '/1/door.md' }) ?? '')).toContain('It does not count for a fixed sequence.');
    expect(messages('information').at(-1)).toMatch(/door: everything works/);
  });

  it('shares no keys, unless each sequence opens once', async () => {
    await server();
    const stored = await startEditor();
    await run('setHostKeys', [], 'door');
    expect(messages('error').at(-1)).toMatch(/door shares no keys with this device: it opens to a fixed/);
    const given = ['A sequence of ports', 'One-time sequences', '127.0.0.1', 'alice', '', KEY, 'home'];
    expect(await run('addHost', given)).toBe('home');
    const fields = { kind: 'sequence', address: '127.0.0.1', client: 'alice' };
    expect(configuration.get('knockgate.hosts')).toMatchObject({ home: fields });
    expect([...stored]).toEqual([['knockgate.hostKeys/home', KEY]]);
    stored.set('knockgate.hostKeys/home', 'no key');
    await run('knockHost', [], 'home');
    expect(messages('error').at(-1)).toContain('its key for one-time sequences is invalid');
    await run('setHostKeys', [{ host: 'home' }, KEY]);
    expect(stored.get('knockgate.hostKeys/home')).toBe(KEY);
  });

  it('is open without a knock when it is open from before: a one-time sequence is not spent on it', async () => {
    const door = await loopbackDoor('');
    await door.open();
    const fields = { kind: 'sequence', address: '127.0.0.1', client: 'alice', delay: 5, ports: [`tcp/${door.port}`] };
    configuration.set('knockgate.hosts', { home: fields });
    await startEditor();
    await run('setHostKeys', [{ host: 'home' }, KEY]);
    await run('knockHost', [], 'home');
    expect(lock()?.text).toMatch(/home: open/);
    expect(lock()?.tooltip).toMatchObject({ value: expect.stringContaining('one\\-time sequence of ports') });
  });
});

describe('a section of knockd.conf', () => {
  const file = (text: string) => {
    const path = join(temporaryFolder(), 'knockd.conf');
    writeFileSync(path, text);
    return [Uri.file(path)];
  };
  const COMMAND =
    'command = iptables -A INPUT -p tcp --dport 2222 -j ACCEPT\ncommand_6 = ip6tables -A INPUT -p tcp --dport 2222 -j ACCEPT';
  const OPEN = `[openSSH]\nsequence = 7000,8000:udp,9000\n${COMMAND}\n`;
  const SHUT = '[closeSSH]\nsequence = 9000,8000,7000\ncommand = iptables -D INPUT -p tcp --dport 2222 -j ACCEPT\n';
  const FIELDS = { kind: 'sequence', steps: '7000:tcp 8000:udp 9000:tcp', ports: ['tcp/2222'] };

  it('is imported, once it is known where its server is', async () => {
    await startEditor();
    await run('importKnockd', [file(OPEN), 'bastion.example', 'bastion']);
    expect(hosts()).toEqual({ bastion: { ...FIELDS, address: 'bastion.example' } });
    expect(messages('input')).toEqual(['Import from knockd 1/2: ', 'Import from knockd 2/2: openSSH']);
    expect(messages('information')).toEqual(['bastion is imported.']);
  });

  it('is chosen among several, with its target offered, and what cannot be carried over is told', async () => {
    await startEditor();
    const several = file(`[options]\nUseSyslog\n${SHUT}${OPEN}target = 192.0.2.7\nseq_timeout = 5\n`);
    const second = () => shown.at(-1)?.items[1];
    await run('importKnockd', [several, second, '192.0.2.7', 'door']);
    const choices = shown.find(({ items }) => items.length === 2)?.items;
    expect(choices).toMatchObject([
      { label: 'closeSSH', description: 'cannot be knocked at' },
      { label: 'openSSH', description: FIELDS.steps },
    ]);
    expect(messages('input')[0]).toBe('Import from knockd 1/2: 192.0.2.7');
    expect(hosts()).toMatchObject({ door: { ...FIELDS, address: '192.0.2.7' } });
    expect(messages('warning').at(-1)).toMatch(
      /knockd\.conf:2: usesyslog is knockd’s own.*; knockd\.conf:11: seq_timeout/,
    );
  });

  it.each([
    ['nothing', '[options]\nUseSyslog\n', 'has no section for a door'],
    ['a door that shuts', SHUT, '[closeSSH] shuts a door: nothing would open. Choose another section'],
    ['a list of sequences', '[a]\none_time_sequences = /etc/list\n', '[a] has a list of sequences'],
    ['no sequence that is one', '[a]\nsequence = 1,x\n', 'is not a sequence such as'],
    ['more steps than anybody would send', `[a]\nsequence = ${Array(65).fill(7).join()}\n`, 'It has 65 steps.'],
  ])('is refused that has %s', async (_, text, says) => {
    await startEditor();
    await run('importKnockd', [file(text), '192.0.2.1', 'a']);
    expect(messages('error')).toEqual([expect.stringContaining(says)]);
    expect(hosts()).toBeUndefined();
  });

  it('is not read on the far side of a remote window', async () => {
    await startEditor();
    await run('importKnockd', [[{ ...Uri.file('/etc/knockd.conf'), scheme: 'vscode-remote' }]]);
    expect(messages('error')).toEqual([expect.stringContaining('That file is not on this computer.')]);
  });

  it('is left when the person cancels', async () => {
    await startEditor();
    for (const given of [[], [file(`${OPEN}${SHUT}`)], [file(OPEN)], [file(OPEN), 'a.example']]) {
      await run('importKnockd', given);
      expect([hosts(), messages('error')]).toEqual([undefined, []]);
    }
  });
});
