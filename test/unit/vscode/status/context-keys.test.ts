import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../../../package.json' with { type: 'json' };
import { hostsInvalid } from '../../../../src/client/problems.ts';
import { NEEDS_KEY } from '../../../../src/vscode/command-names.ts';
import { configuration, contexts, resetEditor } from '../../../rig/fake-vscode.ts';
import { followedKeys } from '../followed-keys.ts';
import { HOST } from '../support.ts';

const steps = manifest.contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const events = steps.flatMap(({ completionEvents }) => completionEvents);
const onCommand = events.filter((event) => event.startsWith('onCommand:')).map((event) => event.split(':')[1]);

beforeEach(resetEditor);

const isSet = (key: string) => contexts.get(`knockgate.${key}`);
/** The names of the keys that are set. */
const allSet = () => [...contexts].flatMap(([key, value]) => (value === true ? [key.replace('knockgate.', '')] : []));

describe('the walkthrough', () => {
  it('has a picture for each step', () => {
    for (const { media } of steps) expect([media.svg, existsSync(media.svg)]).toEqual([media.svg, true]);
  });

  it('is ticked off by commands that there are', () => {
    expect(Object.keys(NEEDS_KEY).map((name) => `knockgate.${name}`)).toEqual(expect.arrayContaining(onCommand));
  });
});

describe('the context keys', () => {
  it('are all off on an empty machine', () => {
    followedKeys();
    expect(allSet()).toEqual([]);
    expect(contexts.size).toBeGreaterThan(8);
  });

  it('say what hosts there are, right or wrong', () => {
    const broken = followedKeys({ hosts: new Map(), broken: new Map([['bad', hostsInvalid('x', 'y', 'z')]]) });
    expect(allSet()).toEqual(['hasHosts']);
    broken.keys.dispose();
    followedKeys({ hosts: new Map([['prod', HOST]]), broken: new Map() });
    expect(allSet()).toEqual(['hasHosts', 'hasGate']);
  });

  it('follow the keys of this device, by whatever command they come and go', async () => {
    const { keyring } = followedKeys({ hosts: new Map([['prod', HOST]]), broken: new Map() });
    await keyring.add('work');
    expect([isSet('hasKey'), isSet('hasIdentities'), isSet('rotating')]).toEqual([true, true, false]);
    await keyring.makeNext('work');
    await keyring.setPsk('prod', new Uint8Array(32));
    expect([isSet('rotating'), isSet('hasPsk')]).toEqual([true, true]);
    await keyring.finishRotation('work');
    expect([isSet('hasKey'), isSet('rotating')]).toEqual([true, false]);
    await keyring.forgetPsk('prod');
    await keyring.forget('work');
    expect(allSet()).toEqual(['hasHosts', 'hasGate']);
  });

  it('follow the hook, the key file, and the first port that opens', () => {
    const { keys, sshHook, keyFile, states } = followedKeys({ hosts: new Map([['prod', HOST]]), broken: new Map() });
    sshHook.isOn = true;
    configuration.set('knockgate.keyStore', 'file');
    keys.refresh();
    expect(allSet().sort()).toEqual(['hasGate', 'hasHosts', 'hookEnabled', 'keysLocked']);
    keyFile.isLocked = false;
    states.set('prod', { kind: 'knocking' });
    keys.refresh();
    expect([isSet('keysLocked'), isSet('hasOpened')]).toEqual([false, false]);
    states.set('prod', { kind: 'open', untilMs: 1000, answer: undefined });
    expect(isSet('hasOpened')).toBe(true);
  });

  it('are told only when they change', () => {
    const { keys } = followedKeys();
    contexts.clear();
    keys.refresh();
    expect(contexts.size).toBe(0);
  });
});
