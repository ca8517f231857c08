import { joined, type Phrase, phrase } from '../base/phrase.ts';
import type { Remote } from './connection/remote.ts';
import type { DeployInput } from './deploy-input.ts';
import { inspect } from './inspect.ts';
import { CONFIG } from './installed-files.ts';
import type { Facts } from './preflight/facts.ts';
import { neededPackages } from './preflight/needs.ts';

const PROBE_MS = 3000;

/**
 * State of a server after a deployment was rolled back. The server itself is asked, over the open session and from outside: nothing
 * is assumed.
 * @param before what was found on it before anything was changed
 */
export async function aftermath(remote: Remote, before: Facts, input: DeployInput): Promise<Phrase> {
  const { host, gateFiles, clock } = input;
  try {
    const { facts } = await inspect(remote, host, gateFiles, [], () => clock.wallMs());
    return joined([comparison(host, before, facts), await portText(facts, input)], ' ');
  } catch {
    // The first error is already reported; this one is about the look alone.
    return phrase('Everything was taken back, but {0} could not be looked at afterwards.', host);
  }
}

function comparison(host: string, before: Facts, after: Facts): Phrase {
  const differences = differencesOf(before, after);
  if (differences.length > 0) return phrase('{0} is not as it was before: {1}.', host, joined(differences, ', '));
  const packages = [...neededPackages(before)].filter((name) => !neededPackages(after).has(name));
  return packages.length === 0
    ? phrase('{0} is as it was before.', host)
    : phrase('{0} is as it was before, but for the packages {1}.', host, packages.join(', '));
}

/** Things that a deployment can change, but for packages, which stay. */
function differencesOf(before: Facts, after: Facts): (Phrase | string)[] {
  const paths = new Set([...before.files.keys(), ...after.files.keys()]);
  const changed = [...paths].filter((path) => before.files.get(path) !== after.files.get(path));
  return [
    ...changed,
    ...(before.config === after.config ? [] : [CONFIG]),
    ...after.folders.filter((folder) => !before.folders.includes(folder)),
    ...(before.hasUser === after.hasUser ? [] : [phrase('the user knockgate')]),
    ...(before.active === after.active ? [] : [after.active ? phrase('a gate runs') : phrase('no gate runs')]),
    ...(before.enabled === after.enabled ? [] : [phrase('what runs at the next boot')]),
  ];
}

/** State of a port as this computer sees it. */
async function portText(facts: Facts, { host, login, resolve, probe }: DeployInput): Promise<Phrase> {
  const { hostName, port } = login.settings;
  const [address = hostName] = await resolve(hostName).catch(() => [hostName]);
  const probed = await probe(address, port, PROBE_MS, new AbortController().signal);
  if (probed.kind === 'open') {
    probed.socket.destroy();
    return phrase('tcp/{0} is shown.', port);
  }
  return facts.active
    ? phrase('Its gate hides tcp/{0}, and opens to this device.', port)
    : phrase('tcp/{0} does not answer from here: see whether {1} is reachable.', port, host);
}
