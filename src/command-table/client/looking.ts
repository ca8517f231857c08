import type { CommandEntry } from '../entry.ts';
import { GATE_LINE, HOST, IDENTITY, PSK_FILE } from './options.ts';

/* The commands that find out how a host is, from here. */

export const STATUS: CommandEntry = {
  name: 'status',
  summary: 'Say for each host whether it is hidden or open from here',
  about: [
    'Looks at the port of ssh of each host, without a knock: `hidden` when it does not answer, `open` for as long as an earlier knock of this device lets it in, `not hidden` when it answers anyway. How the gate on a server is, says `knockgate gate HOST status`.',
  ],
  arguments: [{ ...HOST, optional: true, many: true, about: 'which hosts; otherwise all of hosts.toml' }],
  options: [{ ...IDENTITY, about: 'the key whose knocks count' }],
  json: [
    { path: 'hosts[].host', type: 'string', about: 'its name' },
    { path: 'hosts[].state', type: 'string', about: '`open`, `hidden`, `not hidden`, `refuses` or `unreachable`' },
    {
      path: 'hosts[].address',
      type: 'string | null',
      about: 'the address that was tried; null when its name was not found',
    },
    { path: 'hosts[].port', type: 'string', about: 'such as tcp/22' },
    {
      path: 'hosts[].secondsLeft',
      type: 'number',
      about: 'for how long an earlier knock lets new connections in; 0 for not',
    },
    { path: 'hosts[].why', type: 'string', about: 'more for people; may be empty' },
  ],
  examples: [
    { line: 'knockgate status', about: 'Every host.' },
    { line: 'knockgate status prod --identity key --json', about: 'One host, for a program.' },
  ],
};

export const DIAGNOSE: CommandEntry = {
  name: 'diagnose',
  summary: 'Find out which part of the way to a host fails',
  about: [
    'Walks the whole way of a knock: name, route, key, clock, knock ports, the port, sshd. Says what fails and what to do, as Diagnose Host… does in the editor. It knocks. Ends with 0 when a connection works, and with 12 otherwise.',
  ],
  arguments: [HOST],
  options: [
    { name: 'issue', about: 'print a text to paste into an issue: in English, without keys, names and addresses' },
    GATE_LINE,
    IDENTITY,
    PSK_FILE,
  ],
  json: [
    { path: 'host', type: 'string', about: 'its name' },
    {
      path: 'code',
      type: 'string',
      about: 'the verdict, such as open, clock, silent; it never changes once it was released',
    },
    { path: 'what', type: 'string', about: 'the verdict for people' },
    { path: 'next', type: 'string', about: 'what to do' },
    { path: 'steps[].name', type: 'string', about: 'each step, in order' },
    { path: 'steps[].result', type: 'string', about: '`ok`, `not ok` or `unknown`' },
    { path: 'steps[].finding', type: 'string', about: 'a sentence or two' },
    { path: 'clientLine', type: 'string | null', about: 'the line that the gate must know; null without a key' },
  ],
  examples: [
    { line: 'knockgate diagnose prod', about: 'When ssh prod hangs.' },
    { line: 'knockgate diagnose prod --issue', about: 'For a question to others.' },
    {
      line: "knockgate diagnose 203.0.113.7 --gate 'knockgate1 gate …' --identity key --psk-file psk",
      about: 'A gate that hosts.toml does not know.',
    },
  ],
};
