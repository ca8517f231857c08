import { describe, expect, it } from 'vitest';
import { complaints, hostKeyIn } from '../../../src/deploy/connection/system/carrier.ts';

const SAID = `OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19
debug1: Connecting to 192.0.2.2 [192.0.2.2] port 22.
debug1: Server host key: ssh-ed25519 SHA256:AAAA+/b
dev@192.0.2.2: Permission denied (publickey).
`;

describe('what the system ssh says', () => {
  it('is told without what -v adds', () => {
    expect(complaints(SAID)).toBe('dev@192.0.2.2: Permission denied (publickey).');
  });

  it('names the key of the host', () => {
    expect(hostKeyIn(SAID)).toEqual({ type: 'ssh-ed25519', fingerprint: 'SHA256:AAAA+/b' });
    expect(hostKeyIn('')).toEqual({ type: 'unknown', fingerprint: 'unknown' });
  });
});
