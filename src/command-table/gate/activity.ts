import type { CommandEntry, JsonField, OptionEntry } from '../entry.ts';

/* The commands that show the events at a gate. */

const OF_EVENT = 'only where the event has it';

export const ACTIVITY: CommandEntry = {
  name: 'activity',
  summary: 'Say who came, who was refused, and how the gate is',
  about: [
    'Shows who is let in, knocks and refusals hour by hour, the addresses of the clients that came, and the health of the gate. The daemon counts these itself, for 31 days on which something happened; the log is not read. Only authentic knocks make a visitor: anybody can forge the source of a refused one.',
  ],
  arguments: [],
  options: [{ name: 'days', value: 'NUMBER', about: 'how many days back, from 1 to 31', usual: '1' }],
  json: [
    { path: 'version', type: 'string', about: 'the version of the daemon' },
    { path: 'memory', type: 'number', about: 'bytes of memory that the daemon uses' },
    { path: 'status', type: 'object', about: 'as `knockgated status --json` prints it' },
    { path: 'grants[]', type: 'object', about: 'as `knockgated list --json` prints them' },
    { path: 'hours[].hour', type: 'string', about: 'the beginning of an hour in which something happened' },
    { path: 'hours[].event', type: 'string', about: 'an event of the log, such as granted or refused' },
    { path: 'hours[].reason', type: 'string', about: 'its reason', when: 'only where it has one' },
    { path: 'hours[].count', type: 'number', about: 'how often it happened in this hour' },
    { path: 'totals[].event', type: 'string', about: 'an event since the counting began' },
    { path: 'totals[].reason', type: 'string', about: 'its reason', when: 'only where it has one' },
    { path: 'totals[].count', type: 'number', about: 'how often it happened' },
    { path: 'visitors[].client', type: 'string', about: 'who was let in' },
    { path: 'visitors[].address', type: 'string', about: 'from where' },
    { path: 'visitors[].first', type: 'string', about: 'when for the first time' },
    { path: 'visitors[].last', type: 'string', about: 'when last' },
    { path: 'visitors[].knocks', type: 'number', about: 'how often' },
  ],
  examples: [
    { line: 'knockgated activity', about: 'The last 24 hours.' },
    { line: 'knockgated activity --days 31 --json', about: 'Everything that is kept, for a program.' },
  ],
};

/** Options of a search in the log. */
export const EVENT_FILTERS: readonly OptionEntry[] = [
  { name: 'event', value: 'NAME', about: 'only events of this name, such as refused', many: true },
  { name: 'reason', value: 'NAME', about: 'only events with this reason, such as replayed', many: true },
  { name: 'client', value: 'NAME', about: 'only events of this client' },
  { name: 'address', value: 'ADDRESS', about: 'only events of packets from this address or network' },
  { name: 'since', value: 'TIME', about: 'only events from this time on' },
  { name: 'until', value: 'TIME', about: 'only events up to this time' },
  { name: 'limit', value: 'NUMBER', about: 'how many, from 1 to 1000', usual: '100' },
  { name: 'before', value: 'CURSOR', about: 'go on behind a page: its `next`' },
];

export const EVENTS_JSON: readonly JsonField[] = [
  { path: 'events[].time', type: 'string', about: 'when, in UTC' },
  { path: 'events[].seq', type: 'number', about: 'the number of the line' },
  { path: 'events[].prev', type: 'string | null', about: 'the hash of the line before it' },
  { path: 'events[].event', type: 'string', about: 'what happened, such as granted or refused' },
  { path: 'events[].client', type: 'string', about: 'whose packet', when: OF_EVENT },
  { path: 'events[].source', type: 'string', about: 'the address that the packet came from', when: OF_EVENT },
  { path: 'events[].reason', type: 'string', about: 'why', when: OF_EVENT },
  { path: 'events[].detail', type: 'string', about: 'more about it', when: OF_EVENT },
  { path: 'events[].ports[]', type: 'string', about: 'the ports that were opened', when: OF_EVENT },
  { path: 'events[].forwards[]', type: 'string', about: 'the forwards by which they lead on', when: OF_EVENT },
  { path: 'events[].action', type: 'string', about: 'the name of an action', when: OF_EVENT },
  { path: 'events[].seconds', type: 'number', about: 'for how long', when: OF_EVENT },
  { path: 'events[].skew_ms', type: 'number', about: 'how far a clock was off', when: OF_EVENT },
  { path: 'events[].count', type: 'number', about: 'how many more like it in these seconds', when: OF_EVENT },
  { path: 'next', type: 'string | null', about: 'the cursor for --before; null at the end of the log' },
];

export const EVENTS: CommandEntry = {
  name: 'events',
  summary: 'List the last events of the log',
  about: [
    'Lists lines of the audit log, the newest first, page by page. They come from the journal, or from /var/lib/knockgate/events where the daemon runs without one. A search looks at 200,000 lines at most: a page may have fewer events than --limit, or none, and the search goes on with --before.',
    'TIME is a date with or without a time (2026-11-30, 2026-11-30T14:05; UTC unless it says otherwise), or how long ago: 90m, 24h, 7d.',
  ],
  arguments: [],
  options: EVENT_FILTERS,
  json: EVENTS_JSON,
  examples: [
    { line: 'knockgated events', about: 'The last hundred events.' },
    {
      line: 'knockgated events --event refused --reason replayed --since 24h --limit 1000 --json',
      about: 'What was sent again within a day, for a program.',
    },
    {
      line: 'knockgated events --client alice-laptop --address 203.0.113.0/24 --since 2026-11-01 --until 2026-11-30T14:05',
      about: 'When a client came from one network.',
    },
    { line: 'knockgated events --before s=…', about: 'The next page: the first one ends with its cursor.' },
  ],
};

export const AUDIT_VERIFY: CommandEntry = {
  name: 'audit verify',
  summary: 'Check that nobody has changed the log',
  about: [
    'Each line of the log has a number (`seq`) and the hash of the line before it (`prev`). The daemon keeps number and hash of the last line in /var/lib/knockgate/audit-end. Names every line that was changed, added or removed, and ends with 1 then. Lines of other programs are not counted.',
    'There is no secret in the hashes: root can write a whole new log. Only a copy on another host shows that: --against.',
  ],
  arguments: [{ name: 'FILE', about: 'the log; - is standard input', proposes: 'files' }],
  options: [{ name: 'against', value: 'COPY', about: 'compare with a copy from another host', proposes: 'files' }],
  json: [
    { path: 'lines', type: 'number', about: 'lines of the log' },
    { path: 'first', type: 'number | null', about: 'the number of the first line' },
    { path: 'last', type: 'number | null', about: 'the number of the last line' },
    { path: 'faults[].line', type: 'number', about: 'a line of the file that does not fit' },
    { path: 'faults[].what', type: 'string', about: 'why' },
  ],
  examples: [
    {
      line: 'journalctl -u knockgate -o cat --no-pager | knockgated audit verify -',
      about: 'The journal of this host.',
    },
    {
      line: 'knockgated audit verify log --against copy',
      about: 'A log in a file, and a copy of it from another host.',
    },
  ],
};

export const METRICS: CommandEntry = {
  name: 'metrics',
  summary: 'Print metrics for Prometheus',
  about: [
    'Prints metrics in the text format of Prometheus. Without a daemon that answers it prints `knockgate_up 0`. With --to it writes them into a file, whole or not at all, for the textfile collector of node_exporter. What is there and is not a file, such as a link, is left alone.',
  ],
  arguments: [],
  options: [{ name: 'to', value: 'FILE', about: 'write into this file', proposes: 'files' }],
  examples: [
    { line: 'knockgated metrics', about: 'Look at them.' },
    {
      line: 'knockgated metrics --to /var/lib/prometheus/node-exporter/knockgate.prom',
      about: 'What a timer does, for node_exporter.',
    },
  ],
};
