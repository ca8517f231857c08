import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { ALICE, BOB, FILE, problemOf, SHORTEST } from '../support.ts';

/** Errors about a text, a line each. */
async function errorsOf(text: string): Promise<string[]> {
  const problem = await problemOf(() => parseGateConfig(text, FILE));
  expect(problem).toMatchObject({ code: 'config-invalid', exit: ExitCode.configuration });
  expect(problem.next).toContain('knockgated check');
  return problem.what.split('\n');
}

const client = (lines: string, key = ALICE.key) => `[gate]\n[[client]]\nname = "alice"\nkey = "${key}"\n${lines}\n`;

describe('an error in gate.toml names its line and what would be right', () => {
  it.each([
    ['ports', '"tcp/22"', 'a list in [ ]'],
    ['ports', '[22]', 'a text in quotation marks'],
    ['ports', '["tcp/0"]', 'a port such as "tcp/22"'],
    ['ports', '["sctp/22"]', '"sctp/22" is invalid'],
    ['ports', '["tcp/9-8"]', 'a port such as'],
    ['ports', '[]', 'nothing would be hidden'],
    ['knock_ports', '443', 'a list in [ ]'],
    ['knock_ports', '[]', 'nobody could knock'],
    ['knock_ports', '[0]', 'a whole number from 1 to 65535'],
    ['knock_ports', '[65536]', 'a whole number from 1 to 65535'],
    ['knock_ports', '["443"]', 'a whole number from 1 to 65535'],
    ['knock_ports', '[443, 443]', 'a port occurs twice'],
    ['slots', '7', 'a whole number from 8 to 64'],
    ['slots', '65', 'a whole number from 8 to 64'],
    ['slots', '32.0', 'a whole number from 8 to 64'],
    ['slots', '"32"', 'a whole number from 8 to 64'],
    ['slots', '99999999999999999999999', 'a whole number from 8 to 64'],
    ['grant', '0', 'a whole number from 1 to 65535'],
    ['grant', '301', 'longer than longest_grant'],
    ['longest_grant', '65536', 'a whole number from 1 to 65535'],
    ['longest_grant', '-1', 'a whole number from 1 to 65535'],
    ['clock_tolerance', '4', 'a whole number from 5 to 600'],
    ['clock_tolerance', '601', 'a whole number from 5 to 600'],
    ['refusals_logged', '0', 'a whole number from 1 to 65535'],
    ['trusted_interfaces', '["a b"]', 'the name of a network interface'],
    ['trusted_interfaces', '["sixteen-letters0"]', 'the name of a network interface'],
    ['trusted_interfaces', '["eth0\\" accept"]', 'the name of a network interface'],
    ['trusted_networks', '["10.0.0.1/8"]', 'no bits set behind its prefix'],
    ['trusted_networks', '["10.0.0.0/33"]', 'a network such as "10.0.0.0/8"'],
    ['trusted_networks', '["example.org"]', 'a network such as "10.0.0.0/8"'],
    ['ipv6_prefix', '47', 'a whole number from 48 to 128'],
    ['ipv6_prefix', '129', 'a whole number from 48 to 128'],
    ['echo', '"reject"', '"answer" or "drop"'],
    ['echo', 'true', 'a text in quotation marks'],
    ['daemon_dead', '"ajar"', '"closed" or "open"'],
    ['daemon_dead_after', '60', 'only with daemon_dead = "open"'],
    ['nflog_group', '65536', 'a whole number from 0 to 65535'],
    ['capture', '"pcap"', '"nflog" or "socket"'],
    ['port', '22', 'unknown key port; [gate] knows ports, knock_ports, slots'],
    ['ports.tcp', '22', 'unknown key ports.tcp'],
    ['constructor', '1', 'unknown key constructor'],
  ])('%s = %s', async (key, value, said) => {
    const errors = await errorsOf(`# a comment\n[gate]\n\n${key} = ${value}\n`);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`${FILE}:4: `);
    expect(errors[0]).toContain(said);
  });

  it.each([
    ['psk_file = "psk/alice"', 'an absolute path'],
    ['psk_file = 1', 'a text in quotation marks'],
    ['ports = []', 'use enabled = false to shut it out'],
    ['ports = ["tcp/80"]', 'tcp/80 of alice is not among the ports that the gate hides'],
    ['ports = ["tcp/*"]', 'tcp/* of alice is not among the ports that the gate hides'],
    ['ports = ["udp/22"]', 'udp/22 of alice is not among the ports that the gate hides'],
    ['sources = ["any"]', 'a network such as'],
    ['sources = "10.0.0.0/8"', 'a list in [ ]'],
    ['not_before = "2026-01-01T00:00:00Z"', 'without quotation marks'],
    ['not_before = 2026-01-01', 'a date with its offset'],
    ['not_after = 2026-01-01T00:00:00', 'a date with its offset'],
    ['not_after = 2026-02-30T00:00:00Z', 'not valid TOML'],
    ['longest_grant = 301', "longest_grant of alice is above the gate's 300"],
    ['longest_grant = 0', 'a whole number from 1 to 65535'],
    ['enabled = 1', 'true or false'],
    ['enabled = "yes"', 'true or false'],
    ['slots = 8', 'unknown key slots; [client] knows name, key'],
    ['psk = "not a good place"', 'unknown key psk'],
  ])('of a client: %s', async (line, said) => {
    const errors = await errorsOf(client(line));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`${FILE}:5: `);
    expect(errors[0]).toContain(said);
  });

  it.each([
    ['not_before = 2027-01-01T00:00:00Z\nnot_after = 2027-01-01T00:00:00Z', 6, 'is not later than its not_before'],
    ['enabled = true\nenabled = false', 6, 'multiple times'],
  ])('of two lines together: %s', async (lines, line, said) => {
    const errors = await errorsOf(client(lines));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`${FILE}:${line}: `);
    expect(errors[0]).toContain(said);
  });

  it.each([
    [
      'a name that is taken',
      `${SHORTEST}\n[[client]]\nname = "alice"\nkey = "${BOB.key}"\n`,
      7,
      'taken by the client of line 3',
    ],
    [
      'a key that is taken',
      `${SHORTEST}\n[[client]]\nname = "bob"\nkey = "${ALICE.key}"\n`,
      7,
      'bob has the same key as alice',
    ],
    ['a low-order key', client('', `${'A'.repeat(43)}`), 4, 'a low-order point'],
    ['another low-order key', client('', `AQ${'A'.repeat(41)}`), 4, 'a low-order point'],
    ['a key too short', client('', 'AAAA'), 4, 'a key of 43 characters of base64url'],
    ['a key with padding', client('', `${ALICE.key}=`), 4, 'a key of 43 characters of base64url'],
    ['no key', '[gate]\n[[client]]\nname = "alice"\n', 2, 'client alice needs a key: `knockgate pubkey` prints it'],
    ['no name', `[gate]\n[[client]]\nkey = "${ALICE.key}"\n`, 2, 'a [[client]] needs a name'],
    ['a bad name', '[gate]\n[[client]]\nname = "a b"\nkey = "AA"\n', 3, 'a name of letters, digits'],
    ['a name that would break a rule', client('').replace('"alice"', `'a" accept'`), 3, 'a name of letters, digits'],
    ['[client]', SHORTEST.replace('[[client]]', '[client]'), 3, 'write [[client]], with two brackets'],
    [
      'another table',
      '[gate]\n[clients]\n',
      2,
      'unknown table [clients]; known are [gate], [[client]], [[sequence]], [[fwknop]], [[always_open]], [[action]], [[alert]], [[decoy]] and [[forward]]',
    ],
    ['a table in a table', '[gate]\n[gate.more]\n', 2, 'unknown table [gate.more]'],
    ['no [gate]', '# empty\n', 1, 'there must be one table [gate]'],
    ['[[gate]]', '\n[[gate]]\n', 2, 'there must be one table [gate]'],
    ['two [gate]', '[gate]\n[gate]\n', 2, 'there must be one table [gate]'],
    ['a key outside a table', 'ports = ["tcp/22"]\n[gate]\n', 1, 'a key outside a table; put it under [gate]'],
    ['broken TOML', '[gate]\nslots 32\n', 2, 'not valid TOML'],
    ['a text that does not end', '[gate]\ncapture = "nflog\n', 2, 'not valid TOML'],
    ['bytes that are not text', '[gate]\n\u0000\n', 2, 'not valid TOML'],
  ])('%s', async (_, text, line, said) => {
    const errors = await errorsOf(text);
    expect(errors[0]).toContain(`${FILE}:${line}: `);
    expect(errors[0]).toContain(said);
  });

  it('once: two clients without a name are not called doubles too', async () => {
    const nameless = `[[client]]\nkey = "${ALICE.key}"\n[[client]]\nkey = "${BOB.key}"\n`;
    const errors = await errorsOf(`[gate]\n${nameless}`);
    expect(errors).toEqual([`${FILE}:2: a [[client]] needs a name`, `${FILE}:4: a [[client]] needs a name`]);
  });

  it('once: of what is not TOML nothing else is said', async () => {
    expect(await errorsOf('gate]\n')).toHaveLength(1);
  });

  it('all of them at one look, in the order of the file', async () => {
    const text = `[gate]\nslots = 1\necho = "maybe"\nwhat = 1\n[[client]]\nname = "alice"\nkey = "x"\n[other]\n`;
    const lines = (await errorsOf(text)).map((error) => Number(error.split(':')[1]));
    expect(lines).toEqual([2, 3, 4, 7, 8]);
  });

  it('up to twenty, and says how many more there are', async () => {
    const keys = Array.from({ length: 25 }, (_, i) => `k${i} = 1`).join('\n');
    const errors = await errorsOf(`[gate]\n${keys}\n`);
    expect(errors).toHaveLength(21);
    expect(errors.at(-1)).toBe('and 5 more');
  });

  it('of so many clients that their tags would fill the memory of the kernel', async () => {
    const many = Array.from({ length: 500 }, (_, i) => {
      const key = Buffer.alloc(32, 9);
      key.writeUInt16BE(i, 1);
      return `[[client]]\nname = "c${i}"\nkey = "${key.toString('base64url')}"\n`;
    }).join('');
    expect(await errorsOf(`[gate]\n${many}`)).toEqual([
      `${FILE}:1: with 500 clients slots must be 8: from 500 clients on`,
    ]);
    expect(parseGateConfig(`[gate]\nslots = 8\n${many}`, FILE).clients).toHaveLength(500);
  });
});
