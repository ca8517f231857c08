import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../client/support.ts';

/** A stand-in for gpg: it lists and exports what it is told to, and writes down what it was asked. */
export function fakeGpg({ listing, armoured }: { listing: string; armoured: string | Record<string, string> }) {
  const folder = temporaryFolder();
  const [program, nowhere] = [join(folder, 'gpg'), join(folder, 'nothing')];
  mkdirSync(nowhere);
  writeFileSync(join(folder, 'listing'), listing);
  const keys = typeof armoured === 'string' ? { '': armoured } : armoured;
  for (const [name, text] of Object.entries(keys)) writeFileSync(join(folder, `key-${name}`), text);
  writeFileSync(
    program,
    `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const at = (name) => ${JSON.stringify(folder)} + '/' + name;
appendFileSync(at('asked'), args.join(' ') + '\\n');
if (args.includes('--passphrase-fd')) writeFileSync(at('input'), readFileSync(0));
if (args.includes('--with-colons')) process.stdout.write(readFileSync(at('listing')));
else {
  const own = at('key-' + args.at(-1));
  const text = readFileSync(existsSync(own) ? own : at('key-'), 'utf8');
  process.stdout.write(text);
  if (text === '') console.error('gpg: nothing exported');
}
`,
  );
  chmodSync(program, 0o755);
  const asked = () => {
    const file = join(folder, 'asked');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  return { folder, nowhere, env: { PATH: folder }, asked };
}
