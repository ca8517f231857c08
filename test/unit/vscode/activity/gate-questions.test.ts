import { beforeEach, describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../../src/base/loose-json.ts';
import { connectionLost } from '../../../../src/deploy/connection/problems.ts';
import type { Ran } from '../../../../src/deploy/connection/remote.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { GateQuestions } from '../../../../src/vscode/activity/gate-questions.ts';
import { Keyring } from '../../../../src/vscode/keys/keyring.ts';
import type { Parts } from '../../../../src/vscode/parts.ts';
import { resetEditor } from '../../../rig/fake-vscode.ts';
import { FakeNetwork } from '../../client/support.ts';
import { problemOf, temporaryFolder } from '../../support.ts';
import { FakeContext } from '../editor.ts';
import { FakeLog, FakeMemento } from '../support.ts';

beforeEach(resetEditor);

const said = (stdout: string, code = 0): Ran => ({ code, stdout, stderr: '' });

/** Questions to a gate whose connections give these answers, one after the other; an error is thrown. */
function questions(...connections: (Ran | Error)[][]) {
  const { io } = new FakeNetwork(`${temporaryFolder()}/ledger`);
  const keyring = new Keyring(new FakeContext().secrets, new FakeMemento(), nodeCrypto);
  const seen = { logins: 0, closed: 0 };
  const connectToGate = async () => {
    const script = connections[seen.logins] ?? [];
    seen.logins += 1;
    if (script[0] instanceof Error && script.length === 1) throw script[0];
    return {
      seenFrom: '203.0.113.5',
      ask: async () => {
        const next = script.shift() ?? said('{}');
        if (next instanceof Error) throw next;
        return next;
      },
      close: async () => {
        seen.closed += 1;
      },
    };
  };
  const deployment = { deviceOf: () => ({}), loginTo: async () => ({}), readGateFiles: () => ({}), connectToGate };
  const parts = {
    hosts: () => ({ hosts: new Map(), broken: new Map() }),
    globalState: new FakeMemento(),
    loadDeployment: async () => deployment,
    keyring,
    keyName: 'laptop',
    diagnoseIo: io,
    log: new FakeLog(),
    clock: { monotonicMs: () => 0 },
    computer: { homeFolder: temporaryFolder(), sshHome: '/nowhere', env: {}, platform: 'linux' },
    programFolder: () => 'dist',
    sshAliases: () => [],
  } as unknown as Parts;
  return { gate: new GateQuestions(parts, 'prod'), seen };
}

const ASK = ['activity', '--json'];
const LOST = connectionLost('prod');

describe('questions to a gate', () => {
  it('share one login, also when several are asked at once', async () => {
    const { gate, seen } = questions([said('{"a":1}'), said('{"a":2}')]);
    const found = await Promise.all([gate.ask(ASK, fieldsOf), gate.ask(ASK, fieldsOf), gate.ownAddress()]);
    expect(found).toEqual([{ raw: { a: 1 }, value: { a: 1 } }, { raw: { a: 2 }, value: { a: 2 } }, '203.0.113.5']);
    expect(seen).toEqual({ logins: 1, closed: 0 });
  });

  it('log in again after the connection was lost', async () => {
    const { gate, seen } = questions([said('{}'), LOST, LOST], [said('{"a":3}'), said('{"a":4}')]);
    await gate.ask(ASK, fieldsOf);
    const found = await Promise.all([gate.ask(ASK, fieldsOf), gate.ask(ASK, fieldsOf)]);
    expect(found.map(({ raw }) => raw)).toEqual([{ a: 3 }, { a: 4 }]);
    expect(seen).toEqual({ logins: 2, closed: 1 });
  });

  it('do not log in for ever', async () => {
    const { gate, seen } = questions([said('{}'), LOST], [LOST, said('{}')]);
    await gate.ask(ASK, fieldsOf);
    expect((await problemOf(() => gate.ask(ASK, fieldsOf))).code).toBe('connection-lost');
    expect(seen.logins).toBe(2);
  });

  it('try a login again with the next question', async () => {
    const { gate } = questions([LOST], [said('{"a":5}')]);
    expect((await problemOf(() => gate.ask(ASK, fieldsOf))).code).toBe('connection-lost');
    expect((await gate.ask(ASK, fieldsOf)).raw).toEqual({ a: 5 });
  });

  it('have a readable error when the gate refuses, or answers something else', async () => {
    const { gate } = questions([said('unknown command: activity', 2), said('hello')]);
    const refused = await problemOf(() => gate.ask(ASK, fieldsOf));
    expect([refused.code, refused.why]).toEqual(['gate-refused', 'It said: "unknown command: activity"']);
    const read = (answer: unknown) => {
      if (answer === undefined) throw new RangeError('expected an object');
    };
    expect((await problemOf(() => gate.ask(ASK, read))).code).toBe('answer-not-understood');
  });

  it('end with the connection when the page is closed', async () => {
    const { gate, seen } = questions([said('{}')]);
    await gate.ask(ASK, fieldsOf);
    gate.close();
    expect((await problemOf(() => gate.ask(ASK, fieldsOf))).code).toBe('cancelled');
    expect(seen).toEqual({ logins: 1, closed: 1 });
  });
});
