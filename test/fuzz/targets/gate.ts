import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { formatReport, parseReport } from '../../../server-helper/action/alert-report.ts';
import { inputFor } from '../../../server-helper/action/alert-text.ts';
import { formatRequest, formatResult, parseRequest, parseResult } from '../../../server-helper/action/request.ts';
import { fillIn, parseWord } from '../../../server-helper/config/action-template.ts';
import { withClient, withoutClient } from '../../../server-helper/config/edit.ts';
import { type GateConfig, parseGateConfig } from '../../../server-helper/config/gate-config.ts';
import { parseRequest as parseControlRequest } from '../../../server-helper/control/protocol.ts';
import { chainNames, ourChains, parseCounters, parseGrants } from '../../../server-helper/firewall/listing.ts';
import { type FuzzTarget, ifRead, must, textTarget } from '../target.ts';

const KEY = `${'A'.repeat(42)}E`;
const GATE = `[gate] # what is hidden
ports = ["tcp/22", "udp/51820", "tcp/8000-8100"]
knock_ports = [443, 62201]
slots = 32
trusted_networks = [
  "10.0.0.0/8", # the office
]
echo = "answer"
fwknop_port = 62202

[[client]]
name = "alice"
key = "${KEY}"
not_before = 2026-01-01T00:00:00Z
enabled = true
actions = ["restart"]
forwards = ["inner"]

[[fwknop]]
name = "phones"
key_file = "/etc/knockgate/fwknop/phones"
mode = "ctr"
hmac = "sha512"

[[sequence]]
name = "door"
steps = ["tcp/7000", "udp/8000:length=32:sport=4000-4100", "icmp:length=120", "tcp/9000:after=500ms:within=3s"]
step_timeout = 5
ports = ["tcp/22"]

[[action]]
name = "restart"
open = ["/usr/bin/systemctl", "restart", "{client}.service"]
user = "nobody"
timeout = 5

[[alert]]
name = "mail"
events = ["clock", "memory"]
run = ["/usr/bin/msmtp", "--", "root"]
user = "nobody"
input = "mail"
every = 3600

[[decoy]]
port = "tcp/22"
to = 2200

[[forward]]
name = "inner"
port = "tcp/2222"
to = "10.0.0.5"
to_port = 22

[[always_open]]
ports = ["tcp/22"]
days = ["mon", "fri"]
from = "09:00"
until = "17:00"
`;

const listing = (name: string) => readFileSync(new URL(`../../unit/gate/firewall/${name}`, import.meta.url), 'utf8');
const GRANTS = `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"set": {"family": "inet", "name": "granted4", "table": "knockgate", "elem": [{"elem": {"val": {"concat": ["198.51.100.7", "tcp", 22]}, "timeout": 30, "expires": 29, "comment": "alice"}}, {"elem": {"val": "2001:db8::7", "expires": 1}}]}}, {"counter": {"family": "inet", "name": "heard", "table": "knockgate", "packets": 5, "bytes": 9}}]}`;
const ALERT_TIME = '2027-01-15T08:00:15.000Z';
const ALERT_ENTRY = { time: ALERT_TIME, event: 'granted', client: 'alice', ports: ['tcp/22'], seconds: 30 };
const ALERT_REPORT = `knockgate1 alert mail ${JSON.stringify([{ event: 'new-address', count: 1, first: ALERT_TIME, last: ALERT_TIME, entries: [ALERT_ENTRY] }])}`;
const RANGE = { protocol: 'tcp', first: 8000, last: 8100 } as const;

/** Readers of the daemon, besides those of packets. */
export const GATE_TARGETS: readonly FuzzTarget[] = [
  textTarget('gate-toml', [GATE, '[gate]\nports = ["tcp/22"]\n'], (text) => {
    const config = parseGateConfig(text, 'gate.toml');
    const added = ifRead(() =>
      withClient(text, 'gate.toml', { name: 'fuzzed', key: new Uint8Array(32).fill(5), ports: [] }),
    );
    if (added !== undefined) {
      const removed = ifRead(() => withoutClient(added, 'gate.toml', 'fuzzed'));
      must(removed !== undefined, 'a client that was added cannot be taken out');
      must(
        isDeepStrictEqual(withoutLines(parseGateConfig(removed, 'gate.toml')), withoutLines(config)),
        'changes when a client comes and goes',
      );
    }
    return config;
  }),
  textTarget(
    'control',
    [
      '{"command":"status"}',
      '{"command":"grant","address":"198.51.100.7","ports":["tcp/22"],"seconds":30}',
      '{"command":"revoke","whom":"10.0.0.0/8"}',
    ],
    (line) => parseControlRequest(line),
  ),
  textTarget(
    'action-request',
    ['knockgate1 action restart open 198.51.100.7 30 alice', 'exit 0', 'killed', 'refused because'],
    (line) => {
      const request = parseRequest(line);
      if (request !== undefined) must(formatRequest(request) === `${line}\n`, 'two requests say the same');
      const result = parseResult(line);
      if (result !== undefined)
        must(parseResult(formatResult(result).slice(0, -1))?.kind === result.kind, 'a result changes on the way');
      return [request, result];
    },
  ),
  textTarget('alert-report', [ALERT_REPORT], (line) => {
    const report = parseReport(line);
    if (report === undefined) return undefined;
    must(isDeepStrictEqual(parseReport(formatReport(report).slice(0, -1)), report), 'a report changes on the way');
    return [report, inputFor({ input: 'json' }, report, 'prod'), inputFor({ input: 'mail' }, report, 'prod')];
  }),
  textTarget(
    'action-words',
    ['{source}', '--to={client}:{seconds}', '{{source}}', 'a; {x} $(id)', '$& $1 {client}'],
    (text) => {
      const words = text.split('\n').map((word) => parseWord(word, 'open'));
      // Values that say themselves what they are: a placeholder in one of them is not filled in again.
      const values = { source: '<{client}$&>', client: '<{seconds}$1>', seconds: 7 };
      const filled = fillIn(words, values);
      const expected = words.map((word) =>
        word
          .split('{source}')
          .map((each) =>
            each
              .split('{client}')
              .map((one) => one.split('{seconds}').join('7'))
              .join(values.client),
          )
          .join(values.source),
      );
      must(isDeepStrictEqual(filled, expected), 'fills in something else');
      return filled;
    },
  ),
  textTarget(
    'nft-json',
    [GRANTS, '{"nftables": []}'],
    (json) => [parseGrants(json, undefined), parseGrants(json, RANGE), parseCounters(json)],
    {
      declares: (error) => error instanceof SyntaxError,
    },
  ),
  textTarget('nft-text', [listing('default.nft'), listing('sequences.nft').slice(0, 20_000)], (text) => [
    chainNames(text),
    ourChains(text, ['knock', 'gate']),
  ]),
];

/** The place of a table may change. */
function withoutLines(config: GateConfig): unknown {
  return JSON.parse(JSON.stringify(config, (key, value: unknown) => (key === 'line' ? undefined : value)));
}
