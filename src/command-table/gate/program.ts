import type { ProgramEntry } from '../entry.ts';
import { ACTIVITY, AUDIT_VERIFY, EVENTS, METRICS } from './activity.ts';
import { CLIENT_ADD, CLIENT_LIST, CLIENT_REMOVE, KEY, ROTATE, SEQUENCE } from './clients.ts';
import { CHECK, CONFIRM, FLUSH, GRANT, LIST, RELOAD, REVOKE, RUN, RUN_ACTION, STATUS, TRIAL } from './daemon.ts';
import { FLEET_ADOPT, FLEET_APPLY, FLEET_LEAVE, FLEET_STATUS } from './fleet.ts';
import { IMPORT_ALDABA, IMPORT_FWKNOP, IMPORT_KNOCKD, IMPORT_PYKNOCK, IMPORT_XT_PKNOCK } from './imports.ts';

/** The command line of a gate, on the server. */
export const GATE: ProgramEntry = {
  name: 'knockgated',
  summary: 'Hides ports of this machine until somebody with a key knocks.',
  groups: [
    { title: 'Look', commands: [STATUS, LIST, ACTIVITY, EVENTS, METRICS, AUDIT_VERIFY, CHECK] },
    { title: 'Grants', commands: [GRANT, REVOKE, FLUSH] },
    { title: 'Clients', commands: [CLIENT_ADD, CLIENT_LIST, CLIENT_REMOVE, KEY, ROTATE, SEQUENCE] },
    { title: 'Fleet', commands: [FLEET_ADOPT, FLEET_APPLY, FLEET_LEAVE, FLEET_STATUS] },
    { title: 'Run', commands: [RUN, RUN_ACTION, TRIAL, CONFIRM, RELOAD] },
    { title: 'Move here', commands: [IMPORT_KNOCKD, IMPORT_FWKNOP, IMPORT_PYKNOCK, IMPORT_XT_PKNOCK, IMPORT_ALDABA] },
  ],
  options: [
    { name: 'config', value: 'FILE', about: 'the configuration', usual: '/etc/knockgate/gate.toml', proposes: 'files' },
  ],
  notes: [
    'Signals: SIGHUP reads the configuration again (a bad one changes nothing); SIGTERM stops, the ports stay hidden.',
    'To show the ports again: stop the daemon, then `nft delete table inet knockgate`.',
  ],
};
