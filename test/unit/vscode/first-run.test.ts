import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { nodeCrypto } from '../../../src/spa/crypto-node.ts';
import { COMMANDS } from '../../../src/vscode/commands.ts';
import { followFirstRun } from '../../../src/vscode/first-run.ts';
import { HostStates } from '../../../src/vscode/host-states.ts';
import { Keyring } from '../../../src/vscode/keyring.ts';
import { contexts, resetEditor } from './fake-vscode.ts';
import { FakeMemento } from './support.ts';

const { walkthroughs } = manifest.contributes;
const steps = walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const events = steps.flatMap(({ completionEvents }) => completionEvents);
const namesAfter = (prefix: string) =>
  events.filter((event) => event.startsWith(prefix)).map((event) => event.slice(prefix.length));

beforeEach(resetEditor);

describe('the walkthrough', () => {
  it('has a picture for each step', () => {
    for (const { media } of steps) expect([media.svg, existsSync(media.svg)]).toEqual([media.svg, true]);
  });

  it('is ticked off by commands that there are', () => {
    expect(Object.keys(COMMANDS)).toEqual(expect.arrayContaining(namesAfter('onCommand:')));
  });

  it('is ticked off by what the extension tells', async () => {
    const states = new HostStates(() => 0);
    const secrets = new Map<string, string>();
    const store = async (name: string, value: string) => void secrets.set(name, value);
    const keyring = new Keyring(
      { get: async (name) => secrets.get(name), store, delete: async (name) => void secrets.delete(name) },
      new FakeMemento(),
      nodeCrypto,
    );
    followFirstRun({ keyring, hosts: () => ({ hosts: new Map(), broken: new Map() }), states });
    expect(Object.fromEntries(contexts)).toEqual({ 'knockgate.hasKey': false, 'knockgate.hasGate': false });
    // By whatever command: copied, created under a name, imported.
    await keyring.add('work');
    expect(contexts.get('knockgate.hasKey')).toBe(true);
    await keyring.forget('work');
    expect(contexts.get('knockgate.hasKey')).toBe(false);
    states.set('prod', { kind: 'knocking' });
    expect(contexts.size).toBe(2);
    states.set('prod', { kind: 'open', untilMs: 1000, answer: undefined });
    expect(contexts.get('knockgate.hasOpened')).toBe(true);
    expect([...contexts.keys()]).toEqual(expect.arrayContaining(namesAfter('onContext:')));
  });
});
