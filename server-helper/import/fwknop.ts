import { join } from 'node:path';
import { Notes } from '../../src/spa/notes.ts';
import type { RequestedPort } from '../../src/spa/payload.ts';
import { formatPort } from '../../src/spa/ports.ts';
import { type AccessStanza, readAccess } from './fwknop-access.ts';
import { readFwknopd } from './fwknopd-conf.ts';
import type { Imported } from './imported.ts';

/** A file to be read, with its name in notes. */
export interface ReadFile {
  readonly text: string;
  readonly file: string;
}

/** A file of keys to be written. */
export interface KeyFile {
  readonly path: string;
  readonly text: string;
}

/** What became of fwknopd's configuration. No key is in `toml` or `notes`. */
export interface ImportedFwknop extends Imported {
  readonly keyFiles: readonly KeyFile[];
}

/** Hidden where no stanza says what it opens. */
const USUAL_PORT: RequestedPort = { protocol: 'tcp', port: 22 };

/**
 * Turns access.conf and fwknopd.conf (fwknopd(8)) into a gate.toml: `[gate]` and a `[[fwknop]]` for each stanza with keys for
 * Rijndael. Nothing in it lets in more than fwknopd did.
 * @param daemon fwknopd.conf, if there is one
 * @param keyFolder absolute path of the folder in which the keys are to be
 */
export function importFwknop(access: ReadFile, daemon: ReadFile | undefined, keyFolder: string): ImportedFwknop {
  const [ofAccess, ofDaemon] = [new Notes(access.file), new Notes(daemon?.file ?? '')];
  const settings = readFwknopd(daemon?.text ?? '', ofDaemon.add);
  const stanzas = readAccess(access.text, ofAccess.add);
  const hidden = portsOfAll(stanzas);
  const tables: string[] = [];
  const keyFiles: KeyFile[] = [];
  for (const stanza of stanzas) {
    const name = `fwknop-${keyFiles.length + 1}`;
    const ports = (stanza.open ?? hidden).filter((port) => !isAmong(stanza.restricted, port));
    if (ports.length === 0) {
      ofAccess.add(stanza.line, 'RESTRICT_PORTS leaves nothing that it opens; the stanza is left out');
      continue;
    }
    if (stanza.open === undefined)
      ofAccess.add(stanza.line, `without OPEN_PORTS it opened any port; ${name} opens what the gate hides`);
    const keyFile = { path: join(keyFolder, name), text: stanza.keys };
    keyFiles.push(keyFile);
    tables.push(tableOf(name, keyFile.path, ports, stanza));
  }
  const gate = [
    '[gate]',
    `ports = ${listOf(hidden)}`,
    // The port of fwknop is for its packets alone.
    `knock_ports = [${settings.port === 443 ? 62_201 : 443}]`,
    `fwknop_port = ${settings.port}`,
    `clock_tolerance = ${settings.tolerance}`,
    `longest_grant = ${Math.max(300, ...stanzas.map(({ longestGrant }) => longestGrant))}`,
    '',
  ].join('\n');
  const notes = [...ofAccess.list(), ...ofDaemon.list()];
  return { toml: tables.length === 0 ? '' : [gate, ...tables].join('\n'), notes, keyFiles };
}

function tableOf(name: string, keyFile: string, ports: readonly RequestedPort[], stanza: AccessStanza): string {
  const { leadsTo = [] } = stanza;
  const nameOf = ({ protocol, port }: RequestedPort) => `${name}-${protocol}-${port}`;
  const forwards = leadsTo.length === 0 ? [] : ports;
  return [
    '[[fwknop]]',
    `name = ${JSON.stringify(name)}`,
    `key_file = ${JSON.stringify(keyFile)}`,
    `ports = ${listOf(ports)}`,
    `grant = ${stanza.grant}`,
    `longest_grant = ${stanza.longestGrant}`,
    ...stanza.fields,
    ...(forwards.length > 0 ? [`forwards = ${JSON.stringify(forwards.map(nameOf))}`] : []),
    '',
    ...forwards.flatMap((port) => [
      '[[forward]]',
      `name = "${nameOf(port)}"`,
      `port = "${formatPort(port)}"`,
      ...leadsTo,
      '',
    ]),
  ].join('\n');
}

function portsOfAll(stanzas: readonly AccessStanza[]): RequestedPort[] {
  const ports = new Map(stanzas.flatMap(({ open = [] }) => open.map((port) => [formatPort(port), port])));
  return ports.size === 0 ? [USUAL_PORT] : [...ports.values()];
}

function isAmong(ports: readonly RequestedPort[], { protocol, port }: RequestedPort): boolean {
  return ports.some((each) => each.protocol === protocol && each.port === port);
}

function listOf(ports: readonly RequestedPort[]): string {
  return `[${ports.map((port) => JSON.stringify(formatPort(port))).join(', ')}]`;
}
