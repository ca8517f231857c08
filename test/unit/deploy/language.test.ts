import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import bundle from '../../../l10n/bundle.l10n.de.json' with { type: 'json' };
import { english, phrase, speak } from '../../../src/base/phrase.ts';
import { planSummary, planText } from '../../../src/deploy/plan/document.ts';
import { makePlan } from '../../../src/deploy/plan/plan.ts';
import { judge } from '../../../src/deploy/preflight/findings.ts';
import { preflightStopped, stepFailed } from '../../../src/deploy/problems.ts';
import { reportText } from '../../../src/deploy/report.ts';
import { parseGateLine } from '../../../src/spa/enrolment.ts';
import { gateLine } from '../cli/support.ts';
import { GATE_FILES, OPTIONS, READY, SETTINGS } from './support.ts';

const GERMAN = new Map(Object.entries(bundle));

describe('a deployment in the language of the editor', () => {
  beforeEach(() => speak((message, ...values) => english(GERMAN.get(message) ?? message, ...values)));
  afterEach(() => speak(english));

  const findings = judge(READY, { offsetMs: 0, uncertaintyMs: 1, wallMs: 0 }, SETTINGS, OPTIONS, '0.2.0');
  const secondWay = { kind: 'declined' } as const;
  const client = { key: new Uint8Array(32).fill(9), name: 'alice' };
  const plan = makePlan({
    facts: READY,
    options: OPTIONS,
    secondWay,
    gateFiles: GATE_FILES,
    client,
    address: '192.0.2.2',
    psk: undefined,
    gateName: 'prod',
  });

  it('shows the plan, with its steps and what was found', () => {
    const text = planText(plan, {
      host: 'prod',
      who: 'dev@prod',
      carrier: 'ssh2',
      systemBecause: [],
      findings,
      options: OPTIONS,
      secondWay,
    });
    for (const says of ['# Ein Gate auf prod einrichten', '- ✓ tcpdump ist installiert', '# Die Konfiguration prüfen'])
      expect(text).toContain(says);
    expect(text).not.toMatch(/\b(the|is|and)\b(?=[^`]*$)/);
  });

  it('shows the plan in short', () => {
    const context = { host: 'prod', who: 'dev@prod', carrier: 'ssh2', systemBecause: [], findings, options: OPTIONS };
    const text = planSummary(plan, { ...context, secondWay });
    for (const says of [`- ✓ bestandene Prüfungen: ${findings.length}`, 'Befehle, die als root laufen'])
      expect(text).toContain(says);
    expect(text).not.toMatch(/\b(the|is|and)\b/);
  });

  it('begins the report with the result', () => {
    const gate = parseGateLine(gateLine('prod', ['192.0.2.2']));
    const passed = [{ what: phrase('tcp/{0} is silent before the knock', 22) }];
    const text = reportText({
      host: 'prod',
      plan,
      passed,
      secondWay,
      options: OPTIONS,
      gate,
      findings,
      seconds: 12.34,
    });
    expect(text).toMatch(/^# Das Gate auf prod ist eingerichtet\n\nVerborgen: tcp\/22\. Das dauerte 12\.3 /);
    expect(text).toContain('- ✓ tcp/22 ist vor dem Anklopfen stumm');
    expect(text).toContain('- lässt alice anklopfen');
  });

  it('says what went wrong', () => {
    expect(preflightStopped('prod', [phrase('nftables is not there')]).text.why).toBe('- nftables fehlt');
    expect(stepFailed(phrase('Check the configuration'), 'x').text.what).toContain('Die Konfiguration prüfen');
  });
});
