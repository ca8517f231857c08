import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSsh2, readKnownHosts } from '../../../src/deploy/connection/ssh2/carrier.ts';
import { newSshKey } from '../../rig/ssh-key.ts';
import { problemOf, temporaryFolder } from '../support.ts';
import { SETTINGS } from './support.ts';

const YES = { secret: async () => undefined, text: async () => undefined, confirm: async () => true };

/** Logs in to a server that takes keys alone. */
async function login(settings: Partial<typeof SETTINGS>) {
  const server = new ssh2.Server({ hostKeys: [newSshKey()] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => {
      if (attempt.method === 'publickey') attempt.accept();
      else attempt.reject(['publickey']);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const all = { ...SETTINGS, hostName: '127.0.0.1', port, ...settings };
  return openSsh2(all, {
    prompts: YES,
    here: { home: temporaryFolder(), user: 'alice', env: {} },
    look: async () => all,
  });
}

describe('a known_hosts', () => {
  it('that cannot be read has no lines, as for ssh: a folder, nothing, a file below a file', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const files = [folder, join(folder, 'none'), join(folder, 'file', 'below')];
    expect(readKnownHosts({ ...SETTINGS, userKnownHostsFiles: files })).toEqual([]);
  });

  it('that cannot be written is named, and nobody logs in', async () => {
    const folder = temporaryFolder();
    const problem = await problemOf(() => login({ userKnownHostsFiles: [folder] }));
    expect(problem).toMatchObject({ code: 'host-key-not-noted', why: 'The system said EISDIR.' });
    expect(problem.what).toContain(folder);
  });
});

describe('a key file of ssh', () => {
  it('that cannot be read is left out, and the next one is tried', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'id.pub'));
    mkdirSync(join(folder, 'id'));
    writeFileSync(join(folder, 'good'), newSshKey());
    chmodSync(join(folder, 'good'), 0o600);
    const known = join(folder, 'known_hosts');
    const carrier = await login({
      userKnownHostsFiles: [known],
      identityFiles: [join(folder, 'id'), join(folder, 'good')],
    });
    expect(carrier.kind).toBe('ssh2');
    await carrier.close();
  });
});
