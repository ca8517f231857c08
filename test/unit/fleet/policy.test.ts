import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientsOf } from '../../../src/fleet/clients.ts';
import { FleetFault } from '../../../src/fleet/fault.ts';
import { compile, headFor } from '../../../src/fleet/policy/compile.ts';
import { endingSoon, failedTests, planInWords } from '../../../src/fleet/policy/plan.ts';
import { readPolicy } from '../../../src/fleet/policy/read-policy.ts';
import { takeSet } from '../../../src/fleet/take.ts';
import { nodeVerifier } from '../../../src/fleet/verify-node.ts';
import { ISSUED, TestOrg, TestSigner, YEAR } from '../../rig/fleet-org.ts';
import { BEN, HASHING, keyOf, POLICY, WITHOUT_BEN } from '../../rig/fleet-policy.ts';

const org = createHash('sha256').update('org').digest('hex');
const compiled = (text: string) => compile(readPolicy(text), org, HASHING).gates;
const whyNot = (text: string): string => {
  try {
    readPolicy(text);
    return 'it was read';
  } catch (error) {
    if (!(error instanceof FleetFault)) throw error;
    return error.message;
  }
};

describe('a policy', () => {
  it('refuses what it does not understand, and says where', () => {
    expect(whyNot(`${POLICY}x = `)).toMatch(/^policy\.toml: line \d+: it is not TOML$/);
    expect(whyNot(`colour = 1\n${POLICY}`)).toBe('policy.toml: : unknown key "colour"');
    expect(whyNot(`"\\u009b2J" = 1\n${POLICY}`)).toContain('unknown key "\\u009b2J"');
    expect(whyNot(POLICY.replace('people.ben', 'people."\\u009b2J"'))).toContain('people: a key: expected an id');
    expect(whyNot(POLICY.replace('2027-03-31', '2027-02-30'))).toContain('people.ben.laptop.until: expected a date');
    expect(whyNot(POLICY.replace('tcp/22', 'tcp/0'))).toContain('rules[1].ports[0]: expected a port');
    expect(whyNot(POLICY.replace('team = "admins"', 'team = "admin"'))).toContain('rules[1].team: there is no team');
    expect(whyNot(POLICY.replace('gates = ["web1"]', 'gates = ["web3"]'))).toContain('there is no gate web3');
    expect(whyNot(WITHOUT_BEN.replace('admins = []', 'admins = ["ben"]'))).toContain('there is no person ben');
    expect(whyNot(POLICY.replace('"anna/laptop"', '"anna/phone"'))).toContain('there is no device anna/phone');
    expect(whyNot(POLICY.replace('owners = ', 'break-glass = []\nowners = '))).toContain('this name is taken');
    expect(whyNot(POLICY.replace(keyOf('ben'), keyOf('anna')))).toContain('it has the key of people.anna.laptop');
    expect(whyNot(POLICY.replace('breakGlass = ["anna/laptop"]', 'breakGlass = []'))).toContain('breakGlass');
  });

  it('becomes the same bytes each time, in whatever order it is written', () => {
    const texts = (text: string) => compiled(text).map((gate) => [gate.text, ...gate.teams.map((team) => team.text)]);
    const turned = POLICY.replace(BEN, '').replace('\n[people.anna]', `${BEN}\n[people.anna]`);
    expect(turned).not.toBe(POLICY);
    expect(texts(turned)).toEqual(texts(POLICY));
  });

  it('becomes documents that a gate takes, about nobody whom the gate does not know', () => {
    const signer = new TestSigner('anna');
    const ofOrg = new TestOrg([signer]);
    const all = compile(readPolicy(POLICY), ofOrg.org, HASHING);
    const facts = { org: ofOrg.org, number: 1, issued: ISSUED, expires: ISSUED + YEAR, root: 1, folded: [] };
    const head = headFor(all, { ...facts, policyText: POLICY }, HASHING);
    const clientsAt = (id: string) => {
      const own = all.gates.find(({ gate }) => gate.id === id);
      const offered = {
        roots: ofOrg.roots,
        head: { text: head, signatures: [signer.sign(head, 'knockgate-head')] },
        list: all.lists[0] ?? '',
        gate: own?.text ?? '',
        teams: own?.teams.map(({ text }) => text) ?? [],
        revs: [],
      };
      const taker = { verifier: nodeVerifier, org: ofOrg.org, gateId: id, gateKeys: [keyOf(id)], now: ISSUED };
      const { set, alarms } = takeSet(taker, undefined, offered);
      expect(alarms).toEqual([]);
      if (set === undefined) throw new Error('nothing was taken');
      return { names: clientsOf(set, id).clients.map(({ name }) => name), text: JSON.stringify(offered) };
    };
    expect(clientsAt('web1').names).toEqual(['anna/laptop', 'ben/laptop']);
    const { names, text } = clientsAt('web2');
    expect(names).toEqual(['anna/laptop']);
    expect(text).not.toContain('ben');
  });

  it('is planned in words: exactly what changes, for each device and gate', () => {
    expect(planInWords(compiled(POLICY), compiled(POLICY))).toEqual([]);
    expect(planInWords(compiled(WITHOUT_BEN), compiled(POLICY))).toEqual([
      'web1: ben/laptop gets in: tcp/22, from anywhere, mon-fri 08:00-18:00 UTC, at most 300 s, until 2027-03-31',
    ]);
    expect(planInWords(compiled(POLICY), compiled(WITHOUT_BEN))).toEqual(['web1: ben/laptop no longer gets in']);
    const later = POLICY.replace('2027-03-31', '2027-04-30').replace(keyOf('ben'), keyOf('new'));
    expect(planInWords(compiled(POLICY), compiled(later))).toEqual([
      'web1: ben/laptop gets in differently, with another key: tcp/22, from anywhere, mon-fri 08:00-18:00 UTC, at most 300 s, until 2027-04-30 (before: tcp/22, from anywhere, mon-fri 08:00-18:00 UTC, at most 300 s, until 2027-03-31)',
    ]);
    const [web1, web2] = compiled(POLICY);
    expect(planInWords(compiled(POLICY), web1 ? [web1] : [])).toEqual([
      'web2: leaves the fleet; only local clients and break-glass devices get in',
    ]);
    expect(planInWords(web1 ? [web1] : [], web1 && web2 ? [web1, web2] : [])).toEqual([
      'web2: joins the fleet',
      'web2: anna/laptop gets in: break-glass, all hidden ports, from anywhere, at any hour, at most 300 s, without an end',
    ]);
  });

  it('mentions devices 60 days before their end, and no break-glass device', () => {
    const end = Date.parse('2027-04-01T00:00:00Z') / 1000;
    const at = (days: number) => endingSoon(compiled(POLICY), end - days * 86_400);
    expect(at(60)).toEqual([]);
    expect(at(59)).toEqual(['ben/laptop: its rights end with 2027-03-31']);
    expect(at(0)).toEqual(['ben/laptop: its rights have ended with 2027-03-31']);
  });

  it('has tests, and says which of them fail', () => {
    const test = (device: string, gate: string, opens: boolean) =>
      `${POLICY}\n[[tests]]\ndevice = "${device}"\ngate = "${gate}"\nopens = ${opens}\n`;
    const failed = (text: string) => failedTests(readPolicy(text).tests, compiled(text));
    expect(failed(test('ben/laptop', 'web1', true))).toEqual([]);
    expect(failed(test('ben/laptop', 'web2', false))).toEqual([]);
    expect(failed(test('ben/laptop', 'web2', true))).toEqual([
      'web2: ben/laptop would not get in, and a test says otherwise',
    ]);
    expect(failed(test('ben/laptop', 'web1', false))).toEqual([
      'web1: ben/laptop would get in, and a test says otherwise',
    ]);
  });

  it('is the one of docs/fleet.md, whose tests hold', () => {
    const page = readFileSync(new URL('../../../docs/fleet.md', import.meta.url), 'utf8').replaceAll('\r\n', '\n');
    const text = /```toml\n([^`]*)```/.exec(page)?.[1] ?? '';
    const policy = readPolicy(text);
    expect(failedTests(policy.tests, compiled(text))).toEqual([]);
    expect(planInWords([], compiled(text)).filter((line) => line.includes('ben'))).toEqual([
      'web1: ben/laptop gets in: tcp/22, from 192.0.2.0/24, mon-fri 08:00-18:00 UTC, at most 600 s, until 2027-03-31',
    ]);
  });
});
