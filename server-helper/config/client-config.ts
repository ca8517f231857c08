import { parseNetwork } from '../../src/base/addresses.ts';
import { covers, formatPortRange, parsePortRange } from '../../src/base/ports.ts';
import { nodeCrypto } from '../../src/spa/crypto-node.ts';
import { parseName } from '../../src/spa/enrolment.ts';
import { formatKey, isLowOrder, parsePublicKey } from '../../src/spa/keys.ts';
import type { ClientPolicy, Forward } from '../policy/policy.ts';
import { readActions } from './action-config.ts';
import { readForwardNames } from './forward-config.ts';
import { type GateSettings, LONGEST_GRANT } from './gate-settings.ts';
import { absolutePath, TableReader, type TomlErrors, type TomlTable } from './toml-table.ts';

/** A `[[client]]` of gate.toml: its rights, and the keys by which it is recognized. */
export interface ConfiguredClient extends ClientPolicy {
  readonly key: Uint8Array;
  /** The key as people see it. */
  readonly keyText: string;
  readonly pskFile: string | undefined;
  /** Path of the key for its one-time sequences; undefined when it may not use any. */
  readonly sequenceKeyFile: string | undefined;
  /** Action that its one-time sequences run; undefined: none. */
  readonly sequenceAction: string | undefined;
  /** The kernel does not open for it by itself. */
  readonly strict: boolean;
}

/** Reads a `[[client]]`; what is wrong with it is added to the errors. */
export function readClient(
  table: TomlTable,
  gate: GateSettings,
  forwards: readonly Forward[],
  errors: TomlErrors,
): ConfiguredClient {
  const reader = new TableReader(table, errors);
  const name = reader.text('name', parseName, '');
  const key = reader.text('key', parsePublicKey, new Uint8Array(0));
  const client: ConfiguredClient = {
    name,
    key,
    keyText: formatKey(key),
    pskFile: reader.text('psk_file', absolutePath, undefined),
    sequenceKeyFile: reader.text('sequence_key_file', absolutePath, undefined),
    sequenceAction: reader.text('sequence_action', parseName, undefined),
    ports: reader.texts('ports', parsePortRange, gate.ports),
    sources: reader.texts('sources', parseNetwork, []),
    notBefore: reader.date('not_before'),
    notAfter: reader.date('not_after'),
    longestGrant: reader.number('longest_grant', 1, LONGEST_GRANT, gate.longestGrant),
    actions: readActions(reader),
    forwards: readForwardNames(reader, forwards),
    enabled: reader.boolean('enabled', true),
    strict: reader.boolean('strict', gate.strict),
  };
  if (!reader.has('name')) reader.fail('name', 'a [[client]] needs a name');
  if (!reader.has('key')) reader.fail('key', `client ${name} needs a key: \`knockgate pubkey\` prints it`);
  if (client.key.length > 0 && isLowOrder(nodeCrypto, client.key))
    reader.fail('key', `the key of ${name} is a low-order point, with which anybody could knock`);
  if (client.longestGrant > gate.longestGrant)
    reader.fail('longest_grant', `longest_grant of ${name} is above the gate's ${gate.longestGrant}`);
  if (gate.strict && !client.strict) reader.fail('strict', `strict of ${name} is false, and the gate's is true`);
  if (client.ports.length === 0) reader.fail('ports', `ports of ${name} is empty: use enabled = false to shut it out`);
  for (const port of client.ports) {
    if (!gate.ports.some((hidden) => covers(hidden, port)))
      reader.fail('ports', `${formatPortRange(port)} of ${name} is not among the ports that the gate hides`);
  }
  if (client.notBefore !== undefined && client.notAfter !== undefined && client.notBefore >= client.notAfter)
    reader.fail('not_after', `not_after of ${name} is not later than its not_before`);
  reader.finish();
  return client;
}

/** Notes clients that share a name or a key. */
export function noteDuplicates(clients: readonly ConfiguredClient[], errors: TomlErrors): void {
  // With thousands of clients a loop takes a good part of a reload, and hardly ever finds anything.
  const isEachAnother = (of: (client: ConfiguredClient) => string): boolean =>
    new Set(clients.map(of)).size === clients.length;
  if (isEachAnother(({ name }) => name) && isEachAnother(({ keyText }) => keyText)) return;
  const names = new Map<string, ConfiguredClient>();
  const keys = new Map<string, ConfiguredClient>();
  for (const client of clients) {
    const { name, keyText } = client;
    const sameName = name === '' ? undefined : names.get(name);
    const sameKey = keyText === '' ? undefined : keys.get(keyText);
    if (sameName !== undefined)
      errors.add(errors.lineOf(client), `the name ${name} is taken by the client of line ${errors.lineOf(sameName)}`);
    else if (sameKey !== undefined)
      errors.add(errors.lineOf(client), `${name} has the same key as ${sameKey.name}: every device needs its own`);
    names.set(name, client);
    keys.set(keyText, client);
  }
}
