import { parse } from 'smol-toml';
import { fieldsOf } from '../../base/loose-json.ts';

/** Content of a gate.toml, as far as a deployment has to know it. */
export interface ConfigLook {
  /** Ports that it hides and hears knocks on; undefined when there is none, or none that can be read. */
  readonly inForce: { readonly ports: readonly string[]; readonly knockPorts: readonly number[] } | undefined;
  /** Public keys that the gate knows, by name. */
  readonly clients: ReadonlyMap<string, string>;
}

/** Defaults of gate.toml(5). */
const USUAL = { ports: ['tcp/22'], knockPorts: [443, 62201] };

/** Ports are shown in documents: what cannot be one is left out. */
const PORT = /^[a-z]{1,8}\/(?:\*|[0-9]{1,5}(?:-[0-9]{1,5})?)$/;

/** Reads a gate.toml, loosely: the daemon checks it, and may be the very thing that is to be mended. */
export function readConfig(text: string | undefined): ConfigLook {
  const { gate, client } = fieldsOf(text === undefined ? undefined : parsed(text));
  const { ports, knock_ports: knockPorts } = fieldsOf(gate);
  const clients = (Array.isArray(client) ? client : []).map(fieldsOf);
  return {
    inForce:
      gate === undefined
        ? undefined
        : {
            ports: Array.isArray(ports) ? ports.map(String).filter((port) => PORT.test(port)) : USUAL.ports,
            knockPorts: Array.isArray(knockPorts) ? knockPorts.map(Number) : USUAL.knockPorts,
          },
    clients: new Map(clients.map(({ name, key }) => [String(name), String(key)])),
  };
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
