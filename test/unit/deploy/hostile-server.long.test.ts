import { describe, expect, it } from 'vitest';
import { OBEYED, type Treatment } from '../../rig/hostile-server.ts';
import { meet, meetUnharmed, type Name, SECRETS } from './hostile-scene.ts';

describe('a hostile server', () => {
  it.each<[Treatment, Name, RegExp]>([
    ['disconnects', 'undeploy', /no SSH connection/],
    ['disconnects', 'gate', /no SSH connection/],
    ['disconnects', 'rotate', /no SSH connection/],
    ['never ends', 'gate', /sent too much output, so the connection was closed/],
    ['babbles', 'undeploy', /Host key storage/],
    ['babbles', 'rotate', /Host key storage/],
    ['runs another command', 'undeploy', /does not run the commands that it is given/],
    ['runs another command', 'rotate', /does not run the commands that it is given/],
    ['re-keys with another host key', 'undeploy', /the connection broke off/],
    ['re-keys with another host key', 'gate', /the connection broke off/],
    ['re-keys with another host key', 'rotate', /the connection broke off/],
    ['forges its line', 'deploy', /its key is that of other already/],
    ['lies about the time', 'deploy', /--yes does not accept a wrong clock/],
    ['lies about the time', 'undeploy', /this server has no gate/],
    ['never ends', 'undeploy', /sent too much output, so the connection was closed/],
    ['never ends', 'rotate', /sent too much output, so the connection was closed/],
    ['lies about the time', 'rotate', /answer to this step is unreadable/],
    ['forges its line', 'undeploy', /this server has no gate/],
  ])('that %s at %s: says nothing that is obeyed, learns no secret, changes nothing here', meetUnharmed);

  // A question to the gate takes neither its line nor its time: there is nothing to lie about.
  it.each<Treatment>(['lies about the time', 'forges its line'])(
    'that %s at gate: learns no secret, changes nothing here',
    async (treatment) => {
      const { said, received, before, after } = await meet(treatment, 'gate');
      expect(said).not.toMatch(OBEYED);
      expect(received).not.toBe('');
      for (const secret of SECRETS) expect(received).not.toContain(secret);
      expect(after).toEqual(before);
    },
  );
});
