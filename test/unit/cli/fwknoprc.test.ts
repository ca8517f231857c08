import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../client/support.ts';
import { knockgate } from './support.ts';

const KEYS = 'KEY_BASE64 a2tra2tra2s=\nACCESS tcp/22\n';

describe('knockgate import-fwknoprc', () => {
  let home: string;
  beforeEach(() => {
    home = temporaryFolder();
    mkdirSync(join(home, '.config', 'knockgate'), { recursive: true, mode: 0o700 });
  });
  const hosts = () => readFileSync(join(home, '.config', 'knockgate', 'hosts.toml'), 'utf8');
  const run = (text: string, ...more: string[]) => {
    writeFileSync(join(home, 'rc'), text);
    return knockgate(home, ['import-fwknoprc', join(home, 'rc'), ...more]);
  };

  it('takes [default] when it is asked for, or the only one, under a name of its own', async () => {
    const text = `[default]\nSPA_SERVER 192.0.2.9\n${KEYS}`;
    expect((await run(text)).err).toContain('Add --name');
    expect((await run(text, '--name', 'home')).code).toBe(0);
    expect((await run(`${text}[other]\nSPA_SERVER 192.0.2.8\n`, 'default', '--name', 'again')).code).toBe(0);
    expect(hosts().match(/address = "192\.0\.2\.9"/g)).toHaveLength(2);
  });

  it('asks for no stanza where there is one besides [default]', async () => {
    expect((await run(`[default]\nSPA_SERVER 192.0.2.9\n${KEYS}[other]\nSPA_SERVER 192.0.2.8\n`)).code).toBe(0);
    expect(hosts()).toContain('[other]');
  });

  it("takes the server's address from an option when the stanza has none", async () => {
    expect((await run(`[a]\n${KEYS}`)).err).toContain('Add --address');
    expect((await run(`[a]\n${KEYS}`, '--address', 'bastion.example')).code).toBe(0);
    expect(hosts()).toContain('address = "bastion.example"');
  });

  it('adds no host that would ask for something else', async () => {
    const { code, err } = await run(`[a]\nSPA_SERVER 192.0.2.9\n${KEYS}NAT_RAND_PORT Y\n`);
    expect([code, err]).toEqual([2, expect.stringContaining('NAT_RAND_PORT Y has no counterpart here')]);
  });
});
