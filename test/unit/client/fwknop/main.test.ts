import { execFile } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { build, LIBRARIES } from '../../../../scripts/build.mjs';
import { makeGpgKeys } from '../../fwknop/gpg-keys.ts';
import { temporaryFolder } from '../support.ts';

const run = promisify(execFile);

/** Says which files are loaded, before and after keys are opened. */
const SCRIPT = `
  const { basename } = require('node:path');
  const loaded = () => Object.keys(require.cache).map((path) => basename(path)).sort().join(' ');
  const { openGpgSecrets } = require(process.argv[1]);
  console.log(loaded());
  const text = require('node:fs').readFileSync(process.argv[2], 'utf8');
  openGpgSecrets({ recipient: { name: '', text }, signer: undefined, passphrase: async () => undefined, hmacKey: undefined })
    .then(() => console.log(loaded()), (error) => console.log(error.text.code));`;

it('what speaks to fwknopd loads OpenPGP when keys are opened, and says when it is not there', async () => {
  const folder = temporaryFolder();
  const [bundle, library, key] = [join(folder, 'fwknop.js'), join(folder, 'openpgp.min.cjs'), join(folder, 'key.asc')];
  await build({ entries: { [bundle]: 'src/client/fwknop/main.ts' } });
  writeFileSync(key, (await makeGpgKeys('server', { kind: 'ecc' })).public);
  const opened = async () => (await run(process.execPath, ['-e', SCRIPT, bundle, key])).stdout;
  expect(await opened()).toBe('fwknop.js\nopenpgp-missing\n');
  copyFileSync(LIBRARIES['dist/openpgp.min.cjs'] ?? '', library);
  expect(await opened()).toBe('fwknop.js\nfwknop.js openpgp.min.cjs\n');
});
