import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { complaints, hostKeyIn, openSystemSsh } from '../../../src/deploy/connection/system/carrier.ts';
import { Said } from '../../../src/deploy/connection/system/said.ts';
import { problemOf, temporaryFolder } from '../client/support.ts';

const SAID = `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19
debug1: Connecting to 192.0.2.2 [192.0.2.2] port 22.
debug1: Server host key: ssh-ed25519 SHA256:AAAA+/b
dev@192.0.2.2: Permission denied (publickey).
`;

const NOBODY = { secret: async () => undefined, text: async () => undefined, confirm: async () => false };

describe('what the system ssh says', () => {
  it('is told without what -v adds', () => {
    expect(complaints(SAID)).toBe('dev@192.0.2.2: Permission denied (publickey).');
  });

  it('names the key of the host', () => {
    expect(hostKeyIn(SAID)).toEqual({ type: 'ssh-ed25519', fingerprint: 'SHA256:AAAA+/b' });
    expect(hostKeyIn('')).toEqual({ type: 'unknown', fingerprint: 'unknown' });
  });
});

/** Stands in for ssh, as a program: the real one would need a server whose banner has no end. */
function fakeSsh(script: string) {
  const path = join(temporaryFolder(), 'ssh.mjs');
  writeFileSync(path, script);
  return { ssh: [process.execPath, path], prompts: NOBODY, env: process.env, all: new Map() };
}

const HOST_KEY = 'debug1: Server host key: ssh-ed25519 SHA256:AAAA';
/** The connection that is held makes its socket; what is run over it has the command as its last argument. */
const ENDLESS = `
import { writeFileSync, writeSync } from 'node:fs';
const args = process.argv.slice(2);
if (args.includes('-M')) {
  writeSync(2, '${HOST_KEY}\\n' + 'x'.repeat(1e6));
  writeFileSync(args[args.indexOf('-S') + 1], '');
  setInterval(() => {}, 1e6);
} else {
  const stream = args.at(-1) === 'stdout' ? process.stdout : process.stderr;
  const write = () => stream.write('x'.repeat(1e6), write);
  write();
}`;

describe('what a server writes without end', () => {
  it('before the login is kept at its beginning and end only', async () => {
    const carrier = await openSystemSsh('prod', fakeSsh(ENDLESS.replace(HOST_KEY, `${'x'.repeat(1e5)}\\n${HOST_KEY}`)));
    onTestFinished(() => carrier.close());
    expect(carrier.hostKey.fingerprint).toBe('unknown');
    const said = new Said();
    for (const text of ['first ', 'x'.repeat(1e6), 'y'.repeat(1e6), ' last']) said.add(text);
    expect(said.text()).toMatch(/^first x+y+ last$/);
    expect(said.text().length).toBeLessThan(200_000);
  });

  it.each(['stdout', 'stderr'])('to %s ends that program', async (stream) => {
    const carrier = await openSystemSsh('prod', fakeSsh(ENDLESS));
    onTestFinished(() => carrier.close());
    expect(carrier.hostKey.fingerprint).toBe('SHA256:AAAA');
    expect((await problemOf(() => carrier.exec(stream, new Uint8Array(), 60_000))).code).toBe('answer-too-long');
  });
});
