/** Answer of a gate to `activity --json`, knockgated(8). Everything in it can be changed for a test. */
export interface ActivityAnswer {
  version: string;
  memory: number;
  status: Record<string, unknown>;
  grants: { client: string; address: string; port: string; seconds: number }[];
  hours: { hour: string; event: string; reason?: string; count: number }[];
  totals: { event: string; reason?: string; count: number }[];
  visitors: { client: string; address: string; first: string; last: string; knocks: number }[];
}

const HOUR_MS = 3_600_000;
const REASONS = ['replayed', 'unknown-client', 'stale', 'source-mismatch', 'denied', 'not-parsed', 'ports-refused'];
const CLIENTS = ['alice-laptop', 'bob-desk', 'carol-phone', 'ci-runner', 'dave-home'];

/** The answer of a healthy gate to which nothing has happened yet. */
export function quietAnswer(now: number): ActivityAnswer {
  return {
    version: '0.1.0',
    memory: 48 * 2 ** 20,
    status: {
      pid: 812,
      armed: new Date(now - 40 * 24 * HOUR_MS).toISOString(),
      trial: null,
      previous_key: null,
      hides: ['tcp/22'],
      shown_now: null,
      knock_ports: [443, 23117],
      clients: CLIENTS.length,
      grants: 0,
      capture: 'listening',
      state: 'durable',
      restored: 0,
      lead_seconds: 900,
      skipped: null,
      packets: { received: 0, unmatched: 0, refused: 0, granted: 0 },
      kernel: { opened: 0, asked: 0, spent: 0, junk: 0, hidden: 0 },
      time: new Date(now).toISOString(),
    },
    grants: [],
    hours: [],
    totals: [],
    visitors: [],
  };
}

/**
 * The answer of a gate with a month of history: people by day, and scanners all the time; the same for each call.
 * @param now unix milliseconds
 * @param events how many there were, about
 */
export function busyAnswer(now: number, events: number): ActivityAnswer {
  const draw = generator(7);
  const answer = quietAnswer(now);
  const hours = Array.from({ length: 30 * 24 }, (_, i) => Math.floor(now / HOUR_MS) * HOUR_MS - (719 - i) * HOUR_MS);
  for (const hour of hours) {
    const atWork = 1 + 3 * Math.max(0, Math.sin(((new Date(hour).getUTCHours() - 6) / 12) * Math.PI));
    const count = (share: number) => Math.round(((events * share) / hours.length) * atWork * (0.5 + draw()) * 0.5);
    const at = new Date(hour).toISOString();
    answer.hours.push({ hour: at, event: 'granted', count: count(0.4) });
    for (const [i, reason] of REASONS.entries())
      answer.hours.push({ hour: at, event: 'refused', reason, count: count(0.55 / (i + 1.6)) });
    if (draw() < 0.05) answer.hours.push({ hour: at, event: 'firewall-restored', count: 1 });
  }
  answer.hours = answer.hours.filter(({ count }) => count > 0);
  answer.visitors = Array.from({ length: Math.min(2000, Math.ceil(events / 100)) }, (_, i) => {
    const first = now - Math.floor(draw() * 29 * 24 * HOUR_MS);
    return {
      client: CLIENTS[i % CLIENTS.length] ?? '',
      address:
        i % 4 === 0 ? `2001:db8:${(i % 97).toString(16)}::${i.toString(16)}` : `203.0.${113 + (i >> 8)}.${i % 256}`,
      first: new Date(first).toISOString(),
      last: new Date(first + Math.floor(draw() * (now - first))).toISOString(),
      knocks: 1 + Math.floor(draw() * 400),
    };
  });
  answer.grants = [
    { client: 'alice-laptop', address: '203.0.113.5', port: 'tcp/22', seconds: 27 },
    { client: 'bob-desk', address: '2001:db8:7::1c2', port: 'tcp/22', seconds: 254 },
    { client: 'by hand', address: '198.51.100.7', port: 'tcp/8000-8010', seconds: 280 },
  ];
  Object.assign(answer.status, {
    grants: 3,
    packets: { received: 431_224, unmatched: 12, refused: 29_114, granted: 401_998 },
    kernel: { opened: 390_120, asked: 41_104, spent: 9377, junk: 1_402_117, hidden: 88_120 },
  });
  return answer;
}

/** Draws numbers from 0 to 1, always the same ones. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** A page of `events --json`, the newest event first. @param from number of events before it */
export function eventsAnswer(now: number, from: number, limit: number): { events: object[]; next: string | null } {
  const events = Array.from({ length: limit }, (_, i) => {
    const at = from + i;
    const common = { time: new Date(now - at * 2600).toISOString(), seq: 1_000_000 - at, prev: 'ab'.repeat(32) };
    const client = CLIENTS[at % CLIENTS.length];
    const source = at % 4 === 0 ? `2001:db8::${(at % 4096).toString(16)}` : `203.0.113.${at % 256}`;
    if (at % 7 === 3) return { ...common, event: 'refused', source, reason: REASONS[at % REASONS.length] };
    if (at % 31 === 5) return { ...common, event: 'firewall-restored', detail: 'the table was gone' };
    return { ...common, event: 'granted', client, source, ports: ['tcp/22'], seconds: 30 };
  });
  return { events, next: `s=0123456789abcdef,i=${(from + limit).toString(16)}` };
}
