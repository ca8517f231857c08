import { ConfigurationTarget, workspace } from 'vscode';
import { phrase } from '../../base/phrase.ts';
import { parseName } from '../../spa/enrolment.ts';

/** Fields of a host in the setting. */
export type HostFields = Readonly<Record<string, unknown>>;

/**
 * Puts a host into the user's settings, and replaces one of the same name.
 * @param fields undefined to remove it
 * @throws Problem `bad-text` for a name that no host can have: a command may be called with any text
 */
export async function writeHost(name: string, fields: HostFields | undefined): Promise<void> {
  if (fields !== undefined) parseName(name, phrase('host'));
  const settings = workspace.getConfiguration('knockgate');
  const { [name]: _, ...others } = { ...settings.get<Record<string, unknown>>('hosts') };
  const hosts = fields === undefined ? others : { ...others, [name]: fields };
  await settings.update('hosts', hosts, ConfigurationTarget.Global);
}
