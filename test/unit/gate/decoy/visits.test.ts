import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { parseVisit, withDecoys } from '../../../../server-helper/decoy/rules.ts';
import { noteVisit } from '../../../../server-helper/decoy/visits.ts';
import type { Flow } from '../../../../server-helper/firewall/flows.ts';
import { renderTable } from '../../../../server-helper/firewall/table.ts';
import { formatPortRange, type PortRange } from '../../../../src/base/ports.ts';
import { address, auditLog, FILE } from '../support.ts';

const VISITOR = '203.0.113.9';
const CONFIG = parseGateConfig('[gate]\nnflog_group = 7\n[[decoy]]\nport = "tcp/22"\nto = 2222\n', FILE);

async function visit(prefix: string, flows: readonly string[]) {
  const { audit, entries } = auditLog();
  const asked: string[] = [];
  const find = async (ports: readonly PortRange[]): Promise<Flow[]> => {
    asked.push(...ports.map(formatPortRange));
    return flows.map((each) => ({ address: address(each), port: 50_000, localPort: 2222 }));
  };
  return { isVisit: await noteVisit(audit, prefix, address(VISITOR), CONFIG, find), entries, asked };
}

describe('a visit of a decoy', () => {
  it('is noted with its address and the port that was tried', async () => {
    const { isVisit, entries, asked } = await visit('knockgate decoy 22', ['192.0.2.1', VISITOR]);
    expect(isVisit).toBe(true);
    expect(asked).toEqual(['tcp/2222']);
    expect(entries).toEqual([{ event: 'decoy-visited', source: VISITOR, ports: ['tcp/22'] }]);
  });

  it('says when no connection confirms the address', async () => {
    const { entries } = await visit('knockgate decoy 22', ['192.0.2.1']);
    expect(entries).toMatchObject([
      { event: 'decoy-visited', source: VISITOR, detail: expect.stringContaining('forged') },
    ]);
  });

  it('is what our rule writes, and nothing else', async () => {
    const [, prefix = ''] =
      /log prefix "([^"]*decoy[^"]*)" group 7 /.exec(renderTable(withDecoys(planOf(CONFIG), CONFIG.decoys))) ?? [];
    expect(parseVisit(prefix)).toBe(22);
    expect(await visit('knockgate sequence door', [])).toEqual({ isVisit: false, entries: [], asked: [] });
    fc.assert(fc.property(fc.string(), (text) => parseVisit(text) === undefined));
  });
});
