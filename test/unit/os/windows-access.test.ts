import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKeyFile, readSecretFile } from '../../../src/client/keys/identity.ts';
import { WindowsAccess } from '../../../src/os/windows-access.ts';
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../src/spa/keys.ts';
import { problemOf, temporaryFolder } from '../client/support.ts';

const ALICE = 'S-1-5-21-1-2-3-1001';

/**
 * icacls and whoami as Windows has them, by what they print and save: test/windows/access.test.ts has programs that ask the
 * access lists of Wine.
 */
class FakeWindows {
  readonly folder = temporaryFolder();
  readonly profile = join(this.folder, 'Users', 'alice');
  readonly elsewhere = join(this.folder, 'keys', 'id');
  readonly ran: string[][] = [];
  saved: string | undefined = `id\r\nD:(A;;FA;;;${ALICE})\r\n`;
  who: string | undefined = `"desktop\\alice","${ALICE}"\r\n`;
  sets = true;
  readonly access = new WindowsAccess({
    ownFolders: [this.profile, join(this.folder, 'nowhere')],
    systemRoot: 'C:\\WINDOWS',
    temporaryFolder: this.folder,
    run: (program, args) => this.run(program, args),
  });

  constructor() {
    for (const path of [this.profile, join(this.elsewhere, '..')]) mkdirSync(path, { recursive: true });
  }

  private run(program: string, args: readonly string[]): string | undefined {
    this.ran.push([program, ...args]);
    if (program.endsWith('whoami.exe')) return this.who;
    const out = args[args.indexOf('/save') + 1];
    if (!args.includes('/save') || out === undefined) return this.sets ? 'done' : undefined;
    if (this.saved !== undefined) writeFileSync(out, this.saved, 'utf16le');
    return 'done';
  }
}

let windows: FakeWindows;
beforeEach(() => {
  windows = new FakeWindows();
});
const make = (path: string) => createKeyFile(path, windows.access, nodeCrypto);
const read = (path: string) => readSecretFile(path, windows.access);

describe('a key file on Windows', () => {
  it('is trusted to the access list of the profile when it is in there: no program is run', () => {
    const path = join(windows.profile, 'AppData', 'knockgate', 'id');
    const key = make(path);
    expect([formatKey(read(path)), windows.ran]).toEqual([formatKey(key), []]);
  });

  it('is left to its user when it is made elsewhere, before the key is in it', () => {
    make(windows.elsewhere);
    expect(windows.ran).toEqual([
      ['C:\\WINDOWS\\System32\\whoami.exe', '/user', '/fo', 'csv', '/nh'],
      ['C:\\WINDOWS\\System32\\icacls.exe', windows.elsewhere, '/inheritance:r', '/grant:r', `*${ALICE}:F`],
    ]);
    expect(read(windows.elsewhere)).toHaveLength(32);
  });

  it.each(['id\r\n', '\uFEFFid\r\n'])('is read with and without a byte order mark before %j', (start) => {
    make(windows.elsewhere);
    windows.saved = `${start}D:(A;;FA;;;${ALICE})\r\n`;
    expect(read(windows.elsewhere)).toHaveLength(32);
  });

  it('is refused when others can open it, with the command that mends it', async () => {
    make(windows.elsewhere);
    windows.saved = `id\r\nD:AI(A;ID;0x1301bf;;;AU)(A;ID;FA;;;${ALICE})\r\n`;
    const problem = await problemOf(() => read(windows.elsewhere));
    expect(problem).toMatchObject({ code: 'key-readable-by-others', exit: 14 });
    expect(problem.why).toContain('Authenticated Users');
    expect(problem.next).toContain(
      `icacls "${windows.elsewhere}" /reset\nicacls "${windows.elsewhere}" /inheritance:r /grant:r *${ALICE}:F`,
    );
  });

  it.each<[string, Partial<FakeWindows>]>([
    ['icacls saves nothing', { saved: undefined }],
    ['icacls saves something else', { saved: 'id\r\n' }],
    ['whoami fails', { who: undefined }],
    ['whoami says no identifier', { who: 'desktop\\alice' }],
  ])('is refused when nothing is known of it: %s', async (_what, change) => {
    make(windows.elsewhere);
    Object.assign(windows, change);
    const problem = await problemOf(() => read(windows.elsewhere));
    expect(problem).toMatchObject({ code: 'key-access-unknown', exit: 14 });
    expect(problem.next).toContain('%APPDATA%');
  });

  it('is not made where others cannot be kept out', async () => {
    windows.sets = false;
    expect(await problemOf(() => make(windows.elsewhere))).toMatchObject({ code: 'key-access-unknown' });
    windows.sets = true;
    expect(make(windows.elsewhere)).toHaveLength(32);
  });
});
