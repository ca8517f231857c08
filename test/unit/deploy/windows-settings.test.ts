import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../../src/deploy/connection/settings.ts';

/** Written by hand after the documentation of OpenSSH for Windows: no registry has its ssh.exe. */
const OUTPUT = [
  'hostname 192.0.2.2',
  'user dev',
  'port 22',
  'globalknownhostsfile __PROGRAMDATA__\\ssh/ssh_known_hosts __PROGRAMDATA__\\ssh/ssh_known_hosts2',
];

function parse(lines: readonly string[], env: Record<string, string>) {
  return parseSettings(
    'prod',
    [...OUTPUT, ...lines].join('\r\n'),
    { home: 'C:\\Users\\alice', user: 'alice', env },
    'win32',
  );
}

describe('what ssh would do on Windows', () => {
  it('has the known hosts of all users in the folder that Windows names', () => {
    expect(parse([], { ProgramData: 'D:\\Shared' })?.globalKnownHostsFiles).toEqual([
      'D:\\Shared\\ssh/ssh_known_hosts',
      'D:\\Shared\\ssh/ssh_known_hosts2',
    ]);
    expect(parse([], {})?.globalKnownHostsFiles[0]).toBe('C:\\ProgramData\\ssh/ssh_known_hosts');
  });

  it('takes the agent that is a service, unless another is named, or none', () => {
    const pipe = '\\\\.\\pipe\\openssh-ssh-agent';
    expect(parse([], {})?.agent).toBe(pipe);
    expect(parse(['identityagent SSH_AUTH_SOCK'], {})?.agent).toBe(pipe);
    expect(parse([], { SSH_AUTH_SOCK: '\\\\.\\pipe\\other' })?.agent).toBe('\\\\.\\pipe\\other');
    expect(parse(['identityagent none'], {})?.agent).toBeUndefined();
  });
});
