import { describe, expect, it } from 'vitest';
import { parseFwknopTable } from '../../../../src/client/fwknop/host.ts';
import { problemOf } from '../support.ts';

const LEAST = { kind: 'fwknop', address: 'bastion.example', keyFile: 'keys/bastion' };
const parse = (fields: Record<string, unknown>) =>
  parseFwknopTable('bastion', { ...LEAST, ...fields }, 'hosts.toml: bastion');

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

  it.each([
    [{ address: undefined }, 'address'],
    [{ address: 'a b' }, 'address'],
    [{ keyFile: undefined }, 'keyFile'],
    [{ keyFile: 5 }, 'keyFile'],
    [{ ports: [] }, 'ports'],
    [{ ports: ['icmp/1'] }, 'ports'],
    [{ carrier: 'icmp' }, 'carrier'],
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
    expect([code, what]).toEqual(['hosts-file-invalid', `hosts.toml: bastion.${field}: not right.`]);
  });
});
