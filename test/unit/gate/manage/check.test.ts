import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { unitMisfits } from '../../../../server-helper/manage/check.ts';
import { FILE, SHORTEST } from '../support.ts';

const ALERT = '[[alert]]\nname = "mail"\nrun = ["/bin/mail"]\nuser = "nobody"\n';
const ACTION = '[[action]]\nname = "wake"\nopen = ["/bin/wake"]\nuser = "nobody"\n';

describe('a command of gate.toml', () => {
  it.each([
    ['', false, false],
    [ALERT, true, false],
    [ALERT, false, true],
    [ACTION, false, true],
  ])('that nothing can run is named: %j, with the unit: %s', (text, hasUnit, isNamed) => {
    const found = unitMisfits(parseGateConfig(SHORTEST + text, FILE), hasUnit);
    expect(found).toEqual(isNamed ? [expect.stringContaining('enable --now knockgate-action.socket')] : []);
  });
});
