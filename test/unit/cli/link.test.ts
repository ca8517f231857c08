import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Shell } from '../../../src/cli/shell.ts';
import { formatGateLine, parseGateLine } from '../../../src/spa/enrolment.ts';
import { pair, temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

const OTHER_KEY = formatGateLine({ ...parseGateLine(gateLine('box', ['203.0.113.66'])), key: pair.clientPublic });
let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

describe('link', () => {
  it('prints a link that opens the editor with the line of a host', async () => {
    await knockgate(home, ['add', gateLine('prod', ['203.0.113.7'])]);
    const line = gateLine('prod', ['203.0.113.7']).replaceAll(' ', '+');
    expect(await knockgate(home, ['link', 'prod'])).toMatchObject({
      code: 0,
      out: `vscode://knockgate.knockgate/add?line=${line}\n`,
      err: '',
    });
    expect((await knockgate(home, ['link', 'prod', '--scheme', 'vscodium'])).out).toMatch(/^vscodium:\/\//);
  });

  it('says what is wrong', async () => {
    expect(await knockgate(home, ['link', 'prod'])).toMatchObject({ code: 3, out: '' });
    expect(await knockgate(home, ['link', 'prod', '--scheme', 'a b'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('add', () => {
  it('refuses the key of a gate at another address, unless it replaces that line', async () => {
    await knockgate(home, ['add', gateLine('prod', ['203.0.113.7'])]);
    const elsewhere = gateLine('newbox', ['203.0.113.66']);
    expect(await knockgate(home, ['add', elsewhere])).toMatchObject({
      code: 3,
      err: expect.stringContaining('newbox: its key is that of prod already'),
    });
    expect(await knockgate(home, ['add', elsewhere, '--name', 'prod', '--replace'])).toMatchObject({ code: 0 });
    expect(await knockgate(home, ['add', elsewhere, '--name', 'alias'])).toMatchObject({ code: 0 });
  });

  it('refuses the key of another gate for a host that is knocked at elsewhere', async () => {
    await knockgate(home, ['add', gateLine('prod', ['203.0.113.7'])]);
    const file = join(home, '.config/knockgate/hosts.toml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n[box]\ngate = "${OTHER_KEY}"\naddress = "203.0.113.66"\n`);
    const before = readFileSync(file, 'utf8');
    const line = gateLine('prod', ['203.0.113.7']);
    expect(await knockgate(home, ['add', line, '--name', 'box', '--replace'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('Knocks would go to 203.0.113.66; prod is known at 203.0.113.7.'),
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('knock and connect with --gate', () => {
  const line = gateLine('newbox', ['127.0.0.66']);
  it.each([
    ['knock, by its line', ['knock', 'newbox', '--gate', line]],
    ['knock, by the address that is its name', ['knock', '127.0.0.66', '--gate', gateLine('prod', ['127.0.0.7'])]],
    ['connect', ['connect', 'newbox', '22', '--gate', line]],
  ])('send nothing with the key of a known gate to another address: %s', async (_, argv) => {
    await knockgate(home, ['keygen']);
    await knockgate(home, ['add', gateLine('prod', ['127.0.0.7'])]);
    const sent: string[] = [];
    const openRoute: Shell['openRoute'] = (address) => {
      sent.push(address);
      throw new Error('no packet is expected');
    };
    expect(await knockgate(home, argv, { openRoute })).toMatchObject({
      code: 3,
      err: expect.stringContaining('its key is that of prod already'),
    });
    expect(sent).toEqual([]);
  });

  it('knock at the address where that gate is known', async () => {
    await knockgate(home, ['keygen']);
    await knockgate(home, ['add', gateLine('prod', ['127.0.0.7'])]);
    const { err } = await knockgate(home, ['knock', 'p', '--gate', gateLine('prod', ['127.0.0.7'])]);
    expect(err).toContain('to 127.0.0.7 (UDP 443)');
  });
});
