import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { afterAll, describe, expect, it } from 'vitest';
import { ALERT_EVENTS } from '../../../../server-helper/config/alert-config.ts';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { loadGate } from '../../../../server-helper/config/load.ts';
import { Skipped } from '../../../../server-helper/config/skipped.ts';
import { pathsFrom } from '../../../../server-helper/paths.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { FILE, problemOf, SHORTEST } from '../support.ts';

const LEAST = '[[alert]]\nname = "mail"\nrun = ["/usr/sbin/sendmail", "root"]\nuser = "nobody"\n';
const read = (text: string) => parseGateConfig(SHORTEST + text, FILE);

describe('[[alert]]', () => {
  it('has a default for everything but its name, command and user; strangers cause none of its events at will', () => {
    const { alerts, alertFaults } = read(LEAST);
    expect(alertFaults).toEqual([]);
    expect(alerts).toEqual([
      {
        name: 'mail',
        events: ALERT_EVENTS.filter((event) => !['refused', 'decoy-visited'].includes(event)),
        run: ['/usr/sbin/sendmail', 'root'],
        user: 'nobody',
        input: 'json',
        every: 60,
        timeout: 30,
        memory: 256,
      },
    ]);
  });

  it('takes every field', () => {
    const more = 'events = ["clock", "memory"]\ninput = "mail"\nevery = 3600\ntimeout = 300\nmemory = 100\n';
    expect(read(LEAST + more).alerts[0]).toMatchObject({
      events: ['clock', 'memory'],
      input: 'mail',
      every: 3600,
      timeout: 300,
      memory: 100,
    });
  });

  it.each([
    [LEAST.replace('name = "mail"\n', ''), 6, 'an [[alert]] needs name'],
    [LEAST.replace('user = "nobody"\n', ''), 6, 'an [[alert]] needs user'],
    [LEAST.replace(/run.*\n/, ''), 6, 'the absolute path of a program'],
    [LEAST.replace('"mail"', '"a mail"'), 7, 'name: "a mail" is invalid'],
    [LEAST.replace('/usr/sbin/', ''), 8, 'the absolute path of a program'],
    [LEAST.replace(/\[".*"\]/, '[]'), 8, 'the absolute path of a program'],
    [LEAST.replace(/\[".*"\]/, '"/bin/sh -c id"'), 8, 'run should be a list'],
    [LEAST.replace('"root"', '"a\\u0000"'), 8, 'text without a zero byte'],
    [LEAST.replace('nobody', '-u'), 9, 'the name of a user'],
    [`${LEAST}events = ["flood"]\n`, 10, 'Expected new-address, refused'],
    [`${LEAST}events = []\n`, 10, 'events is empty'],
    [`${LEAST}every = 59\n`, 10, 'every should be a whole number from 60'],
    [`${LEAST}timeout = 301\n`, 10, 'timeout should be'],
    [`${LEAST}input = "html"\n`, 10, 'input should be "json" or "mail"'],
    [`${LEAST}shell = true\n`, 10, 'unknown key shell'],
    [LEAST.replace('[[alert]]', '[alert]'), 6, 'write [[alert]]'],
  ])('with a fault is left out and named by its line: %j', (text, line, expected) => {
    const { alerts, alertFaults } = read(`${text}[[alert]]\nname = "good"\nrun = ["/bin/true"]\nuser = "nobody"\n`);
    expect(alerts.map(({ name }) => name)).toEqual(['good']);
    expect(alertFaults[0]).toContain(`${FILE}:${line}: `);
    expect(alertFaults.join()).toContain(expected);
  });

  it('of a name that is taken is left out', () => {
    const { alerts, alertFaults } = read(LEAST + LEAST.replace('sendmail', 'other'));
    expect(alerts.map(({ run }) => run[0])).toEqual(['/usr/sbin/sendmail']);
    expect(alertFaults).toEqual([`${FILE}:10: the name mail is taken`]);
  });

  it('takes whatever is in an argument as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        const run = ['/bin/x', ...words.filter((each) => !each.includes('\0'))];
        const text = stringify({ gate: {}, alert: [{ name: 'a', user: 'nobody', run }] });
        expect(parseGateConfig(text, FILE).alerts[0]?.run).toEqual(run);
      }),
    );
  });
});

describe('a gate with a faulty alert', () => {
  const folder = mkdtempSync(join(tmpdir(), 'knockgate-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const paths = pathsFrom({ STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder }, join(folder, 'gate.toml'));
  makeGateKey(nodeCrypto, paths.key, machineMark(), false);
  const bad = LEAST.replace('nobody', '-u');

  it('starts without it, and names it', () => {
    writeFileSync(paths.config, SHORTEST + bad);
    const skipped = new Skipped();
    expect(loadGate(nodeCrypto, paths, skipped.add).config.alerts).toEqual([]);
    expect(skipped.faults).toEqual([expect.stringContaining('gate.toml:9: user: "-u" is invalid')]);
    // A reload goes on without it, and refuses a new mistake.
    const again = new Skipped(skipped);
    loadGate(nodeCrypto, paths, again.add);
    expect(again.faults).toEqual(skipped.faults);
    expect(() => loadGate(nodeCrypto, paths, new Skipped(new Skipped()).add)).toThrow('user: "-u" is invalid');
  });

  it('is named by `knockgated check`, with its other faults', async () => {
    writeFileSync(paths.config, SHORTEST + bad);
    const only = await problemOf(() => loadGate(nodeCrypto, paths));
    expect(only).toMatchObject({ code: 'config-invalid', what: expect.stringContaining('gate.toml:9: ') });
    writeFileSync(paths.config, `${SHORTEST.replace('[gate]', '[gate]\ngrant = 0')}${bad}`);
    const both = await problemOf(() => loadGate(nodeCrypto, paths));
    expect(both.what).toMatch(/gate\.toml:2: grant should be .*\n.*gate\.toml:10: user: /);
  });
});
