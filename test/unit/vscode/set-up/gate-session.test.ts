import { beforeEach, describe, expect, it } from 'vitest';
import { deviceOf } from '../../../../src/deploy/device.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { parseGateLine } from '../../../../src/spa/enrolment.ts';
import { Keyring } from '../../../../src/vscode/keys/keyring.ts';
import type { Parts } from '../../../../src/vscode/parts.ts';
import { withGateSession } from '../../../../src/vscode/set-up/gate-session.ts';
import { resetEditor, workspace } from '../../../rig/fake-vscode.ts';
import { gateLine } from '../../cli/support.ts';
import { FakeNetwork } from '../../client/support.ts';
import { temporaryFolder } from '../../support.ts';
import { FakeContext, hosts } from '../editor.ts';
import { FakeLog, FakeMemento } from '../support.ts';

const PSK = new Uint8Array(32).fill(8);
const FOUND = { clockOffsetMs: 0, psk: PSK, sshPort: undefined };
const GATE = parseGateLine(gateLine('prod'));

beforeEach(resetEditor);

/** An editor without hosts; a session has its device, and no server. */
function editor() {
  const { io } = new FakeNetwork(`${temporaryFolder()}/ledger`);
  const { secrets, stored } = new FakeContext();
  const keyring = new Keyring(secrets, new FakeMemento(), nodeCrypto);
  const deployment = { deviceOf, loginTo: async () => ({}), readGateFiles: () => ({}) };
  const parts = {
    hosts: () => ({ hosts: new Map(), broken: new Map() }),
    globalState: new FakeMemento(),
    loadDeployment: async () => deployment,
    keyring,
    keyName: 'laptop',
    diagnoseIo: { ...io, resolve: async (name: string) => [name] },
    log: new FakeLog(),
    computer: { homeFolder: temporaryFolder(), sshHome: '/nowhere', env: {}, platform: 'linux' },
    programFolder: () => 'dist',
    sshAliases: () => [],
  } as unknown as Parts;
  const device = () => withGateSession(parts, 'prod', 'Set Up', async (session) => session.device);
  return { keyring, stored, device };
}

describe('the pre-shared key that a set-up has agreed on', () => {
  it('is kept among the secrets of the editor, not in its settings, and used by the next session', async () => {
    const { keyring, device } = editor();
    await (await device()).save(GATE, FOUND);
    expect(await keyring.psk('prod')).toEqual(PSK);
    expect(hosts()).toEqual({ prod: { gate: gateLine('prod') } });
    expect((await device()).psk).toEqual(PSK);
  });

  it('is forgotten with the gate when the set-up is taken back', async () => {
    const { keyring, stored, device } = editor();
    const first = await device();
    const secrets = new Set(stored.keys());
    const forget = await first.save(GATE, FOUND);
    await forget();
    expect(await keyring.psk('prod')).toBeUndefined();
    expect([new Set(stored.keys()), hosts()]).toEqual([secrets, {}]);
  });

  it('is forgotten when the settings cannot be written: no gate of that name has it', async () => {
    const { keyring, device } = editor();
    const first = await device();
    const { getConfiguration } = workspace;
    workspace.getConfiguration = (section) => ({
      ...getConfiguration(section),
      update: () => Promise.reject(new Error('read-only')),
    });
    try {
      await expect(first.save(GATE, FOUND)).rejects.toThrow('read-only');
    } finally {
      workspace.getConfiguration = getConfiguration;
    }
    expect(await keyring.psk('prod')).toBeUndefined();
  });

  it('stays when a rotation changes the line of the gate', async () => {
    const { keyring, device } = editor();
    await (await device()).save(GATE, FOUND);
    const forget = await (await device()).save({ ...GATE, slots: 64 });
    expect(await keyring.psk('prod')).toEqual(PSK);
    await forget();
    expect([await keyring.psk('prod'), hosts()]).toEqual([PSK, { prod: { gate: gateLine('prod') } }]);
  });
});
