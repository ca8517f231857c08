import { LOGIN_OPTIONS } from '../client/options.ts';
import type { ProgramEntry } from '../entry.ts';
import { ACTIVITY, EVENTS } from './activity.ts';
import { CLIENT_ADD, CLIENT_LIST, CLIENT_REMOVE, ROTATE } from './clients.ts';
import { CHECK, FLUSH, GRANT, LIST, REVOKE, STATUS } from './daemon.ts';

/** Subcommands of knockgated that are safe from afar: they lock out nobody who is in. */
export const FROM_AFAR: ProgramEntry = {
  name: 'knockgate gate HOST',
  summary: 'Asks the gate of a server, over ssh.',
  groups: [
    { title: 'Look', commands: [STATUS, LIST, ACTIVITY, EVENTS, CHECK] },
    { title: 'Grants', commands: [GRANT, REVOKE, FLUSH] },
    { title: 'Clients', commands: [CLIENT_ADD, CLIENT_LIST, CLIENT_REMOVE, ROTATE] },
  ],
  options: LOGIN_OPTIONS,
  notes: [],
};
