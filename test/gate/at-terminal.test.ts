import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { Typist } from '../rig/typist.ts';

const HOSTS =
  '[prod]\ngate = "knockgate1 gate RTM4bLSdPTyQ7wCcCOyXbWFBXpNtlqQSpyo4WHS9Gyo 32 127.0.0.1 443 prod"\nsshPort = 9\n';
const ESCAPE = '\u001b[';

describe('the command line at a real terminal', () => {
  const { dir, discard } = scratch('terminal');
  const silent = createServer(() => {});
  const at = (line: string, more: NodeJS.ProcessEnv = {}) =>
    new Typist(line, { env: { HOME: dir, XDG_CONFIG_HOME: '', ...more } });
  const program = `${process.execPath} ${resolve('dist/knockgate.cjs')}`;

  beforeAll(async () => {
    mkdirSync(join(dir, '.config/knockgate'), { recursive: true });
    writeFileSync(join(dir, '.config/knockgate/hosts.toml'), HOSTS);
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const { port } = silent.address() as AddressInfo;
    writeFileSync(join(dir, 'ssh.conf'), `Host silent\n  HostName 127.0.0.1\n  Port ${port}\n  User dev\n`);
  });
  afterAll(() => {
    silent.close();
    discard();
  });

  it('asks again after a wrong answer, and ends at the first Ctrl-C', async () => {
    const person = at(`${program} remove prod`);
    await person.sees('[yes/no]');
    person.type('perhaps\r');
    await person.sees('[yes/no]');
    person.type('\u0003');
    await person.sees('prod: cancelled');
    expect(await person.ends()).toBe(13);
  });

  it('shows colours on a terminal, and the same words without', async () => {
    const coloured = at(`${program} status`);
    await coloured.sees(/prod +refuses/);
    await coloured.ends();
    expect(coloured.shown).toContain(`${ESCAPE}31m`);
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const plain = at(`${program} status`, env);
      await plain.sees(/prod +refuses/);
      await plain.ends();
      expect(plain.shown).not.toContain(ESCAPE);
    }
    const piped = at(`${program} status | cat`);
    await piped.sees(/\nprod +refuses/);
    await piped.ends();
  });

  it('shows nothing of a password that is typed early, and ends at Ctrl-C while it waits', async () => {
    const person = at(`${program} deploy silent --ssh-config ${join(dir, 'ssh.conf')} --no-second-way`);
    await person.sees('Log in to silent');
    person.type('hunter2\r');
    await new Promise((done) => setTimeout(done, 300));
    person.type('\u0003');
    // The server would have 15 seconds to answer.
    await person.sees('silent: cancelled');
    expect(await person.ends()).toBe(13);
    expect(person.shown).not.toContain('hunter2');
  });
});
