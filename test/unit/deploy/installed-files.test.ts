import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { targetFiles } from '../../../src/deploy/installed-files.ts';
import { readGateFiles } from '../../../src/deploy/main.ts';
import { formatManifest, parseManifest } from '../../../src/deploy/plan/manifest.ts';
import { makePlan } from '../../../src/deploy/plan/plan.ts';
import { problemOf, temporaryFolder } from '../support.ts';
import { GATE_FILES, OPTIONS, READY } from './support.ts';

const FOLDER = join(import.meta.dirname, '../../../server-helper/systemd');
const systemd = Object.fromEntries(
  readdirSync(FOLDER)
    .sort()
    .map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
);
const gateFiles = { ...GATE_FILES, systemd };
const paths = targetFiles(gateFiles).map(({ path }) => path);

describe('the files that a deployment puts on a target', () => {
  it('have the places and names by which systemd finds them', () => {
    expect(targetFiles({ ...gateFiles, library: {} }).map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      '0644 /usr/lib/systemd/system/knockgate-action.socket',
      '0644 /usr/lib/systemd/system/knockgate-action@.service',
      '0644 /usr/lib/systemd/system/knockgate-boot.service',
      '0644 /usr/lib/systemd/system/knockgate.service',
      '0644 /usr/lib/sysusers.d/knockgate.conf',
      '0644 /usr/lib/tmpfiles.d/knockgate.conf',
      '0755 /usr/sbin/knockgated',
    ]);
  });

  it('are what the build has packed, and the libraries that lie beside it', async () => {
    const folder = temporaryFolder();
    const packed = { ...GATE_FILES, beside: ['openpgp.min.cjs'] };
    writeFileSync(join(folder, 'gate-files.json'), JSON.stringify(packed));
    expect((await problemOf(() => readGateFiles(folder))).code).toBe('gate-files-missing');
    writeFileSync(join(folder, 'openpgp.min.cjs'), '/*! OpenPGP.js © */\n');
    const library = { ...GATE_FILES.library, 'openpgp.min.cjs': '/*! OpenPGP.js © */\n' };
    expect(readGateFiles(folder)).toEqual({ ...GATE_FILES, library });
  });

  it('are all removed again', () => {
    const manifest = { version: '1', files: paths, packages: [], node: undefined, madeUser: true };
    expect(parseManifest(formatManifest(manifest))?.files).toEqual(paths);
  });

  it('are enabled where the gate needs them at every boot; the socket of actions is the owner’s to enable', () => {
    const { prepare, arm, confirm } = makePlan({
      facts: READY,
      options: OPTIONS,
      secondWay: { kind: 'declined' },
      gateFiles,
      client: { key: new Uint8Array(32).fill(9), name: 'alice' },
      address: '192.0.2.2',
      psk: undefined,
      gateName: 'prod',
    });
    const enabled = [...prepare, ...arm, ...confirm].filter(({ argv }) => argv.includes('enable'));
    expect(enabled.map(({ argv }) => argv)).toEqual([
      ['systemctl', 'enable', 'knockgate-boot.service', 'knockgate.service'],
    ]);
  });
});
