import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect } from '../../../../server-helper/fleet-agent/collect.ts';
import { folderStore } from '../../../../server-helper/fleet-agent/folder-store.ts';
import { utf8 } from '../../../../src/base/bytes.ts';
import { signDocument } from '../../../../src/cli/fleet/sign.ts';
import { writeStore } from '../../../../src/cli/fleet/write-store.ts';
import { runProgram } from '../../../../src/cli/run-program.ts';
import { clientsOf } from '../../../../src/fleet/clients.ts';
import { type Compiled, compile, headFor } from '../../../../src/fleet/policy/compile.ts';
import { readPolicy } from '../../../../src/fleet/policy/read-policy.ts';
import { type StoreFile, storeFiles, tokenFor } from '../../../../src/fleet/policy/store-files.ts';
import { formatSignerKey } from '../../../../src/fleet/signer-key.ts';
import { verifySshSignature } from '../../../../src/fleet/sshsig.ts';
import { type TakenSet, takeSet } from '../../../../src/fleet/take.ts';
import { nodeVerifier } from '../../../../src/fleet/verify-node.ts';
import { ISSUED, TestOrg, TestSigner, YEAR } from '../../../rig/fleet-org.ts';
import { HASHING, keyOf, POLICY, SEED, WITHOUT_BEN } from '../../../rig/fleet-policy.ts';
import { problemOf, temporaryFolder } from '../../support.ts';

const anna = new TestSigner('anna');
const ORG = new TestOrg([anna]);
const ROOTS = ORG.roots.map(({ text, signatures: [signature = ''] }, i) => {
  return { number: i + 1, text, signatures: new Map([['anna', signature]]) };
});

/** Files of a head with this number. */
function published(policy: string, number: number): readonly StoreFile[] {
  const compiled: Compiled = compile(readPolicy(policy), ORG.org, HASHING);
  const facts = { org: ORG.org, number, issued: ISSUED, expires: ISSUED + YEAR, root: 1, folded: [] };
  const text = headFor(compiled, { ...facts, policyText: policy }, HASHING);
  const head = { number, text, signatures: new Map([['anna', anna.sign(text, 'knockgate-head')]]) };
  return storeFiles({ roots: ROOTS, head, compiled, seed: SEED }, HASHING);
}

/** Set that a gate takes from a store, by way of the agent. */
async function taken(folder: string, gate: string, present?: TakenSet): Promise<TakenSet> {
  const collector = { gate, token: tokenFor(SEED, gate, HASHING) };
  const offered = await collect(folderStore(folder), collector, () => 0);
  const taker = { verifier: nodeVerifier, org: ORG.org, gateId: gate, gateKeys: [keyOf(gate)], now: ISSUED };
  const { set, alarms } = takeSet(taker, present, offered);
  expect(alarms).toEqual([]);
  if (set === undefined) throw new Error('nothing was taken');
  return set;
}

const namesIn = (set: TakenSet, gate: string) => clientsOf(set, gate).clients.map(({ name }) => name);

describe('publishing into a folder', () => {
  it('lets gates take each set: a person is in, and out', async () => {
    const folder = temporaryFolder();
    writeStore(folder, published(POLICY, 1), 'a');
    const first = await taken(folder, 'web1');
    expect(namesIn(first, 'web1')).toEqual(['anna/laptop', 'ben/laptop']);
    expect(namesIn(await taken(folder, 'web2'), 'web2')).toEqual(['anna/laptop']);
    writeStore(folder, published(WITHOUT_BEN, 2), 'b');
    expect(namesIn(await taken(folder, 'web1', first), 'web1')).toEqual(['anna/laptop']);
  });

  it('does nothing a second time', () => {
    const folder = temporaryFolder();
    expect(writeStore(folder, published(POLICY, 1), 'a')).toBe(published(POLICY, 1).length);
    expect(writeStore(folder, published(POLICY, 1), 'b')).toBe(0);
  });

  it('leaves what somebody else has published under that number, and the hint', async () => {
    const folder = temporaryFolder();
    writeStore(folder, published(POLICY, 1), 'a');
    const [theirs, mine] = [published(POLICY, 2), published(WITHOUT_BEN, 2)];
    // Their signature and head are there, and their hint is not yet.
    writeStore(folder, theirs.slice(0, -1), 'b');
    const problem = await problemOf(() => writeStore(folder, mine, 'c'));
    expect(problem.code).toBe('already-published');
    const head = theirs.find(({ path }) => path === 'head/2.json');
    expect(readFileSync(join(folder, 'head/2.json'), 'utf8')).toBe(head?.text);
    expect(readFileSync(join(folder, 'latest'), 'utf8')).toBe('root 1\nhead 1\n');
  });

  it('writes the head behind everything that it names, and the hint last', () => {
    const paths = published(POLICY, 3).map(({ path }) => path);
    expect(paths.slice(-2)).toEqual(['head/3.json', 'latest']);
  });
});

describe('signing', () => {
  /** Stands in for ssh-keygen: the test says what it leaves behind. */
  const shell = (leave: (file: string) => number | undefined) => ({
    platform: 'linux' as const,
    env: {},
    runProgram: async (program: string, args: readonly string[]) => {
      expect([program, ...args.slice(0, -1)]).toEqual([
        'ssh-keygen',
        '-q',
        '-Y',
        'sign',
        '-f',
        '/keys/anna',
        '-n',
        'knockgate-head',
      ]);
      seen = args.at(-1) ?? '';
      return leave(seen);
    },
  });
  let seen = '';
  const sign = (leave: (file: string) => number | undefined) =>
    signDocument('{}\n', 'head', '/keys/anna', shell(leave));

  it('gives the signature, and leaves no file behind', async () => {
    const made = anna.sign('{}\n', 'knockgate-head');
    const given = await sign((file) => {
      writeFileSync(`${file}.sig`, made);
      return 0;
    });
    expect(given).toBe(made);
    expect(existsSync(seen)).toBe(false);
  });

  it.each([
    ['is not installed', 'ssh-keygen-missing', () => undefined],
    ['has failed', 'not-signed', () => 255],
    [
      'has signed something else',
      'not-signed',
      (file: string) => {
        writeFileSync(`${file}.sig`, anna.sign('[]\n', 'knockgate-head'));
        return 0;
      },
    ],
  ])('says what happened when ssh-keygen %s', async (_, code, leave) => {
    expect((await problemOf(() => sign(leave))).code).toBe(code);
    expect(existsSync(seen)).toBe(false);
  });

  it('is done by the real ssh-keygen', async () => {
    const key = join(temporaryFolder(), 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    const signature = await signDocument('{}\n', 'rev', key, { ...shell(() => undefined), runProgram });
    const signer = verifySshSignature(nodeVerifier, signature, 'knockgate-rev', utf8('{}\n'));
    expect(readFileSync(`${key}.pub`, 'utf8')).toContain(typeof signer === 'string' ? signer : formatSignerKey(signer));
  });
});
