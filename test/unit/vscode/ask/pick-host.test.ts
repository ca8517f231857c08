import { beforeEach, describe, expect, it } from 'vitest';
import { hostsInvalid } from '../../../../src/client/problems.ts';
import { pickHost } from '../../../../src/vscode/ask/pick-host.ts';
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

  it('leaves it out for a command that needs a gate', async () => {
    answers.push('prod');
    expect(await pickHost(parts(), 'Copy Gate Line', 'gates')).toBe('prod');
    expect(offered()).toEqual(['prod']);
  });
});
