import type { CommandEntry } from '../entry.ts';

/* The commands of a gate for the fleet that it is in. */

export const FLEET_ADOPT: CommandEntry = {
  name: 'fleet adopt',
  summary: 'Let signed documents of a fleet name clients of this gate',
  about: [
    'Writes down whose documents this gate takes. Clients of gate.toml stay as they are, and come before those of documents.',
  ],
  arguments: [{ name: 'ORG-HASH', about: 'the hash of root/1: 64 hexadecimal digits' }],
  options: [{ name: 'as', value: 'GATE-ID', about: 'what the policy calls this gate' }],
  json: [
    { path: 'org', type: 'string', about: 'the hash of root/1' },
    { path: 'gate', type: 'string', about: 'the id of this gate' },
  ],
  examples: [
    {
      line: 'knockgated fleet adopt 5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f --as web1',
      about: 'Take the documents of this fleet, as its gate web1.',
    },
  ],
};

export const FLEET_APPLY: CommandEntry = {
  name: 'fleet apply',
  summary: 'Take a set of documents',
  about: [
    'Reads a parcel from a file or from standard input, verifies every signature, and takes the set as a whole. When anything is wrong, the set before stays as a whole, and the error names the document. A set after which nobody who is known to get in could is refused.',
  ],
  arguments: [{ name: 'FILE', optional: true, about: 'the parcel; without it, standard input' }],
  options: [],
  json: [
    { path: 'head', type: 'number', about: 'the number of the head in force' },
    { path: 'root', type: 'number', about: 'the number of the root in force' },
    { path: 'clients', type: 'number', about: 'how many devices the set lets in here' },
    { path: 'reloaded', type: 'boolean', about: 'whether a daemon runs, which took the change' },
    { path: 'alarms[].code', type: 'string', about: 'what the owner should know: a code of docs/fleet.md' },
    { path: 'alarms[].document', type: 'string', about: 'about which document' },
    { path: 'alarms[].why', type: 'string', about: 'why' },
  ],
  examples: [],
};

export const FLEET_LEAVE: CommandEntry = {
  name: 'fleet leave',
  summary: 'Go back to the clients of gate.toml alone',
  about: ['Removes the documents, and ends the grants of their clients. It needs no signature and no network.'],
  arguments: [],
  options: [],
  json: [
    { path: 'left', type: 'boolean', about: 'whether the gate was in a fleet' },
    { path: 'reloaded', type: 'boolean', about: 'whether a daemon runs, which took the change' },
  ],
  examples: [{ line: 'knockgated fleet leave', about: 'Root on the gate outranks the fleet.' }],
};

export const FLEET_STATUS: CommandEntry = {
  name: 'fleet status',
  summary: 'Say which documents are in force, and what is wrong with them',
  about: ['Verifies the set in force once more, and lists the alarms. An alarm shuts nobody out.'],
  arguments: [],
  options: [],
  json: [
    { path: 'org', type: 'string', about: 'the hash of root/1' },
    { path: 'gate', type: 'string', about: 'the id of this gate' },
    { path: 'head', type: 'number | null', about: 'the number of the head in force; null before the first set' },
    { path: 'root', type: 'number | null', about: 'the number of its root' },
    { path: 'clients', type: 'number', about: 'how many clients get in by documents now' },
    { path: 'revocations', type: 'number', about: 'how many revocations count' },
    { path: 'alarms[]', type: 'string', about: 'what the owner should know' },
  ],
  examples: [{ line: 'knockgated fleet status', about: 'Which documents count, and what is wrong with them.' }],
};
