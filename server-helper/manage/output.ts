import { inColumns } from '../../src/base/columns.ts';
import { listOfFields } from '../../src/base/loose-json.ts';
import type { ClientRemoval, ShownClient, ShownOther } from './client.ts';

/** Output of the subcommands for people; `--json` prints the same for programs. */

export function showStatus(status: unknown): string {
  const lines = entriesOf(status).map(([name, value]) => `${`${name}:`.padEnd(13)} ${showValue(value)}`);
  return lines.join('\n');
}

export function showGrants(grants: unknown): string {
  const rows = listOfFields(grants);
  if (rows.length === 0) return 'Nobody is let in at the moment.';
  return columns([
    ['CLIENT', 'ADDRESS', 'PORT', 'SECONDS LEFT'],
    ...rows.map(({ client, address, port, seconds }) => [client, address, port, seconds].map(String)),
  ]);
}

/** Shows the answer to `revoke`: a mistyped name or address must not look like a success. */
export function showRevoked(result: unknown, whom: string): string {
  const [, ended] = entriesOf(result).find(([name]) => name === 'ended') ?? [];
  if (ended === 0) return `${whom} has no grants: nothing to end. \`knockgated list\` shows who is let in.`;
  return `The grants of ${whom} are ended; connections that are up live on.`;
}

/** Shows the answer to `client list`. It also names the other ways in, so that it does not look complete without them. */
export function showClients(clients: readonly ShownClient[], others: readonly ShownOther[]): string {
  const known =
    clients.length === 0
      ? 'Nobody may knock yet. Enrol a client with: knockgated client add LINE'
      : columns([
          ['NAME', 'PORTS', 'KEY'],
          ...clients.map(({ name, ports, key, enabled, origin }) => [
            `${name}${enabled ? '' : ' (off)'}${origin === undefined ? '' : ` (${origin})`}`,
            ports.join(' '),
            key,
          ]),
        ]);
  if (others.length === 0) return known;
  const rows = others.map(({ kind, name, ports }) => [KIND[kind], name, ports.join(' ')]);
  return `${known}\n\nBesides:\n${columns(rows)}`;
}

const KIND: Readonly<Record<ShownOther['kind'], string>> = {
  fwknop: 'fwknop',
  sequence: 'sequence of ports',
  trusted: 'trusted, without a knock',
};

export function showRemoved({ name, nobody_left }: ClientRemoval, inForce: string): string {
  const removed = `${name} may not knock any more: ${inForce}.`;
  if (!nobody_left) return removed;
  return `${removed}\nNobody may knock at this gate now. Enrol a client before you leave: knockgated client add LINE`;
}

function columns(rows: readonly (readonly string[])[]): string {
  return inColumns(rows).join('\n');
}

function showValue(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  if (value === null) return 'no';
  if (typeof value === 'object')
    return entriesOf(value)
      .map(([name, inner]) => `${name} ${inner}`)
      .join(', ');
  return String(value);
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
