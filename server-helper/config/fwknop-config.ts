import { parseNetwork } from '../../src/base/addresses.ts';
import { covers, formatPortRange, parsePortRange } from '../../src/base/ports.ts';
import { badText } from '../../src/base/problem.ts';
import { DIGEST_NAMES, type Digest, MODES, type Mode } from '../../src/fwknop/algorithms.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import type { ClientPolicy, Forward } from '../policy/policy.ts';
import { readActions } from './action-config.ts';
import type { ConfiguredClient } from './client-config.ts';
import { readForwardNames } from './forward-config.ts';
import type { GateSettings } from './gate-settings.ts';
import { type ConfiguredGpg, readGpg } from './gpg-config.ts';
import { absolutePath, TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** A `[[fwknop]]` of gate.toml: keys and rights of devices that knock with fwknop's own client. */
export interface ConfiguredFwknop extends ClientPolicy {
  readonly keyFile: string;
  readonly mode: Mode;
  /** OpenPGP keys that encrypt and sign the packets; undefined: the key of the key file does. */
  readonly gpg: ConfiguredGpg | undefined;
  /** Undefined: packets have no HMAC. */
  readonly hmac: Digest | undefined;
  /**
   * Seconds of a grant when the client asks for no time. May exceed `longestGrant`, which limits only what clients ask for.
   */
  readonly grant: number;
  /** Whether a packet may name no source: then the address that sends it first gets in. */
  readonly anySource: boolean;
  /** The user name that a message must contain; undefined: any. */
  readonly user: string | undefined;
}

/** Reads a `[[fwknop]]`; what is wrong with it is added to the errors. */
export function readFwknop(
  table: TomlTable,
  gate: GateSettings,
  forwards: readonly Forward[],
  errors: TomlErrors,
): ConfiguredFwknop {
  const reader = new TableReader(table, errors);
  const name = reader.text('name', parseName, '');
  const hmac = reader.choice('hmac', [...DIGEST_NAMES, 'none'], 'sha256');
  const longestGrant = reader.number('longest_grant', 1, gate.longestGrant, gate.longestGrant);
  const stanza: ConfiguredFwknop = {
    name,
    keyFile: reader.text('key_file', absolutePath, ''),
    mode: reader.choice('mode', MODES, 'cbc'),
    gpg: readGpg(reader),
    hmac: hmac === 'none' ? undefined : hmac,
    ports: reader.texts('ports', parsePortRange, gate.ports),
    sources: reader.texts('sources', parseNetwork, []),
    grant: reader.number('grant', 1, gate.longestGrant, Math.min(gate.grant, longestGrant)),
    longestGrant,
    actions: readActions(reader),
    forwards: readForwardNames(reader, forwards),
    notBefore: reader.date('not_before'),
    notAfter: reader.date('not_after'),
    enabled: reader.boolean('enabled', true),
    anySource: reader.boolean('any_source', false),
    user: reader.text('user', printable, undefined),
  };
  if (!reader.has('name')) reader.fail('name', 'a [[fwknop]] needs a name');
  if (!reader.has('key_file')) reader.fail('key_file', `fwknop client ${name} needs a key_file: \`fwknop --key-gen\``);
  if (stanza.gpg !== undefined && stanza.hmac === undefined)
    reader.fail('hmac', `${name} needs an HMAC: without one anybody could have the gate compute with its gpg_key_file`);
  if (stanza.ports.length === 0) reader.fail('ports', `ports of ${name} is empty: use enabled = false to shut it out`);
  for (const port of stanza.ports) {
    if (!gate.ports.some((hidden) => covers(hidden, port)))
      reader.fail('ports', `${formatPortRange(port)} of ${name} is not among the ports that the gate hides`);
  }
  reader.finish();
  return stanza;
}

/** Notes stanzas that contradict one another, a client or the gate's settings. */
export function noteFwknopFaults(
  gate: GateSettings,
  clients: readonly ConfiguredClient[],
  stanzas: readonly ConfiguredFwknop[],
  errors: TomlErrors,
): void {
  const { port, nflogGroup } = gate.fwknop;
  const first = stanzas[0];
  if (first !== undefined && port === undefined)
    errors.add(errors.lineOf(first), 'nobody would hear it: [gate] needs a fwknop_port, such as 62201');
  if (port !== undefined && gate.knockPorts.includes(port))
    errors.add(1, `fwknop_port ${port} is one of knock_ports: packets of fwknop need a port of their own`);
  if (port !== undefined && nflogGroup === gate.nflogGroup && gate.capture === 'nflog')
    errors.add(1, `fwknop_nflog_group is nflog_group: each has one reader`);
  for (const [i, stanza] of stanzas.entries()) {
    const { name } = stanza;
    const taken = [...clients, ...stanzas.slice(0, i)].find((other) => other.name === name && name !== '');
    if (taken !== undefined)
      errors.add(errors.lineOf(stanza), `the name ${name} is taken by line ${errors.lineOf(taken)}`);
  }
}

function printable(text: string, field: string): string {
  if (!/^[ -~]{1,48}$/.test(text)) throw badText(field, text, 'the name that the client sends');
  return text;
}
