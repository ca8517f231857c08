import { type Note, Notes } from '../../src/base/notes.ts';
import { phrase } from '../../src/base/phrase.ts';
import type { PortRange } from '../../src/base/ports.ts';
import type { ClientEnrolment } from '../../src/spa/enrolment.ts';
import { type AldabaSetting, lastSetting, readAldabaConf } from './aldaba-conf.ts';
import { clientGate, distinctPorts, type Opened } from './client-gate.ts';
import type { ReadFile } from './fwknop.ts';
import type { Imported } from './imported.ts';

/** Seconds for which aldabad opens, unless its command line says otherwise. */
const OPEN_SECONDS = 60;
const TECHNIQUES = new Set(['SPA', 'PK', 'portknocking']);

/**
 * Turns the configurations of aldabad and of its client into a gate.toml. aldabad opens any port that is asked for: the ports are
 * those that the client's configuration asks for.
 */
export function importAldaba(server: ReadFile, client: ReadFile, clients: readonly ClientEnrolment[]): Imported {
  const [ofServer, ofClient] = [new Notes(server.file), new Notes(client.file)];
  const settings = readAldabaConf(server.text, 'server', ofServer.add);
  const asked = readAldabaConf(client.text, 'client', ofClient.add);
  const isServer = settings !== undefined && isUsable(settings, ofServer.add);
  const ports = asked && portsOf(asked, ofClient.add);
  const notes = () => [...ofServer.list(), ...ofClient.list()];
  if (!isServer || asked === undefined || ports === undefined) return { toml: '', doors: 0, notes: notes() };
  const line = lastSetting(settings, 'passphrase')?.line ?? 1;
  ofServer.add(line, phrase('the passphrase is not carried over: each client has a key of its own'));
  ofServer.add(
    line,
    phrase('aldabad opens any port that is asked for: here a client opens those of {0}, and no others', client.file),
  );
  ofServer.add(
    line,
    phrase('aldabad opens for {0} seconds: if it runs with -o, write that number for grant', OPEN_SECONDS),
  );
  for (const { name, line: at } of settings)
    if (name !== 'passphrase') ofServer.add(at, phrase('{0} is left out: a gate has its own packet', name));
  const isSix = /6$/.test(lastSetting(asked, 'ip-version')?.value ?? '');
  const opened: Opened = { ports, seconds: OPEN_SECONDS, families: [isSix ? 'ipv6' : 'ipv4'] };
  return { toml: clientGate(opened, clients), doors: clients.length, notes: notes() };
}

/** Whether aldabad would start, and let anybody in. */
function isUsable(settings: readonly AldabaSetting[], note: Note): boolean {
  const technique = lastSetting(settings, 'technique');
  if (technique !== undefined && !TECHNIQUES.has(technique.value)) {
    note(technique.line, phrase('this technique is unknown, and aldabad does not start'));
    return false;
  }
  // The client's addresses would be all of the internet, which is more than the file lets in.
  const limit = settings.find(({ name }) => name === 'bpf-filter' || name === 'interface');
  if (limit !== undefined) {
    note(limit.line, phrase('{0} limits who can knock: write the sources of each client by hand', limit.name));
    return false;
  }
  const promiscuous = lastSetting(settings, 'promiscuous');
  if (promiscuous?.value === 'no') {
    note(promiscuous.line, phrase('aldabad does not start with promiscuous = no'));
    return false;
  }
  if (lastSetting(settings, 'passphrase') !== undefined) return true;
  note(1, phrase('it has no passphrase: nobody could knock'));
  return false;
}

/** Ports that the client asks to be opened; undefined when there are none, or one cannot be carried over. */
function portsOf(settings: readonly AldabaSetting[], note: Note): PortRange[] | undefined {
  const action = settings.find(({ name, value }) => name === 'action' && !['open', '1'].includes(value));
  if (action !== undefined) {
    note(action.line, phrase('it asks for something else than to open: write a [[forward]] for what leads elsewhere'));
    return undefined;
  }
  const forward = lastSetting(settings, 'forward-ip');
  if (forward !== undefined) {
    note(forward.line, phrase('forward-ip leads to another host: write a [[forward]] for it'));
    return undefined;
  }
  const named = settings.filter(({ name }) => name === 'port');
  const ports: PortRange[] = [];
  // Without a port the client asks for this one.
  for (const { value, line } of named.length === 0 ? [{ value: '22', line: 1 }] : named) {
    const [, digits = '', protocol = 'any'] = /^([0-9]{1,5})(?:\/(tcp|udp|any))?$/.exec(value) ?? [];
    const port = Number(digits);
    if (port < 1 || port > 65_535) {
      note(line, phrase('a gate hides ports of TCP and UDP, and this is none'));
      return undefined;
    }
    if (protocol === 'any')
      note(line, phrase('it names no protocol: tcp is carried over, which is all that the script of Aldaba opens'));
    ports.push({ protocol: protocol === 'udp' ? 'udp' : 'tcp', first: port, last: port });
  }
  return distinctPorts(ports);
}
