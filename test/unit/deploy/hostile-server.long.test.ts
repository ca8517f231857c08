import { describe, it } from 'vitest';
import type { Treatment } from '../../rig/hostile-server.ts';
import { meetUnharmed, type Name } from './hostile-scene.ts';

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
  ])('that %s at %s: says nothing that is obeyed, learns no secret, changes nothing here', meetUnharmed);
});
