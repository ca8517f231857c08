import { posix } from 'node:path';
import { Notes } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { RequestedPort } from '../../src/base/ports.ts';
import { formatPort } from '../../src/base/ports.ts';
import { type AccessStanza, readAccess } from './fwknop-access.ts';
import { type Exports, type GpgPlace, gpgDoors, type WantedKey, wantedKeysOf } from './fwknop-gpg-keys.ts';
import { openWrtLine } from './fwknop-lines.ts';
import { readFwknopd } from './fwknopd-conf.ts';
import type { Imported, KeyFile } from './imported.ts';

/** A file to be read, with its name in notes. */
export interface ReadFile {
  readonly text: string;
  readonly file: string;
}

/** Result of translating fwknopd's configuration. No key is in `toml` or `notes`. */
export interface ImportedFwknop extends Imported {
  readonly keyFiles: readonly KeyFile[];
}

/** Port to hide when no stanza says what it opens. */
const USUAL_PORT: RequestedPort = { protocol: 'tcp', port: 22 };

/** Parts of a `[[fwknop]]` that depend on the kind of its keys. */
interface Door {
  readonly keyFile: string;
  readonly fields: readonly string[];
}

/**
 * Turns access.conf and fwknopd.conf (fwknopd(8)) into a gate.toml: `[gate]` and a `[[fwknop]]` for each stanza with keys for
 * Rijndael, and for each key that may sign of one with keys of GnuPG. Nothing in it lets in more than fwknopd did.
 * @param daemon fwknopd.conf, if there is one
 * @param keyFolder absolute path of the folder in which the keys are to be
 * @param exported what gpg has exported of `wantedGpgKeys`; of the others is said how to export them
 * @param first number of the first table: it is in the names of tables and key files
 */
export function importFwknop(
  access: ReadFile,
  daemon: ReadFile | undefined,
  keyFolder: string,
  exported: Exports = () => undefined,
  first = 1,
): ImportedFwknop {
  const foreign = [access, ...(daemon === undefined ? [] : [daemon])].flatMap(notesOfOpenWrt);
  if (foreign.length > 0) return { toml: '', doors: 0, notes: foreign, keyFiles: [] };
  const [ofAccess, ofDaemon] = [new Notes(access.file), new Notes(daemon?.file ?? '')];
  const settings = readFwknopd(daemon?.text ?? '', ofDaemon.add);
  const stanzas = readAccess(access.text, ofAccess.add);
  const hidden = portsOfAll(stanzas);
  const tables: string[] = [];
  const keyFiles: KeyFile[] = [];
  let doors = 0;
  if (settings.destinationLine !== undefined && stanzas.length > 0)
    ofDaemon.add(
      settings.destinationLine,
      phrase(
        'ENABLE_DESTINATION_RULE opens at one address of this host, and a grant counts at every one, hence enabled = false in every stanza',
      ),
    );
  for (const stanza of stanzas) {
    const ports = (stanza.open ?? hidden).filter((port) => !isAmong(stanza.restricted, port));
    if (ports.length === 0) {
      ofAccess.add(stanza.line, phrase('RESTRICT_PORTS leaves it nothing to open; the stanza is left out'));
      continue;
    }
    if (stanza.open === undefined)
      ofAccess.add(stanza.line, phrase('without OPEN_PORTS it opens any port; here it opens what the gate hides'));
    const limits = new Set([...stanza.fields, ...(settings.destinationLine === undefined ? [] : ['enabled = false'])]);
    const nextName = () => `fwknop-${first + tables.length}`;
    const add = ({ keyFile, fields }: Door): void => {
      tables.push(tableOf(nextName(), keyFile, ports, { ...stanza, fields: [...fields, ...limits] }));
      if (!limits.has('enabled = false')) doors += 1;
    };
    const nextPath = () => posix.join(keyFolder, nextName());
    if (stanza.rijndael !== undefined) {
      const keyFile = { path: nextPath(), text: stanza.rijndael.keys };
      keyFiles.push(keyFile);
      add({ keyFile: keyFile.path, fields: stanza.rijndael.fields });
    }
    if (stanza.gpg !== undefined) {
      const place: GpgPlace = { path: nextPath(), home: stanza.gpg.home ?? settings.gpgHome };
      const ofSigners = gpgDoors(stanza.gpg, place, exported, ofAccess.add);
      keyFiles.push(...ofSigners.files);
      for (const fields of ofSigners.doors)
        add({ keyFile: place.path, fields: [`hmac = "${stanza.digest}"`, ...fields] });
    }
  }
  const gate = [
    '[gate]',
    `ports = ${listOf(hidden)}`,
    // The port for fwknop's packets can have no other use.
    `knock_ports = [${settings.port === 443 ? 62_201 : 443}]`,
    `fwknop_port = ${settings.port}`,
    `clock_tolerance = ${settings.tolerance}`,
    `longest_grant = ${Math.max(300, ...stanzas.flatMap(({ grant, longestGrant }) => [grant, longestGrant]))}`,
    '',
  ].join('\n');
  const notes = [...ofAccess.list(), ...ofDaemon.list()];
  return { toml: tables.length === 0 ? '' : [gate, ...tables].join('\n'), doors, notes, keyFiles };
}

function notesOfOpenWrt({ text, file }: ReadFile): string[] {
  const line = openWrtLine(text);
  if (line === undefined) return [];
  const notes = new Notes(file);
  notes.add(
    line,
    phrase(
      'this is OpenWrt’s own form of fwknopd’s settings (UCI): import the access.conf that its init script makes of it, below /var/etc, instead',
    ),
  );
  return notes.list();
}

/** Lists the keys that `importFwknop` takes from GnuPG's folders, each once. */
export function wantedGpgKeys(access: ReadFile, daemon: ReadFile | undefined): WantedKey[] {
  const ignore = () => {};
  const { gpgHome } = readFwknopd(daemon?.text ?? '', ignore);
  return readAccess(access.text, ignore).flatMap(({ gpg }) =>
    gpg === undefined ? [] : wantedKeysOf(gpg, gpg.home ?? gpgHome),
  );
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
