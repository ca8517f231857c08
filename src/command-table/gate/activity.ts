import type { CommandEntry } from '../entry.ts';

/* The commands that show the events at a gate. */

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

export const METRICS: CommandEntry = {
  name: 'metrics',
  summary: 'Print metrics for Prometheus',
  about: [
    'Prints metrics in the text format of Prometheus. Without a daemon that answers it prints `knockgate_up 0`. With --to it writes them into a file, whole or not at all, for the textfile collector of node_exporter; a file of another user is replaced.',
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
