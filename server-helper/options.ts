import { parseArgs } from 'node:util';
import { reasonOf, usage } from './problems.ts';

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  firewall: { type: 'string', default: 'nftables' },
  address: { type: 'string' },
  name: { type: 'string' },
  new: { type: 'boolean', default: false },
  adopt: { type: 'boolean', default: false },
  link: { type: 'boolean', default: false },
  days: { type: 'string' },
  back: { type: 'boolean', default: false },
  finish: { type: 'boolean', default: false },
  port: { type: 'string', multiple: true, default: [] as string[] },
  seconds: { type: 'string' },
  'psk-file': { type: 'string' },
  pcap: { type: 'string' },
} as const;

/** The options of a command line. */
export type Options = ReturnType<typeof readArguments>['values'];

/** @throws Problem `usage` */
export function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // What Node says behind the first sentence is about programming.
    throw usage(reasonOf(error).split('. ')[0] ?? '');
  }
}
