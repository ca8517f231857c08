import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { askInSteps } from '../../../../src/vscode/ask/ask-in-steps.ts';
import { FWKNOP_FORM } from '../../../../src/vscode/host-forms/fwknop.ts';
import { answers, ENTER, resetEditor, shown, Uri } from '../../../rig/fake-vscode.ts';
import { temporaryFolder } from '../../client/support.ts';
import { fakeGpg } from '../../fwknop/fake-gpg.ts';
import { makeGpgKeys, type TestKeys } from '../../fwknop/gpg-keys.ts';

beforeEach(resetEditor);
afterEach(() => void vi.unstubAllEnvs());

const FINGERPRINT = 'A'.repeat(40);
const LISTING = `sec:u:255:22:1:1700000000:::u:::scESC:::+:::23::0:\nfpr:::::::::${FINGERPRINT}:\nuid:u::::::::Alice::::::::::0:\n`;
const HMAC_KEY = Buffer.alloc(64, 2).toString('base64');
let server: TestKeys;
let client: TestKeys;
let locked: TestKeys;
beforeAll(async () => {
  [server, client, locked] = await Promise.all([
    makeGpgKeys('server', { kind: 'ecc' }),
    makeGpgKeys('client', { kind: 'ecc' }),
    makeGpgKeys('locked', { kind: 'ecc', passphrase: 'open sesame' }),
  ]);
});

/** The file dialog chooses a file with this text. */
const file = (text: string) => {
  const path = join(temporaryFolder(), 'key.asc');
  writeFileSync(path, text);
  return [Uri.file(path)];
};
const oneLine = (text: string) => text.replaceAll('\n', ' ');
/** Details of the entries of the last list. */
const details = () => (shown.filter(({ kind }) => kind === 'choice').at(-1)?.items ?? []) as { detail?: string }[];

async function add(...given: unknown[]) {
  answers.push('bastion.example', '', 'OpenPGP', ...given);
  const soFar = { known: 'bastion', taken: new Set<string>() };
  const all = await askInSteps('Add', (answered) => FWKNOP_FORM.addSteps(soFar, answered));
  return all && FWKNOP_FORM.added(soFar, all, nodeCrypto);
}

describe("adding a host in GnuPG's mode", () => {
  it('takes keys from a file and as pasted', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    const given = ['A file…', file(server.public), 'Paste…', oneLine(client.secret), '', ENTER, HMAC_KEY];
    const { fields, keys } = (await add(...given)) ?? {};
    expect(fields).toEqual({ kind: 'fwknop', address: 'bastion.example', mode: 'gpg' });
    expect(JSON.parse(keys ?? '')).toEqual({
      recipient: server.public,
      signer: client.secret,
      hmacKey: `HMAC_KEY_BASE64: ${HMAC_KEY}\n`,
    });
  });

  it('offers the keys that GnuPG has, and takes one with its passphrase', async () => {
    vi.stubEnv('PATH', fakeGpg({ listing: LISTING, armoured: locked.secret }).folder);
    const given = ['A file…', file(server.public), 'Alice', 'open sesame', 'Text', 'HMAC_KEY  secret'];
    expect(JSON.parse((await add(...given))?.keys ?? '')).toMatchObject({
      signer: locked.secret,
      passphrase: 'open sesame',
      hmacKey: 'HMAC_KEY: secret\n',
    });
  });

  it('leaves out what there is none of: a signature, a passphrase, an HMAC', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    const { fields, keys } = (await add('A file…', file(server.public), 'None', 'None')) ?? {};
    expect(fields).toMatchObject({ mode: 'gpg', hmac: 'none' });
    expect(JSON.parse(keys ?? '')).toEqual({ recipient: server.public });
  });

  it('refuses a key that cannot be used where it is chosen, and asks again', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    const wrong = ['A file…', file('no key'), 'A file…', undefined, 'A file…', file(server.public)];
    const signer = ['A file…', file(client.public), 'A file…', file(locked.secret)];
    const given = [...wrong, ...signer, 'not its passphrase', 'open sesame', ENTER, HMAC_KEY];
    expect(JSON.parse((await add(...given))?.keys ?? '')).toMatchObject({ passphrase: 'open sesame' });
    expect(answers).toEqual([]);
  });

  it('says what is wrong with it beside what was chosen', async () => {
    vi.stubEnv('PATH', fakeGpg({ listing: LISTING, armoured: '' }).folder);
    expect(await add('Alice')).toBeUndefined();
    expect(details()[0]?.detail).toContain('gpg: nothing exported');
    resetEditor();
    expect(await add('A file…', file('no key'))).toBeUndefined();
    expect(details().map(({ detail }) => detail)).toContainEqual(expect.stringContaining('Expected one key'));
    resetEditor();
    expect(await add('Paste…', 'no key')).toBeUndefined();
    expect(shown.find(({ kind }) => kind === 'complaint')?.message).toContain('Expected all that gpg prints');
  });

  it('takes no file of another computer', async () => {
    vi.stubEnv('PATH', temporaryFolder());
    expect(await add('A file…', [{ scheme: 'vscode-remote', fsPath: '/key' }])).toBeUndefined();
    expect(details().map(({ detail }) => detail)).toContainEqual(expect.stringContaining('Keys stay on the computer'));
  });
});
