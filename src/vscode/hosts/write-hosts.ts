import { ConfigurationTarget, workspace } from 'vscode';
import { phrase } from '../../base/phrase.ts';
import { parseName } from '../../spa/enrolment.ts';

/** The fields of a host as the setting has them. */
export type HostFields = Readonly<Record<string, unknown>>;

/**
 * Puts a host into the user's settings, in the place of what was there under its name.
 * @param fields undefined to take it out
 * @throws Problem `bad-text` for a name that no host can have: a command may be called with any
 */
export async function writeHost(name: string, fields: HostFields | undefined): Promise<void> {
  if (fields !== undefined) parseName(name, phrase('host'));
  const settings = workspace.getConfiguration('knockgate');
  const { [name]: _, ...others } = { ...settings.get<Record<string, unknown>>('hosts') };
  const hosts = fields === undefined ? others : { ...others, [name]: fields };
  await settings.update('hosts', hosts, ConfigurationTarget.Global);
}
