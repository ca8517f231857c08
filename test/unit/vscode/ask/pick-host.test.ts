import { beforeEach, describe, expect, it } from 'vitest';
import { hostsInvalid } from '../../../../src/client/problems.ts';
import { pickDestination, pickHost } from '../../../../src/vscode/ask/pick-host.ts';
import { HostStates } from '../../../../src/vscode/knock/host-states.ts';
import { answers, resetEditor, shown } from '../../../rig/fake-vscode.ts';
import { FakeClock } from '../../client/support.ts';
import { HOST } from '../support.ts';

const BOOK = { hosts: new Map([['prod', HOST]]), broken: new Map([['bad', hostsInvalid('x', 'y', 'z')]]) };

beforeEach(resetEditor);

const parts = () => ({ hosts: () => BOOK, states: new HostStates(() => 0), clock: new FakeClock() });
const offered = () => shown[0]?.items.map((item) => (item as { label: string }).label);

describe('the list of hosts', () => {
  it('offers one with wrong settings to a command that mends or removes it', async () => {
    answers.push('bad');
    expect(await pickHost(parts(), 'Edit Host', 'all')).toBe('bad');
    expect(offered()).toEqual(['prod', 'bad']);
  });

  it('says what is wrong with a typed text that ssh would not take, and does not take it', async () => {
    answers.push('-oProxyCommand=x');
    expect(await pickDestination({ ...parts(), sshAliases: () => [] }, 'Knock', false)).toBeUndefined();
    expect(shown.at(-1)).toMatchObject({ kind: 'typed' });
    expect(shown.at(-1)?.items).toContainEqual(expect.objectContaining({ label: 'Not a host' }));
  });

  it('leaves it out for a command that needs a gate', async () => {
    answers.push('prod');
    expect(await pickHost(parts(), 'Copy Gate Line', 'gates')).toBe('prod');
    expect(offered()).toEqual(['prod']);
  });
});
