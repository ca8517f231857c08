import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asker } from '../../../../server-helper/action/actions.ts';
import { actOnSequence } from '../../../../server-helper/action/sequence-requests.ts';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { completionRule, parseCompleted } from '../../../../server-helper/firewall/sequence-log.ts';
import { ALICE, address, auditLog, FakeClock, FILE } from '../support.ts';

const TEXT = `
[gate]
grant = 20

[[client]]
name = "alice"
key = "${ALICE.key}"
actions = ["wake"]
longest_grant = 15
sources = ["198.51.100.0/24"]
not_after = 2100-01-01T00:00:00Z
sequence_key_file = "/key"
sequence_action = "wake"

[[sequence]]
name = "door"
steps = ["tcp/7003", "udp/7001", "tcp/7005"]
sources = ["198.51.100.0/24", "2001:db8::/32"]
action = "ring"
grant = 7

[[sequence]]
name = "plain"
steps = ["tcp/1", "udp/9", "tcp/3"]

[[action]]
name = "wake"
open = ["/bin/wake", "{source}"]
user = "nobody"

[[action]]
name = "ring"
open = ["/bin/ring", "{source}"]
user = "nobody"
`;

const CONFIG = parseGateConfig(TEXT, FILE);

async function wish(prefix: string, source = '198.51.100.7', config = CONFIG) {
  const { audit, entries } = auditLog();
  const opened: (Asker & { action: string; isAsked: boolean | undefined })[] = [];
  const actions = {
    open: async ({ name }: { name: string }, asker: Asker, isAsked?: boolean) => {
      opened.push({ action: name, ...asker, isAsked });
    },
  };
  await actOnSequence({ actions, audit, clock: new FakeClock() }, prefix, address(source), config);
  return { opened, entries };
}

describe('a sequence that was completed', () => {
  it('starts its action for its address and its own time, as a request without a proven sender', async () => {
    for (const source of ['198.51.100.7', '2001:db8::7']) {
      const { opened, entries } = await wish('knockgate sequence door', source);
      expect(opened).toEqual([{ action: 'ring', client: 'door', source, seconds: 7, isAsked: false }]);
      expect(entries).toEqual([]);
    }
  });

  it("for one use runs its client's action, as long as the client may get in", async () => {
    const { opened } = await wish('knockgate client alice');
    expect(opened).toEqual([{ action: 'wake', client: 'alice', source: '198.51.100.7', seconds: 15, isAsked: false }]);
  });

  it.each([
    ['from elsewhere', 'knockgate sequence door', '192.0.2.1', TEXT, 'sources'],
    ['from an address that is nobody’s', 'knockgate sequence door', '127.0.0.1', TEXT, 'source'],
    ['that is there no longer', 'knockgate sequence gone', '198.51.100.7', TEXT, 'no sequence of that name'],
    ['that has no action', 'knockgate sequence plain', '198.51.100.7', TEXT, 'no sequence of that name'],
    ['of a client that is there no longer', 'knockgate client bob', '198.51.100.7', TEXT, 'no sequence of that name'],
    ['of the other kind', 'knockgate client door', '198.51.100.7', TEXT, 'no sequence of that name'],
    ['of a client elsewhere', 'knockgate client alice', '192.0.2.1', TEXT, 'sources'],
    [
      'of a client whose time is over',
      'knockgate client alice',
      '198.51.100.7',
      TEXT.replace('2100', '2001'),
      'not_after',
    ],
  ])('%s runs nothing', async (_, prefix, source, text, rule) => {
    const { opened, entries } = await wish(prefix, source, parseGateConfig(text, FILE));
    expect(opened).toEqual([]);
    expect(entries).toMatchObject([
      { event: 'refused', reason: 'denied', source, detail: expect.stringContaining(rule) },
    ]);
  });

  it('is ignored when the log says anything else', async () => {
    for (const prefix of ['', 'door', 'knockgate sequence', 'knockgate sequence door ', 'x knockgate sequence door'])
      expect(await wish(prefix)).toEqual({ opened: [], entries: [] });
    fc.assert(
      fc.property(fc.string(), (prefix) => {
        expect(parseCompleted(prefix)).toBeUndefined();
      }),
    );
  });
});

describe('the rule behind which the daemon hears of it', () => {
  it('writes what is read back, whatever name gate.toml takes', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/);
    fc.assert(
      fc.property(fc.constantFrom('sequence' as const, 'client' as const), name, (of, text) => {
        const [, prefix = ''] =
          /log prefix "([^"]*)" group 7 /.exec(completionRule({ of, name: text, nflogGroup: 7 })) ?? [];
        expect(parseCompleted(prefix)).toEqual({ of, name: text });
        expect(prefix.length).toBeLessThan(127);
      }),
    );
  });
});
