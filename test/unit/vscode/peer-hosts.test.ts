import { createSocket } from 'node:dgram';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { configuration, documents, resetEditor } from '../../rig/fake-vscode.ts';
import { loopbackDoor } from '../loopback-door.ts';
import { AldabaReader } from '../peers/read-aldaba.ts';
import { readPyknock } from '../peers/read-pyknock.ts';
import { readXtPknock } from '../peers/read-xt-pknock.ts';
import { hosts, lock, messages, run, startEditor } from './editor.ts';

beforeEach(resetEditor);

const SECRET = 'S3cret of the server';
const seconds = () => Date.now() / 1000;
const aldaba = new AldabaReader(SECRET);

/** Peers: the label in the editor, what is typed before and after the secret, and a reader that shares no code with the client. */
const PEERS = [
  {
    kind: 'pyknock',
    label: 'pyknock',
    asked: (port: number) => [`tcp/${port}`],
    opens: (datagram: Buffer) => typeof readPyknock(SECRET, seconds(), datagram) === 'object',
  },
  {
    kind: 'aldaba',
    label: 'Aldaba',
    asked: (port: number) => [`tcp/${port}`],
    opens: (datagram: Buffer) => Array.isArray(aldaba.read(Math.floor(seconds()), datagram)),
  },
  {
    kind: 'xt_pknock',
    label: 'xt_pknock',
    asked: (port: number, knockPort: number) => ['', String(knockPort), `tcp/${port}`],
    opens: (datagram: Buffer) => readXtPknock('master', SECRET, '127.0.0.1', { real: seconds(), uptime: 0 }, datagram),
  },
];

/** A server on loopback that opens a port to a datagram in order. */
async function server(opens: (datagram: Buffer) => boolean) {
  const door = await loopbackDoor();
  const udp = createSocket('udp4', (datagram) => {
    if (opens(datagram)) void door.open();
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void udp.close());
  return { port: door.port, knockPort: udp.address().port };
}

describe('a peer in the editor', () => {
  it.each(PEERS)(
    '$kind is added, knocked at and diagnosed; its secret is in the secret storage alone',
    async (peer) => {
      const { port, knockPort } = await server(peer.opens);
      const stored = await startEditor();
      const given = [peer.label, '127.0.0.1', ...peer.asked(port, knockPort), SECRET, 'door'];
      expect(await run('addHost', given)).toBe('door');
      expect([...stored]).toEqual([['knockgate.hostKeys/door', SECRET]]);
      expect(JSON.stringify(hosts())).not.toContain(SECRET);
      // The server of this test listens to a port of its own.
      configuration.set('knockgate.hosts', { door: { ...Object(hosts()).door, knockPort } });
      await run('knockHost', [], 'door');
      expect(lock()?.text).toMatch(/^\$\(unlock\) door: open (30|29) s$/);
      expect(lock()?.tooltip).toMatchObject({ value: expect.stringContaining(String(knockPort)) });
      await run('diagnoseHost', [], 'door');
      const [show] = [...documents.values()];
      expect(String(show?.({ path: '/1/door.md' }) ?? '')).toContain('There is a key.');
      expect(messages('information').at(-1)).toBe('door: the port answers without a knock.');
    },
  );

  it('is not knocked at with a secret that its server could not have', async () => {
    configuration.set('knockgate.hosts', { door: { kind: 'aldaba', address: '127.0.0.1' } });
    const stored = await startEditor();
    await run('setHostKeys', [{ host: 'door' }, SECRET]);
    stored.set('knockgate.hostKeys/door', 'short');
    await run('knockHost', [], 'door');
    expect(messages('error').at(-1)).toMatch(/door: its secret is invalid\..*at least 8 bytes/);
  });
});
