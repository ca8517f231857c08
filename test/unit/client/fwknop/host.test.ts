import { describe, expect, it } from 'vitest';
import { parseFwknopHost } from '../../../../src/client/fwknop/host.ts';
import { problemOf } from '../support.ts';

const LEAST = { kind: 'fwknop', address: 'bastion.example', keyFile: 'keys/bastion' };
const parse = (fields: Record<string, unknown>) =>
  parseFwknopHost('bastion', { ...LEAST, ...fields }, 'hosts.toml: bastion', 'file');

describe('a host behind fwknopd', () => {
  it("has fwknop's defaults for all but where it is and its keys", () => {
    expect(parse({})).toEqual({
      kind: 'fwknop',
      name: 'bastion',
      address: 'bastion.example',
      keyFile: 'keys/bastion',
      ports: [{ protocol: 'tcp', port: 22 }],
      carrier: 'udp',
      knockPort: 62_201,
      mode: 'cbc',
      digest: 'sha256',
      hmac: 'sha256',
      source: 'own',
      duration: 0,
      forward: undefined,
      command: undefined,
      user: undefined,
    });
  });

  it('takes every field', () => {
    const fields = { ports: ['udp/53'], carrier: 'tcp', knockPort: 80, mode: 'legacy', digest: 'md5', hmac: 'none' };
    expect(parse({ ...fields, source: 'seen', duration: 60, user: 'alice' })).toMatchObject({
      ports: [{ protocol: 'udp', port: 53 }],
      carrier: 'tcp',
      knockPort: 80,
      mode: 'legacy',
      digest: 'md5',
      hmac: undefined,
      source: 'seen',
      duration: 60,
      user: 'alice',
    });
    expect(parse({ source: '203.0.113.7' }).source).toHaveLength(16);
  });

  it('leads somewhere else, or asks for a command', () => {
    expect(parse({ forward: '10.0.0.5:22' }).forward).toEqual({ host: '10.0.0.5', port: 22 });
    expect(parse({ forward: 'local:22' }).forward).toEqual({ host: undefined, port: 22 });
    expect(parse({ command: 'a b; c' })).toMatchObject({ command: 'a b; c', ports: [] });
    expect(parse({ carrier: 'http' }).knockPort).toBe(80);
  });

  it.each(['icmp', 'tcpraw', 'udpraw'])(
    'goes over %s from the command line, and says why not from the editor',
    async (carrier) => {
      expect(parse({ carrier })).toMatchObject({ carrier, knockPort: 62_201 });
      const fields = { kind: 'fwknop', address: 'bastion.example', carrier };
      const { code, what, why, next } = await problemOf(() => parseFwknopHost('bastion', fields, 'here', 'setting'));
      expect([code, what]).toEqual(['hosts-file-invalid', 'here.carrier is invalid.']);
      expect(why).toMatch(new RegExp(`^${carrier} .*raw socket.*root.*editor`));
      expect(next).toMatch(/udp, tcp, http.*sudo knockgate knock/);
    },
  );

  it("says in a setting that it is in GnuPG's mode, and in a file where its keys are", async () => {
    const { keyFile: _, ...setting } = { ...LEAST, mode: 'gpg' };
    expect(parseFwknopHost('bastion', setting, 'here', 'setting').mode).toBe('gpg');
    expect((await problemOf(() => parse({ mode: 'gpg' }))).what).toContain('mode');
    const { mode, gpg } = parse({ gpgRecipientFile: 'server.asc' });
    expect([mode, gpg?.recipient]).toEqual(['gpg', 'server.asc']);
    const wrong = { ...setting, gpgRecipientFile: 'server.asc' };
    expect((await problemOf(() => parseFwknopHost('bastion', wrong, 'here', 'setting'))).what).toContain(
      'gpgRecipientFile',
    );
  });

  it.each([
    [{ forward: '10.0.0.5' }, 'forward'],
    [{ forward: '10.0.0.5:0' }, 'forward'],
    [{ forward: '2001:db8::5:22' }, 'forward'],
    [{ forward: `${'a'.repeat(71)}:22` }, 'forward'],
    [{ command: 'a\nb' }, 'command'],
    [{ command: 'a'.repeat(177) }, 'command'],
    [{ command: 'a', ports: ['tcp/22'] }, 'ports'],
    [{ command: 'a', duration: 5 }, 'duration'],
    [{ command: 'a', forward: 'local:22' }, 'forward'],
    [{ user: 'a b' }, 'user'],
    [{ user: 'a:b' }, 'user'],
    [{ user: 'a'.repeat(49) }, 'user'],
    [{ address: undefined }, 'address'],
    [{ address: 'a b' }, 'address'],
    [{ keyFile: undefined }, 'keyFile'],
    [{ keyFile: 5 }, 'keyFile'],
    [{ ports: [] }, 'ports'],
    [{ ports: ['icmp/1'] }, 'ports'],
    [{ carrier: 'icmpraw' }, 'carrier'],
    [{ knockPort: 0 }, 'knockPort'],
    [{ mode: 'pcbc' }, 'mode'],
    [{ digest: 'none' }, 'digest'],
    [{ hmac: 'crc' }, 'hmac'],
    [{ source: '2001:db8::1' }, 'source'],
    [{ source: '0x7f.1' }, 'source'],
    [{ duration: 65_536 }, 'duration'],
    [{ gate: 'x' }, 'gate'],
  ])('is refused with %j', async (fields, field) => {
    const { code, what } = await problemOf(() => parse(fields));
    expect([code, what]).toEqual(['hosts-file-invalid', `hosts.toml: bastion.${field} is invalid.`]);
  });
});
