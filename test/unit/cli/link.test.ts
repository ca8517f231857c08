import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../client/support.ts';
import { gateLine, knockgate } from './support.ts';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
});

describe('link', () => {
  it('prints what opens the editor with the line of a host', async () => {
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
});
