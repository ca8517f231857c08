import { beforeEach, describe, expect, it } from 'vitest';
import { windowAuthority } from '../../../../src/vscode/knock/window-authority.ts';
import { extensions, resetEditor } from '../../../rig/fake-vscode.ts';
import { sshExtension } from '../support.ts';

beforeEach(resetEditor);

const refusing = `{ get remoteAuthority() { throw new Error('CANNOT use API proposal: resolvers'); } }`;

describe("the window's own authority", () => {
  it('is what the extension for SSH windows sees', () => {
    extensions.all.push({ id: 'a.b', extensionPath: '/nowhere', packageJSON: undefined });
    sshExtension(`{ remoteAuthority: 'ssh-remote+prod' }`);
    expect(windowAuthority()).toBe('ssh-remote+prod');
  });

  it('is what one sees that the table does not have', () => {
    sshExtension(`{ remoteAuthority: 'ssh-remote+prod' }`, 'some.other');
    expect(windowAuthority()).toBe('ssh-remote+prod');
  });

  it('is read without the properties beside it, which may throw', () => {
    sshExtension(`{ get appQuality() { throw new Error('proposal'); }, remoteAuthority: 'ssh-remote+prod' }`);
    expect(windowAuthority()).toBe('ssh-remote+prod');
  });

  it('is what one of several extensions sees, when the others are refused it', () => {
    sshExtension(refusing);
    sshExtension(`{ remoteAuthority: 'ssh-remote+prod' }`, 'ms-vscode-remote.remote-ssh');
    expect(windowAuthority()).toBe('ssh-remote+prod');
  });

  it.each([
    ['refuses it', refusing],
    ['gives no module', undefined],
    ['gives nothing', '{}'],
    ['gives another kind of value', '{ remoteAuthority: { toString: () => "ssh-remote+prod" } }'],
    ['gives an empty text', `{ remoteAuthority: '' }`],
    ['gives a text of any length', `{ remoteAuthority: 'ssh-remote+' + 'a'.repeat(5000) }`],
    ['has no `env`', 'undefined'],
  ])('is unknown when the editor %s', (_, env) => {
    sshExtension(env);
    expect(windowAuthority()).toBeUndefined();
  });

  it('is unknown without such an extension, and never asked of our own', () => {
    expect(windowAuthority()).toBeUndefined();
    sshExtension(`{ remoteAuthority: 'ssh-remote+prod' }`, 'knockgate.Knockgate');
    expect(windowAuthority()).toBeUndefined();
  });
});
