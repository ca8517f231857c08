import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { showImported } from '../../../server-helper/import/imported.ts';
import { importKnockd } from '../../../server-helper/import/knockd.ts';
import { formatNetwork } from '../../../src/base/addresses.ts';
import { formatPort } from '../../../src/base/ports.ts';
import { COMMON_FORMS, type CommonForm } from '../../rig/common-forms.ts';

/** Hidden by the gate: all ports that any form names. */
const HIDDEN = [...new Set(COMMON_FORMS.flatMap(({ opens = '' }) => opens.split(' ')))].filter((port) =>
  /\//.test(port),
);
const GATE = `[gate]\nports = ${JSON.stringify(HIDDEN)}\n`;
/** Seconds, where neither the command nor gate.toml says how long. */
const USUAL_GRANT = 30;
const EVERY_NETWORK = { ipv4: ['0.0.0.0/0'], ipv6: ['::/0'], both: [] };

const imported = ({ command }: CommonForm) =>
  importKnockd(`[a]\nsequence = 7000,9000,8000\nstart_command = ${command}\n`, 'knockd.conf');
const sequencesOf = (form: CommonForm) =>
  parseGateConfig(`${GATE}${showImported(imported(form))}\n`, 'gate.toml').sequences;
const carried = COMMON_FORMS.filter(({ opens }) => opens !== undefined);

describe('the 60 commonest forms of command in knockd.conf', () => {
  it('are 60, of which at least 50 are carried over with the same reach', () => {
    expect(new Set(COMMON_FORMS.map(({ command }) => command)).size).toBe(60);
    expect(carried.filter(({ isForEverybody }) => !isForEverybody).length).toBeGreaterThanOrEqual(50);
  });

  it.each(carried)('$command', (form) => {
    const [sequence, ...more] = sequencesOf(form);
    const ports = form.opens === 'all' ? HIDDEN : form.opens?.split(' ');
    expect(sequence?.ports.map(formatPort)).toEqual(ports);
    expect(sequence?.sources.map(formatNetwork)).toEqual(EVERY_NETWORK[form.for ?? 'both']);
    expect(sequence?.grant).toBe(form.grant ?? USUAL_GRANT);
    expect(sequence?.action !== undefined).toBe(form.runsAction ?? false);
    expect(more).toEqual([]);
  });

  it.each(COMMON_FORMS.filter(({ opens }) => opens === undefined))('$command: nothing, with $why', (form) => {
    expect(sequencesOf(form)).toEqual([]);
    expect(imported(form)).toMatchObject({ doors: 0 });
    expect(imported(form).notes.join('\n')).toContain(form.why);
  });
});
